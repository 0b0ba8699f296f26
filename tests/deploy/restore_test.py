"""Backups as docs/operations.md says to take and restore them, and what consumers are told afterwards."""

import json
import shutil
import unittest

from support import SERVER, Directory, Postgres, Server, main, postgres_program, run, sql

SESSION = ("--set", "msdynmkt_name=n", "--set", "msdynmkt_journeyrunid=1", "--set")


def create(server, text):
    """Its id and its session token."""
    made = json.loads(server.ctl("create", "session", *SESSION, f"msdynmkt_session={text}").stdout)
    return made["id"], made["session_token"]


def watch(server, token_file, check=True):
    """Goes on from where the file says, to the head. What it printed, by the new texts; and the finished command."""
    done = server.ctl("watch", "session", "--no-follow", "--token-file", token_file, check=check)
    return [json.loads(line)["entity"]["msdynmkt_session"] for line in done.stdout.splitlines()], done


class Restore(unittest.TestCase):
    """Three backups of one data directory: a dump and a base backup of the running server, a copy of the stopped one."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = Directory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.path = cls.scratch.path
        cls.directory, cls.tokens = cls.path / "data", cls.path / "tokens"
        cls.tokens.mkdir()
        private = ("-h", cls.directory / "postgres" / "socket", "-U", "postgres")
        with Server("--data-dir", cls.directory) as server:
            cls.kept, cls.kept_token = create(server, "kept")
            watch(server, cls.tokens / "before")
            run("pg_dump", *private, "-Fc", "-n", "journeyfeed", "-f", cls.path / "dump", "journeyfeed")
            run(postgres_program("pg_basebackup"), *private, "-X", "stream", "--checkpoint=fast", "-D", cls.path / "backup")
        run("cp", "-a", cls.directory, cls.path / "copy")
        with Server("--data-dir", cls.directory) as server:
            cls.lost, cls.lost_token = create(server, "lost")
            watch(server, cls.tokens / "after")

    def check_restored(self, server):
        tokens = self.path / self.id()
        shutil.copytree(self.tokens, tokens)
        self.assertEqual(server.ctl("retrieve", "session", self.kept, "--session-token", self.kept_token).returncode, 0)
        self.assertEqual(server.ctl("retrieve", "session", self.lost, check=False).returncode, 5, "NOT_FOUND")
        create(server, "new")
        # Who saw nothing of what is gone goes on as if nothing had been.
        self.assertEqual(watch(server, tokens / "before")[0], ["new"])
        # Who did is told, and loads again.
        _, told = watch(server, tokens / "after", check=False)
        self.assertEqual(told.returncode, 9, "FAILED_PRECONDITION")
        self.assertIn("FEED_HISTORY_CHANGED", told.stderr)
        told = server.ctl("retrieve", "session", self.kept, "--session-token", self.lost_token, check=False)
        self.assertIn("FEED_HISTORY_CHANGED", told.stderr)
        self.assertEqual(sorted(watch(server, tokens / "fresh")[0]), ["kept", "new"])

    def test_base_backup(self):
        data = self.directory / "postgres" / "data"
        owner = data.stat()
        shutil.rmtree(data)
        run("cp", "-a", self.path / "backup", data)
        run("chown", "-R", f"{owner.st_uid}:{owner.st_gid}", data)
        run(SERVER, "--open-history=journeyfeed", "--data-dir", self.directory)
        with Server("--data-dir", self.directory) as server:
            self.check_restored(server)

    def test_cold_copy(self):
        """Without opening a history by hand: the tokens tell all the same."""
        shutil.rmtree(self.directory)
        run("cp", "-a", self.path / "copy", self.directory)
        with Server("--data-dir", self.directory) as server:
            self.check_restored(server)

    def test_dump_into_a_given_database(self):
        with Postgres(self.path) as target:
            for statement in ("create role journeyfeed login", "create role journeyfeed_service nologin",
                              "grant journeyfeed_service to journeyfeed", "create database journeyfeed owner journeyfeed"):
                sql(target.conninfo(), statement)
            owner = target.conninfo("journeyfeed", "journeyfeed")
            run("pg_restore", "--exit-on-error", "--no-owner", "--no-acl", "-d", owner, self.path / "dump")
            with Server("--database-url", owner) as server:
                self.check_restored(server)
                self.assertIn("opened a new history", server.log())


if __name__ == "__main__":
    main()
