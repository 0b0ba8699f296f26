#!/usr/bin/env python3
"""Checks the size of functions, files and lines, and looks for calls that are banned.

What breaks a rule with a reason stands in exceptions.txt.
"""
import re

import sources

FUNCTION_LINES = 60
FILE_LINES = {".cc": 400, ".h": 260}
COLUMNS = 120

# Calls, the files they are banned from, and what to use instead.
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])(sleep)\(")
OUTPUT = re.compile(r"\bstd::(cout|cerr)\b|(?<!\w)(?:std::)?(fprintf|printf|puts)\(")
LIBRARIES = re.compile(r"(storage|services|cli)/(?!.*\bmain\.cc$)")
BANNED = (
    (SLEEP, re.compile(""), "wait for a condition with a deadline (storage/base/worker.h, tests/support/eventually.h)"),
    (OUTPUT, LIBRARIES, "return the text or log it: only main.cc writes to the terminal"),
)

# Comments, string and character literals. A quote between digits separates thousands.
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL)
SCOPE = re.compile(r"(^|\s)(namespace|class|struct|union|extern)\b[^=()]*$")


def code_of(text):
    """The text with comments and literals blanked out, line for line."""
    return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def functions_of(code):
    """(name, first line, lines) of every function that is defined at namespace or class level.

    A function is a block whose closing brace stands alone on its line, as clang-format writes it.
    """
    lines = code.splitlines()
    scopes = []  # for every open brace: does it only hold declarations, its line, the statement before it
    start = 0  # of the statement that is being read
    for place in re.finditer(r"[{};]", code):
        line = code.count("\n", 0, place.start()) + 1
        if place[0] == "{":
            before = code[start:place.start()]
            inside = all(scope for scope, _, _ in scopes)
            scopes.append((inside and bool(SCOPE.search(before)), line, before))
        elif place[0] == "}" and scopes:
            scope, first, before = scopes.pop()
            alone = lines[line - 1].strip() == "}"
            if not scope and alone and all(outer for outer, _, _ in scopes):
                yield name_of(before), first, line - first + 1
        start = place.end()


def name_of(before):
    found = re.findall(r"([\w:~]+)\s*\(", re.sub(r"^\s*#.*$", "", before, flags=re.M))
    macro = re.search(r"\bTEST(?:_[FP])?\(\s*(\w+)\s*,\s*(\w+)", before)
    return f"{macro[1]}.{macro[2]}" if macro else found[0] if found else "(a function)"


def check_sizes(path, text, code, exceptions):
    lines = text.splitlines()
    suffix = path[path.rfind("."):]
    most = FILE_LINES.get(suffix)
    if most and len(lines) > most and not exceptions.allow("file", path, len(lines)):
        yield f"{path}:1: {len(lines)} lines, at most {most}: split the file"
    if most:
        for name, line, size in functions_of(code):
            if size > FUNCTION_LINES and not exceptions.allow("function", f"{path}:{name}", size):
                yield f"{path}:{line}: function {name} has {size} lines, at most {FUNCTION_LINES}: split it"


def check_width(path, text, exceptions):
    fenced = False  # output and samples in Markdown are not wrapped, and neither are tables
    wide = []
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= path.endswith(".md") and line.lstrip().startswith("```")
        if len(line) > COLUMNS and not (path.endswith(".md") and (fenced or line.lstrip().startswith("|"))):
            wide.append(number)
    if wide and not exceptions.allow("width", path, len(wide)):
        for number in wide:
            yield f"{path}:{number}: wider than {COLUMNS} columns: wrap the line"


def check_calls(path, code, exceptions):
    for number, line in enumerate(code.splitlines(), 1):
        for call, where, instead in BANNED:
            found = call.search(line)
            if found and where.match(path):
                name = next(filter(None, found.groups()), found[0])
                if not exceptions.allow("call", f"{path}:{name}"):
                    yield f"{path}:{number}: {name} is banned: {instead}"


def check(files, exceptions_text):
    exceptions = sources.Exceptions(exceptions_text, ("function", "file", "width", "call"))
    problems = []
    for path, text in files:
        if path.endswith((".cc", ".h")):
            code = code_of(text)
            problems += check_sizes(path, text, code, exceptions)
            problems += check_calls(path, code, exceptions)
        problems += check_width(path, text, exceptions)
    return problems + exceptions.left()


if __name__ == "__main__":
    sources.end(check(sources.read("*.cc", "*.h", "*.sql", "*.md"), (sources.TOP / sources.EXCEPTIONS).read_text()))
