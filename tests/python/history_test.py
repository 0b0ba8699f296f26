"""A copy that has seen what a restore took back."""

import contextlib
import shutil
import unittest

from mirrors import Copy, Sessions
from support import Directory, Postgres, Server, main, run, sql


class History(unittest.TestCase):
    def setUp(self):
        scratch = Directory()
        self.addCleanup(scratch.cleanup)
        self.path, self.copy = scratch.path, Copy(scratch.path / "copy")
        self.postgres = self.enterContext(Postgres(self.path))
        sql(self.postgres.conninfo(), "create database feed")

    @contextlib.contextmanager
    def serving(self):
        with Server("--database-url", self.postgres.conninfo("feed"), "--log-level", "warning") as server:
            yield server.address, Sessions(server.address)

    @contextlib.contextmanager
    def stopped(self):
        self.postgres.stop()
        yield
        self.postgres.start()

    def test_what_was_lost_is_swept(self):
        with self.serving() as (address, sessions):
            sessions.create("kept")
            self.copy.update(address)
        with self.stopped():
            run("cp", "-a", self.postgres.data, self.path / "saved")
        with self.serving() as (address, sessions):
            sessions.create("lost")
            self.copy.update(address)
        with self.stopped():
            shutil.rmtree(self.postgres.data)
            run("cp", "-a", self.path / "saved", self.postgres.data)
        with self.serving() as (address, sessions):
            sessions.create("new")
            consumer = self.copy.update(address)
            self.assertEqual(self.copy.all(), sessions.all())
        self.assertEqual(consumer.health.last_error.reason, "FEED_HISTORY_CHANGED")
        self.assertEqual(consumer.health.resyncs, 1)
        self.assertEqual(self.copy.generations(), {2})
        self.assertEqual(self.copy.query("select count(distinct id) from ledger"), [(3,)])


if __name__ == "__main__":
    main()
