"""What the checks share: the files of the repository, the list of exceptions, and how a check ends."""
import dataclasses
import fnmatch
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
EXCEPTIONS = "deploy/lint/exceptions.txt"


def listed(*patterns):
    """Paths of the repository's files, also of those that are new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    output = subprocess.run(command, cwd=TOP, check=True, capture_output=True, text=True).stdout
    return sorted({path for path in output.split("\0") if (TOP / path).is_file()})


def read(*patterns, without=re.compile("(?!)")):
    """Pairs of path and text."""
    return [(path, (TOP / path).read_text()) for path in listed(*patterns) if not without.search(path)]


def end(problems):
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


@dataclasses.dataclass
class Entry:
    line: int
    rule: str
    where: str
    limit: int | None
    used: bool = False


class Exceptions:
    """Lines `rule where [limit]  # reason`; `where` is a path or path:name, and may contain *."""

    def __init__(self, text, rules):
        self._list = []
        self.problems = []
        for number, line in enumerate(text.splitlines(), 1):
            words, _, reason = line.partition("#")
            words = words.split()
            if not words or words[0] not in rules:
                continue
            if len(words) not in (2, 3) or not reason.strip():
                self.problems.append(f"{EXCEPTIONS}:{number}: write: rule where [limit]  # reason")
                continue
            self._list.append(Entry(number, words[0], words[1], int(words[2]) if len(words) == 3 else None))

    def allow(self, rule, where, size=0):
        """Whether a line excepts this place, at this size; it then counts as used."""
        found = False
        for one in self._list:
            if one.rule == rule and fnmatch.fnmatchcase(where, one.where):
                one.used = True
                found = found or one.limit is None or size <= one.limit
        return found

    def left(self):
        """Problems of the list itself, once everything was checked."""
        unused = [one for one in self._list if not one.used]
        return self.problems + [f"{EXCEPTIONS}:{one.line}: {one.rule} {one.where} is no longer needed: remove the line"
                                for one in unused]
