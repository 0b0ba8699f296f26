"""The consumer and the example against the real server."""

import os
import re
import signal
import subprocess
import sys
import threading
import unittest
from datetime import timedelta

import grpc
from journeyfeed import Checkpoint, FeedConsumer, ServiceError, connect
from journeyfeed.customerjourney.v1.customer_journey_pb2 import CustomerJourney
from journeyfeed.errors import translated
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2 as m
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2_grpc as g
from journeyfeed.journeyrunsession.v1.journey_run_session_pb2 import JourneyRunSession
from mirrors import EXAMPLES, HERE, LIMIT, Copy, Follower, Sessions, all_of, mirror_to_sqlite
from support import Directory, Postgres, Server, await_true, main, sql


POSTGRES = None


def setUpModule():
    global POSTGRES
    scratch = Directory()
    unittest.addModuleCleanup(scratch.cleanup)
    POSTGRES = unittest.enterModuleContext(Postgres(scratch.path))


def make_database(name):
    sql(POSTGRES.conninfo(), f"create database {name}")
    return POSTGRES.conninfo(name)


def start(database):
    return Server("--database-url", database, "--log-level", "warning")


class FeedTest(unittest.TestCase):
    """Each test has an empty copy. The tests of a class that sets SHARED share a database and a server."""

    SHARED = False

    @classmethod
    def setUpClass(cls):
        if cls.SHARED:
            cls.server = cls.enterClassContext(start(make_database(cls.__name__.lower())))

    def setUp(self):
        if not self.SHARED:
            self.database = make_database(self.id().rpartition(".")[2])
            self.server = self.start()
        self.sessions = Sessions(self.server.address)
        self.copy = Copy(os.path.join(self.enterContext(Directory()), "copy"))

    def start(self):
        return self.enterContext(start(self.database))

    def remove_log(self):
        """Does what rotation does a week later."""
        later = "now() + interval '8 days'"
        sql(self.database, f"select journeyfeed.close_log_partition(1::smallint, {later})")
        next_step = f"select journeyfeed.next_log_removal(1::smallint, '7 days', {later})"
        sql(self.database, sql(self.database, next_step))

    def assert_mirrored(self):
        """Every record is there, none was missing for a while, and no change was applied twice."""
        self.assertEqual(self.copy.all(), self.sessions.all())
        self.assertEqual(self.copy.removed() & self.copy.all().keys(), set())
        self.assertEqual(self.copy.applied_twice(), [])


class Killed(FeedTest):
    def run_to(self, there):
        """Starts the example and kills it at the first stop where `there` holds of the stops so far, the last one included. Returns
        these."""
        command = [sys.executable, "-B", HERE / "killed_mirror.py", self.server.address, self.copy.path]
        stops = []
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            watchdog = threading.Timer(LIMIT, process.kill)
            watchdog.start()
            while line := process.stdout.readline():
                stops.append(line.strip())
                if there(stops):
                    break
                process.stdin.write("\n")
                process.stdin.flush()
            watchdog.cancel()
            process.kill()
        self.assertTrue(there(stops), f"it ended by itself, or hung, after {stops}")
        return stops

    def test_consumer_killed_at_every_step_applies_each_change_once(self):
        keys = self.sessions.create(*[f"session {i}" for i in range(6)])
        places = set()
        for steps in range(1, 17):
            places.add(self.run_to(lambda stops: len(stops) == steps)[-1])
            # In the load and after it: a record is made, another one changed, and one is deleted that may be in the copy.
            keys += self.sessions.create(f"later {steps}")
            self.sessions.rename(keys[-2], f"renamed {steps}")
            self.sessions.delete(keys.pop(0))
        self.assertLessEqual({"before insert", "before delete", "before commit", "after commit"}, places)
        self.copy.update(self.server.address)
        self.assert_mirrored()
        self.assertEqual(self.copy.generations(), {1})

    def test_consumer_killed_at_every_step_of_a_resync_sweeps_all_the_same(self):
        keys = self.sessions.create(*[f"session {i}" for i in range(6)])
        self.copy.update(self.server.address)
        for key in keys[::3]:
            self.sessions.delete(key)
        self.remove_log()
        for steps in range(1, 7):  # to the first commit
            self.run_to(lambda stops: len(stops) == steps)
        for place in ("before delete", "before commit", "after commit"):  # of the batch that sweeps
            self.run_to(lambda stops: "before delete" in stops and stops[-1] == place)
        self.copy.update(self.server.address)
        self.assert_mirrored()
        self.assertEqual(self.copy.generations(), {2})

    def test_server_killed_and_started_again(self):
        servers = [self.server]
        keys = self.sessions.create("a", "b", "c")
        with Follower(self.copy, lambda: connect(servers[-1].address)) as follower:
            follower.await_all(self.sessions)
            servers[0].process.kill()
            servers[0].process.wait(LIMIT)
            await_true(lambda: follower.consumer.health.last_error, "the loss is noticed", LIMIT)
            servers.append(self.start())
            self.sessions = Sessions(servers[1].address)
            self.sessions.delete(keys[0])
            self.sessions.rename(keys[1], "renamed")
            follower.await_all(self.sessions)
            self.assertEqual(follower.consumer.health.last_error.code, grpc.StatusCode.UNAVAILABLE)
            self.assertGreaterEqual(follower.consumer.health.reconnects, 1)
            self.assertTrue(follower.consumer.health.is_healthy(LIMIT))
            self.assertEqual(follower.consumer.health.resyncs, 0)
            self.assertEqual(follower.consumer.health.lag, timedelta(0))
            self.assertIsNotNone(follower.consumer.health.as_of)
        self.assert_mirrored()

    def test_server_that_freezes_is_left(self):
        addresses, other = [self.server.address], self.start()
        self.sessions.create("a")
        with Follower(self.copy, lambda: connect(addresses[-1]), progress_interval=0.2, max_silence=2) as follower:
            follower.await_all(self.sessions)
            self.addCleanup(self.server.process.send_signal, signal.SIGCONT)
            self.server.process.send_signal(signal.SIGSTOP)
            addresses.append(other.address)
            self.sessions = Sessions(other.address)
            self.sessions.create("b")
            follower.await_all(self.sessions)
            self.assertIsInstance(follower.consumer.health.last_error, TimeoutError)
        self.assert_mirrored()


class Drained(FeedTest):
    def test_the_end_of_a_stream_is_no_failure(self):
        first, other = self.server, self.start()
        addresses = [first.address]
        keys = self.sessions.create("a", "b")
        with Follower(self.copy, lambda: connect(addresses[-1])) as follower:
            follower.await_all(self.sessions)
            addresses.append(other.address)
            self.sessions = Sessions(other.address)
            self.assertEqual(first.stop(), 0)
            self.sessions.delete(keys[0])
            self.sessions.create("c")
            follower.await_all(self.sessions)
            self.assertIsNone(follower.consumer.health.last_error, "it was told, and nothing failed")
            self.assertEqual(follower.consumer.health.reconnects, 1)
        self.assert_mirrored()


class Handling(FeedTest):
    SHARED = True

    def test_sigterm_ends_the_example_in_order(self):
        self.sessions.create("a")
        process = subprocess.Popen([sys.executable, "-B", EXAMPLES / "mirror_to_sqlite.py", self.server.address, self.copy.path])
        self.addCleanup(process.kill)
        await_true(lambda: self.copy.all() == self.sessions.all(), "the copy has everything", LIMIT)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), 0)

    def test_handler_raises(self):
        self.sessions.create("a", "b", "c", "d")
        database, failures, seen = self.copy.open(), [OSError("disk full")], []

        def handler(batch):
            seen.append([change.key for change in batch.changes])
            if len(seen) == 3:
                raise failures.pop()
            mirror_to_sqlite.apply(database, batch)

        with self.copy.consumer(self.server.address, follow=False, max_changes_per_message=1) as consumer:
            with self.assertRaisesRegex(OSError, "disk full"):
                consumer.run(handler)
            self.assertEqual(str(consumer.checkpoint), self.copy.checkpoint())
            consumer.run(handler)
        self.assertEqual(seen[2], seen[3])
        self.assert_mirrored()

    def test_the_example_of_the_readme_mirrors(self):
        self.sessions.create("a")
        page = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
        source = re.search(r"```python\n(.*?)```", page, re.S)[1]
        made = self.copy.path + " of the readme"
        for there, here in (("localhost:50051", self.server.address), ("copy.sqlite", made)):
            self.assertIn(there, source)
            source = source.replace(there, here)
        process = subprocess.Popen([sys.executable, "-B", "-c", source])
        self.addCleanup(process.wait, LIMIT)
        self.addCleanup(process.kill)
        await_true(lambda: os.path.exists(made) and all_of(made) == self.sessions.all(), "the copy has everything", LIMIT)


class Lost(FeedTest):
    def test_expired_token_sweeps_what_is_gone(self):
        keys = self.sessions.create("a", "b", "c")
        self.copy.update(self.server.address)
        self.sessions.delete(keys[0])
        self.sessions.rename(keys[1], "renamed")
        self.remove_log()
        self.sessions.create("new")
        consumer = self.copy.update(self.server.address)
        self.assertEqual(consumer.health.resyncs, 1)
        self.assertEqual(consumer.health.last_error.reason, "EXPIRED_VERSION_STAMP")
        self.assertEqual(self.copy.generations(), {2})
        self.assert_mirrored()

    def test_token_expired_in_the_middle_of_a_load(self):
        keys = self.sessions.create("a", "b", "c", "d")
        database = self.copy.open()
        for batch in self.copy.consumer(self.server.address, max_changes_per_message=2):
            mirror_to_sqlite.apply(database, batch)
            break
        self.assertTrue(Checkpoint.parse(self.copy.checkpoint()).loading)
        first = sorted(self.copy.all())
        self.assertEqual(len(first), 2)
        self.sessions.delete(first[0])
        self.remove_log()
        self.copy.update(self.server.address, max_changes_per_message=1)
        self.assertEqual(len(self.copy.all()), len(keys) - 1)
        self.assertEqual(self.copy.generations(), {2})
        self.assert_mirrored()

    def test_other_columns_load_again_once_asked_to(self):
        keys = self.sessions.create("a", "b")
        self.copy.update(self.server.address)
        self.sessions.delete(keys[0])
        with self.assertRaises(ServiceError) as raised:
            self.copy.update(self.server.address, columns=["name"])
        self.assertEqual(raised.exception.reason, "FEED_TOKEN_VIEW_MISMATCH")
        database = self.copy.open()
        again = Checkpoint.parse(self.copy.checkpoint()).reload()
        with FeedConsumer(self.server.address, JourneyRunSession, checkpoint=again, columns=["name"], follow=False) as consumer:
            consumer.run(lambda batch: mirror_to_sqlite.apply(database, batch))
        self.assert_mirrored()


class Input(FeedTest):
    SHARED = True

    def refusal(self, record=JourneyRunSession, **options):
        with self.assertRaises(ServiceError) as raised:
            list(FeedConsumer(self.server.address, record, follow=False, **options))
        return raised.exception

    def test_bad_arguments_are_raised_with_what_is_wrong(self):
        error = self.refusal(checkpoint=Checkpoint("damaged"))
        self.assertEqual((error.code, error.reason), (grpc.StatusCode.INVALID_ARGUMENT, "FEED_TOKEN_INVALID"))
        self.assertEqual([one.field for one in error.violations], ["data_version"])
        self.assertEqual(error.action, "Give a token of this feed as it was received.")
        self.assertEqual(len(error.correlation_id), 36)
        for field, options in (("progress_interval", {"progress_interval": 0.01, "max_silence": LIMIT}),
                               ("columns.paths[0]", {"columns": ["nothing"]}),
                               ("max_changes_per_message", {"max_changes_per_message": 1001}),
                               ("partition_id", {"partition_id": ""})):
            self.assertEqual([one.field for one in self.refusal(**options).violations], [field])
        with self.assertRaises(AttributeError):
            FeedConsumer(self.server.address, CustomerJourney, partition_id="p")

    def test_a_token_of_another_entity(self):
        self.copy.update(self.server.address)
        self.assertEqual(self.refusal(CustomerJourney, checkpoint=self.copy.checkpoint()).reason, "FEED_TOKEN_INVALID")

    def test_errors_of_other_calls(self):
        stub = g.JourneyRunSessionServiceStub(connect(self.server.address))
        with self.assertRaises(ServiceError) as raised, translated():
            stub.Create(m.CreateRequest(target={"id": "x"}), timeout=LIMIT)
        self.assertIn("target.id", [one.field for one in raised.exception.violations])
        self.assertFalse(raised.exception.retryable)
        rows = [{"id": "01a20094-75e8-7000-8000-000000000000", "partition_id": "p"}]
        answer = stub.DeleteMultiple(m.DeleteMultipleRequest(targets=[{"target": rows[0]}]), timeout=LIMIT)
        self.assertEqual(ServiceError(answer.results[0].error).reason, "OBJECT_DOES_NOT_EXIST")

    def test_one_partition_and_keys(self):
        [without] = self.sessions.create("without")
        within = self.sessions.create("within", partition_id="p")
        with FeedConsumer(self.server.address, JourneyRunSession, partition_id="p", columns=["name"], follow=False) as consumer:
            loaded = [change for batch in consumer for change in batch.changes]
        self.assertEqual([change.key for change in loaded], within)
        self.assertEqual([change.record.name for change in loaded], ["within"])
        self.assertEqual(without[0], without[1])
        for key in (without, *within):
            self.sessions.delete(key)
        with FeedConsumer(self.server.address, JourneyRunSession, partition_id="p", columns=["name"], follow=False,
                          checkpoint=consumer.checkpoint) as consumer:
            removed = [change for batch in consumer for change in batch.changes]
        self.assertEqual([(change.key, change.record) for change in removed], [(within[0], None)])
        self.assertGreater(removed[0].version, loaded[0].version)
        self.assertIsNotNone(removed[0].committed_at)


if __name__ == "__main__":
    main()
