#!/usr/bin/env python3
"""Looks in the pages (*.md) for files, headings, settings and options that do not exist.

Paths are those of links and those in `backticks` that start with a folder of the repository or end like one of its
sources. Options are checked against docs/settings.md, the options of journeyctl and those of the project's scripts.
What is right all the same, such as an option of another program, stands in exceptions.txt with its reason.
"""
import fnmatch
import os.path
import pathlib
import re

import sources

LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.*/-]*\w")
SOURCE = re.compile(r"\.(cc|h|proto|sql|cmake|md)$")
GENERATED = re.compile(r"\.pb\.(cc|h)$|_pb2(_grpc)?\.py$")
OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]+)")
VARIABLE = re.compile(r"\bJOURNEYFEED_[A-Z][A-Z0-9_]*")
# Where options and variables that are not settings are declared.
DECLARATIONS = ("cli/*.cc", "services/settings*.cc", "services/main.cc", "run", "test", ".ci/*", "deploy/*", "tests/*",
                "cmake/*", "*CMakeLists.txt", "CMakePresets.json")
NO_DECLARATION = re.compile(r"\.md$|^deploy/lint/.*\.(py|txt|binpb)$")


def anchors_of(text):
    """The fragments of a page's headings, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, flags=re.M)}


def link_problem(page, link, pages, exists):
    if re.match(r"[a-z]+:", link):
        return None
    path, _, anchor = link.partition("#")
    target = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
    if not exists(target):
        return f"no file {target}"
    if anchor and target in pages and anchor not in anchors_of(pages[target]):
        return f"{target} has no heading #{anchor}"
    return None


def named_file(page, text, paths, folders):
    """What looks like a path of the repository and is none, or None."""
    text = re.sub(r":\d+(-\d+)?$", "", text.rstrip("/"))
    top = text.partition("/")[0]
    if not PATH.fullmatch(text) or GENERATED.search(text):
        return None
    if not ("/" in text and top in folders or SOURCE.search(text)):
        return None
    beside = os.path.normpath(os.path.join(os.path.dirname(page), text))
    wanted = (text, beside, "*/" + text, text + ".cc")  # sources are named without suffix too
    if any(fnmatch.fnmatchcase(path, one) for path in paths for one in wanted):
        return None
    return text


def check(pages, paths, declared, exceptions_text):
    """Problems of pages, {path: text}; paths are all files of the repository, declared the text that declares options."""
    exceptions = sources.Exceptions(exceptions_text, ("path", "option"))
    known = set(paths) | {str(parent) for path in paths for parent in pathlib.PurePosixPath(path).parents}
    folders = {path.partition("/")[0] for path in paths if "/" in path}
    options = set(OPTION.findall(declared))
    variables = set(VARIABLE.findall(declared))
    problems = []
    for page, text in pages.items():
        for number, line in enumerate(text.splitlines(), 1):
            found = []
            for link in LINK.findall(line):
                problem = link_problem(page, link, pages, known.__contains__)
                if problem:
                    found.append(("path", link, problem))
            for word in " ".join(QUOTED.findall(line)).split():
                name = named_file(page, word, known, folders)
                if name:
                    found.append(("path", name, f"no file {name}"))
            found += [("option", "--" + one, f"no setting or option --{one}")
                      for one in OPTION.findall(line) if one not in options]
            found += [("option", one, f"no variable {one}") for one in VARIABLE.findall(line) if one not in variables]
            problems += [f"{page}:{number}: {problem}: correct the page, or list it in {sources.EXCEPTIONS}"
                         for rule, name, problem in found if not exceptions.allow(rule, f"{page}:{name}")]
    return problems + exceptions.left()


def main():
    pages = dict(sources.read("*.md"))
    code = [text for _, text in sources.read(*DECLARATIONS, without=NO_DECLARATION)]
    declared = "\n".join(code + [pages["docs/settings.md"]])
    sources.end(check(pages, sources.listed("*"), declared, (sources.TOP / sources.EXCEPTIONS).read_text()))


if __name__ == "__main__":
    main()
