"""Runs the example, and stops before each of its steps in the database and after each commit, for the test to kill it there.

killed_mirror.py ADDRESS FILE     prints a line at each stop and goes on when it reads one
"""

import sqlite3
import sys

from mirrors import mirror_to_sqlite


def stop(where):
    print(where, flush=True)
    if not sys.stdin.readline():
        sys.exit("the test is gone")


class Stopping(sqlite3.Connection):
    def execute(self, text, *parameters):
        stop(f"before {text.split()[0]}")
        return super().execute(text, *parameters)

    def __exit__(self, *error):
        stop("before commit")
        super().__exit__(*error)
        stop("after commit")


database = sqlite3.connect(sys.argv[2], factory=Stopping)
mirror_to_sqlite.mirror(sys.argv[1], database, mirror_to_sqlite.RECORDS["session"], max_changes_per_message=2, progress_interval=1)
