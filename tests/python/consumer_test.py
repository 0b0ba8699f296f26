"""What FeedConsumer does with each thing that a stream can say or fail to say."""

import threading
import time
import unittest

import grpc
from journeyfeed import Backoff, Checkpoint, FeedConsumer, ServiceError
from journeyfeed.entity.v1.feed_pb2 import ON_EXPIRED_FAIL
from journeyfeed.journeyrunsession.v1.journey_run_session_pb2 import JourneyRunSession
from scripted_server import LIMIT, SILENCE, Delay, Failure, ScriptedServer, changes, load
from support import await_true, main

Code = grpc.StatusCode
UNAVAILABLE = Failure(Code.UNAVAILABLE, "SERVICE_UNAVAILABLE")
EXPIRED = Failure(Code.OUT_OF_RANGE, "EXPIRED_VERSION_STAMP")
CHANGED = Failure(Code.FAILED_PRECONDITION, "FEED_HISTORY_CHANGED")


class NoPause:
    """In place of a Backoff; notes what it is asked."""

    def __init__(self):
        self.asked = []

    def pause(self, failures):
        self.asked.append(failures)
        return 0.0


class ConsumerTest(unittest.TestCase):
    def server(self, *streams):
        return self.enterContext(ScriptedServer(*streams))

    def consumer(self, server, **options):
        options.setdefault("backoff", NoPause())
        return self.enterContext(FeedConsumer(server.address, JourneyRunSession, **options))

    def take(self, consumer, count):
        """That many batches; the last one is handled too."""
        batches = []
        for batch in consumer:
            batches.append(batch)
            if len(batches) == count:
                consumer.stop()
        self.assertEqual(len(batches), count)
        return batches


class Streams(ConsumerTest):
    def test_goes_on_from_the_last_token_after_a_failure(self):
        server = self.server([load("a"), changes("b", consistent=True), UNAVAILABLE], [UNAVAILABLE], [changes("c"), SILENCE])
        consumer = self.consumer(server)
        self.assertEqual([batch.checkpoint.token for batch in self.take(consumer, 3)], ["a", "b", "c"])
        self.assertEqual([request.data_version for request, _ in server.requests()], ["", "b", "b"])
        self.assertEqual(consumer.checkpoint, Checkpoint("c", 1, False))
        self.assertEqual(consumer.health.reconnects, 2)
        self.assertEqual(consumer.health.last_error.reason, "SERVICE_UNAVAILABLE")

    def test_asks_for_what_it_was_told(self):
        server = self.server([changes("a"), SILENCE])
        self.take(self.consumer(server, columns=["name"], partition_id="p", progress_interval=0.25, max_changes_per_message=7), 1)
        [(request, _)] = server.requests()
        self.assertEqual((list(request.columns.paths), request.partition_id, request.follow), (["name"], "p", True))
        self.assertEqual((request.progress_interval.ToMilliseconds(), request.max_changes_per_message), (250, 7))
        self.assertEqual((request.on_expired, request.skip_initial_load), (ON_EXPIRED_FAIL, False))

    def test_a_message_resets_the_backoff(self):
        backoff = NoPause()
        server = self.server([UNAVAILABLE], [UNAVAILABLE], [UNAVAILABLE], [changes("a"), UNAVAILABLE], [UNAVAILABLE],
                             [changes("b"), SILENCE])
        self.take(self.consumer(server, backoff=backoff), 2)
        self.assertEqual(backoff.asked, [1, 2, 3, 1, 2])

    def test_waits_as_long_as_retry_info_says(self):
        server = self.server([Failure(Code.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after=0.4)], [changes("a"), SILENCE])
        begun = time.monotonic()
        self.take(self.consumer(server), 1)
        self.assertGreaterEqual(time.monotonic() - begun, 0.4)

    def test_waits_as_long_as_the_end_of_a_stream_says_and_takes_its_token(self):
        end = changes("b")
        end.stream_end.reconnect_after.FromMilliseconds(400)
        server = self.server([changes("a"), end], [changes("c"), SILENCE])
        consumer, begun = self.consumer(server), time.monotonic()
        self.take(consumer, 3)
        self.assertGreaterEqual(time.monotonic() - begun, 0.4)
        self.assertEqual([request.data_version for request, _ in server.requests()], ["", "b"])
        self.assertIsNone(consumer.health.last_error)

    def test_gives_up_a_silent_stream_with_its_connection(self):
        server = self.server([changes("x"), SILENCE], [changes("a"), SILENCE], [changes("b"), SILENCE])
        other = iter(self.consumer(server))
        next(other)  # it has a connection with the same server, and keeps it
        consumer = self.consumer(server, max_silence=0.3)
        self.take(consumer, 2)
        requests, peers = zip(*server.requests())
        self.assertEqual(len(set(peers)), 3)
        self.assertEqual(requests[2].data_version, "a")
        self.assertIsInstance(consumer.health.last_error, TimeoutError)

    def test_the_first_message_of_a_stream_may_take_longer(self):
        consumer = self.consumer(self.server([Delay(0.6), changes("a"), SILENCE]), max_silence=0.3)
        self.take(consumer, 1)
        self.assertIsNone(consumer.health.last_error)

    def test_a_slow_handler_is_not_a_silent_stream(self):
        server = self.server([changes("a"), changes("b"), SILENCE])
        consumer = self.consumer(server, max_silence=0.3)
        for batch in consumer:
            if batch.checkpoint.token == "b":
                consumer.stop()
            self.assertFalse(threading.Event().wait(0.4), "the time of the handler")
        self.assertEqual(consumer.health.reconnects, 0)
        self.assertFalse(consumer.health.is_healthy(0.3))
        self.assertTrue(consumer.health.is_healthy(LIMIT))

    def test_a_stream_that_follows_and_ends_without_a_word_is_opened_again(self):
        server = self.server([changes("a")], [changes("b"), SILENCE])
        self.take(self.consumer(server), 2)

    def test_takes_a_record_above_the_default_limit_of_grpc(self):
        large = changes("a", changes=[{"new_or_updated_entity": {"id": "i", "session": "x" * 5_000_000}}])
        [batch] = self.take(self.consumer(self.server([large, SILENCE])), 1)
        self.assertEqual(len(batch.changes[0].record.session), 5_000_000)

    def test_an_error_that_comes_again_is_raised(self):
        for failure in (Failure(Code.PERMISSION_DENIED), Failure(Code.RESOURCE_EXHAUSTED), Failure(Code.UNIMPLEMENTED, "NOT_SUPPORTED"),
                        Failure(Code.FAILED_PRECONDITION), Failure(Code.PERMISSION_DENIED, details=b"\xff damaged")):
            with self.subTest(code=failure.code):
                consumer = self.consumer(self.server([changes("a"), failure]))
                with self.assertRaises(ServiceError) as raised:
                    self.take(consumer, 2)
                self.assertEqual(raised.exception.code, failure.code)
                self.assertIs(consumer.health.last_error, raised.exception)
                self.assertEqual(consumer.checkpoint.token, "a")

    def test_what_the_transport_says_of_a_broken_connection_passes(self):
        broken = [[Failure(code)] for code in (Code.CANCELLED, Code.UNKNOWN, Code.INTERNAL, Code.DEADLINE_EXCEEDED)]
        self.take(self.consumer(self.server(*broken, [changes("a"), SILENCE])), 1)


class Loads(ConsumerTest):
    def marks(self, batches):
        return [(batch.generation, batch.resync, batch.load_finished, batch.loading) for batch in batches]

    def test_a_load_is_finished_when_the_changes_that_it_ran_into_are_there(self):
        server = self.server([load("a"), changes("b"), changes("c", consistent=True), changes("d", consistent=True), SILENCE])
        self.assertEqual(self.marks(self.take(self.consumer(server), 4)), [
            (1, False, False, True), (1, False, False, True), (1, False, True, False), (1, False, False, False)])

    def test_a_load_is_continued_under_its_number(self):
        server = self.server([load("b"), changes("c", consistent=True), SILENCE])
        consumer = self.consumer(server, checkpoint=str(Checkpoint("a", 7, True)))
        self.assertEqual(self.marks(self.take(consumer, 2)), [(7, False, False, True), (7, False, True, False)])
        self.assertEqual(server.requests()[0][0].data_version, "a")

    def test_a_lost_position_begins_a_load_under_the_next_number(self):
        for lost in (EXPIRED, CHANGED):
            server = self.server([lost], [load("b"), UNAVAILABLE], [changes("c", consistent=True), SILENCE])
            consumer = self.consumer(server, checkpoint=Checkpoint("a", 3, False))
            self.assertEqual(self.marks(self.take(consumer, 2)), [(4, True, False, True), (4, False, True, False)])
            self.assertEqual([request.data_version for request, _ in server.requests()], ["a", "", "b"])
            self.assertEqual(consumer.health.resyncs, 1)

    def test_a_position_that_is_lost_in_a_load_begins_another_one(self):
        server = self.server([EXPIRED], [UNAVAILABLE], [load("b"), EXPIRED], [load("c"), SILENCE])
        consumer = self.consumer(server, checkpoint=Checkpoint("a", 1, True))
        self.assertEqual(self.marks(self.take(consumer, 2)), [(2, True, False, True), (3, True, False, True)])

    def test_a_load_that_the_server_begins_by_itself_is_one_like_any_other(self):
        for first, loading in ((load("b"), False), (load("b", resync=True), False), (load("b", resync=True), True)):
            server = self.server([first, changes("c", consistent=True), SILENCE])
            consumer = self.consumer(server, checkpoint=Checkpoint("a", 1, loading))
            self.assertEqual(self.marks(self.take(consumer, 2)), [(2, True, False, True), (2, False, True, False)])

    def test_the_end_of_a_stream_says_nothing_about_the_load(self):
        end = changes("b")
        end.ClearField("phase")
        end.stream_end.SetInParent()
        server = self.server([load("a"), end], [load("c"), SILENCE])
        self.assertEqual([batch.loading for batch in self.take(self.consumer(server), 3)], [True, True, True])

    def test_without_the_initial_load_only_what_was_lost_is_loaded(self):
        server = self.server([UNAVAILABLE], [changes("a", consistent=True), EXPIRED], [load("b"), SILENCE])
        consumer = self.consumer(server, skip_initial_load=True)
        self.assertEqual(self.marks(self.take(consumer, 2)), [(1, False, False, False), (2, True, False, True)])
        self.assertEqual([request.skip_initial_load for request, _ in server.requests()], [True, True, False])


class Handling(ConsumerTest):
    def test_a_batch_whose_handler_raises_comes_again(self):
        server = self.server([changes("a"), changes("b"), SILENCE], [changes("b"), SILENCE])
        consumer, handled = self.consumer(server), []

        def handler(batch):
            handled.append(batch.checkpoint.token)
            if handled == ["a", "b"]:
                raise OSError("disk full")
            if len(handled) == 3:
                consumer.stop()

        with self.assertRaisesRegex(OSError, "disk full"):
            consumer.run(handler)
        self.assertEqual(consumer.checkpoint.token, "a")
        self.assertIsNone(consumer.health.connected_since)
        consumer.run(handler)
        self.assertEqual(handled, ["a", "b", "b"])
        self.assertEqual([request.data_version for request, _ in server.requests()], ["", "a"])

    def test_a_loop_that_is_left_has_not_handled_its_batch_and_ends_its_stream(self):
        server = self.server([changes("a"), changes("b"), changes("c"), SILENCE], [changes("a"), SILENCE])
        consumer = self.consumer(server)
        for _ in consumer:
            await_true(consumer._inbox.qsize, "the thread has read ahead and waits", LIMIT)
            break
        self.assertEqual([one.name for one in threading.enumerate() if one.name == "journeyfeed"], [])
        self.assertEqual(consumer.checkpoint, Checkpoint())
        self.assertEqual(self.take(consumer, 1)[0].checkpoint.token, "a")

    def stopped_while(self, server, waits, **options):
        """Runs a consumer in a thread, and stops it once `waits` holds."""
        consumer = self.consumer(server, **options)
        thread = threading.Thread(target=consumer.run, args=(lambda batch: None,))
        thread.start()
        end = time.monotonic() + LIMIT
        while not waits(consumer) and time.monotonic() < end:
            thread.join(0.005)
        begun = time.monotonic()
        consumer.stop()
        thread.join(LIMIT)
        self.assertFalse(thread.is_alive())
        self.assertLess(time.monotonic() - begun, 5)

    def test_another_thread_stops_a_loop_that_waits_for_a_message(self):
        self.stopped_while(self.server([changes("a"), SILENCE]), lambda consumer: consumer.health.connected_since)

    def test_another_thread_stops_a_loop_that_waits_for_an_attempt(self):
        server = self.server([Failure(Code.UNAVAILABLE, retry_after=60)])
        self.stopped_while(server, lambda consumer: consumer.health.last_error)

    def test_a_consumer_that_was_stopped_stays_so(self):
        consumer = self.consumer(self.server())
        consumer.stop()
        self.assertEqual(list(consumer), [])

    def test_the_end_of_with_ends_a_loop_that_is_kept(self):
        server = self.server([changes("a"), SILENCE])
        with FeedConsumer(server.address, JourneyRunSession) as consumer:
            loop = iter(consumer)
            next(loop)
        self.assertIsNone(consumer.health.connected_since)
        self.assertEqual(list(loop), [])


class Parts(unittest.TestCase):
    def test_a_checkpoint_is_read_back(self):
        for one in (Checkpoint(), Checkpoint("AQF-_9", 12, True), Checkpoint("x", 1, False)):
            self.assertEqual(Checkpoint.parse(str(one)), one)
        self.assertEqual(Checkpoint("x", 3, False).reload(), Checkpoint("", 4, True))

    def test_what_is_no_checkpoint_is_refused(self):
        for text in ("", "AQFD", "1:0:load:x", "1:-1:load:x", "2:1:load:x", "1:1:done:x", "1:1:load:x y", "1:1:load:x\n",
                     "1:" + "9" * 30 + ":load:x"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                FeedConsumer("localhost:1", JourneyRunSession, checkpoint=text)

    def test_a_message_without_a_feed_is_refused(self):
        for no_record in (type(changes("")), Checkpoint, int):
            with self.assertRaises(TypeError):
                FeedConsumer("localhost:1", no_record)

    def test_a_pause_doubles_to_its_limit_and_is_shortened_by_chance(self):
        longest = Backoff(first=0.1, longest=1.0, random=lambda: 0.0)
        self.assertEqual([round(longest.pause(failures), 3) for failures in (1, 2, 3, 4, 5, 10_000)], [0.1, 0.2, 0.4, 0.8, 1.0, 1.0])
        self.assertAlmostEqual(Backoff(first=0.1, random=lambda: 1.0).pause(2), 0.1)


if __name__ == "__main__":
    main()
