#!/usr/bin/env python3
"""Checks every #include of the sources against layers.txt, which says which part may include which."""
import re

import sources

RULES = "deploy/lint/layers.txt"
INCLUDE = re.compile(r'\s*#\s*include\s*(["<][^">]+[">])')
# Headers that are included as their users outside of this repository include them, and the folder that they stand in.
INSTALLED = {"journeyfeed/client/": "clients/cpp/"}
LIBRARIES = {
    "grpc": re.compile(r'[<"]grpc(pp)?/|.*\.grpc\.pb\.h'),
    "proto": re.compile(r'"(journeyfeed|google)/.*\.pb\.h'),
    "postgresql": re.compile(r"<(libpq-fe\.h|pqxx/)"),
    "cli11": re.compile(r"<CLI/"),
}


def read_rules(text):
    """{part: {what it may include: line of layers.txt}}; a row goes on in lines that are indented."""
    rules = {}
    part = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].rstrip()
        if not line:
            continue
        if not line[0].isspace():
            part, _, line = line.partition(":")
            rules[part] = {}
        rules[part].update((entry, number) for entry in line.split())
    return rules


def part_of(path, rules):
    """The longest part that contains a file, or None: a folder above it, or the file without its suffix."""
    path = re.sub(r"\.(cc|h)$", "", path)
    while path and path not in rules:
        path = path.rpartition("/")[0]
    return path or None


def target_of(include, rules):
    """The part or library that an include names; None for what layers.txt says nothing about."""
    for library, pattern in LIBRARIES.items():
        if pattern.match(include):
            return library
    if include[0] == "<":
        return None
    path = include[1:-1]
    for prefix, folder in INSTALLED.items():
        if path.startswith(prefix):
            path = folder + path
    return part_of(path, rules) or "no part of layers.txt (includes start at the top of the repository)"


def check(rules_text, files):
    """Problems of files, which are pairs of path and text."""
    rules = read_rules(rules_text)
    unused = {(part, entry): line for part, row in rules.items() for entry, line in row.items() if entry != "*"}
    problems = []
    for path, text in files:
        part = part_of(path, rules)
        if part is None:
            problems.append(f"{path}:1: no row of {RULES} contains this file: add one for its folder")
            continue
        for number, line in enumerate(text.splitlines(), 1):
            include = INCLUDE.match(line)
            target = include and target_of(include[1], rules)
            if not target or target == part:
                continue
            unused.pop((part, target), None)
            if target not in rules[part] and ("*" not in rules[part] or target == "tests"):
                problems.append(
                    f"{path}:{number}: {part} may not include {include[1]} of {target}: "
                    f"move what is needed to a part that {part} may include, or change its row in {RULES}")
    for (part, entry), line in unused.items():
        problems.append(f"{RULES}:{line}: {part} no longer includes {entry}: remove the entry")
    return problems


def main():
    sources.end(check((sources.TOP / RULES).read_text(), sources.read("*.cc", "*.h", without=re.compile("^cmake/"))))


if __name__ == "__main__":
    main()
