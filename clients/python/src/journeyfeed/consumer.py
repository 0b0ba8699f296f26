"""Follows the change feed of an entity."""

from __future__ import annotations

import logging
import queue
import time
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from types import TracebackType
from typing import Any, Generic

import grpc

from journeyfeed.backoff import Backoff
from journeyfeed.batch import Batch, R, make_batch
from journeyfeed.channel import connect
from journeyfeed.checkpoint import Checkpoint
from journeyfeed.entity.v1 import feed_pb2
from journeyfeed.errors import ServiceError
from journeyfeed.health import Health
from journeyfeed.stream import Feed, Inbox, Stream

_log = logging.getLogger("journeyfeed")

# After these the token is of no use, and everything is loaded again.
_POSITION_LOST = {"EXPIRED_VERSION_STAMP", "FEED_HISTORY_CHANGED"}

# Of these the next attempt may be better. The transport says CANCELLED, UNKNOWN and INTERNAL of connections that broke.
_PASSING = {
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}

# Below this a busy machine alone would make a stream look dead.
_SHORTEST_SILENCE = 5.0

# For the first message of a stream: a page that takes the database long is then read once, not again with each attempt.
_FIRST_MESSAGE = 30.0


class FeedConsumer(Generic[R]):
    """An iterable of batches: what exists, and then every change. It hides lost connections, servers that end and positions
    that expired; the batches and their flags say what the copy is to do.

        with FeedConsumer("localhost:50051", JourneyRunSession, checkpoint=stored) as consumer:
            for batch in consumer:
                ...  # apply batch.changes and store str(batch.checkpoint), in one transaction

    A batch counts as handled when the loop asks for the next one. A loop that ends earlier, by an exception or `break`, has
    not handled its last batch: the next loop over this consumer begins with that one again.

    One thread iterates. stop(), health and checkpoint are for every thread, stop() for signal handlers too.
    """

    def __init__(
        self, source: str | Callable[[], grpc.Channel], record: type[R], *, checkpoint: Checkpoint | str | None = None,
        columns: Sequence[str] = (), partition_id: str | None = None, follow: bool = True, skip_initial_load: bool = False,
        progress_interval: float = 10.0, max_silence: float | None = None, max_changes_per_message: int = 0,
        metadata: Sequence[tuple[str, str]] = (), backoff: Backoff = Backoff(),
    ) -> None:
        """`source`: the address of the server, or what makes a channel (see connect()). The consumer asks it for a new one
        at each attempt and closes it: a connection that fell silent cannot be used again.

        `checkpoint`: of the last batch that was handled; None begins with a load, or with `skip_initial_load` at the newest
        change. The other names are those of RetrieveEntityChangesRequest; times are seconds. Without `follow` the loop ends
        at the newest change. A stream without a message for `max_silence` is given up: by default three times
        `progress_interval`, at least 5 s. Before its first message it has at least 30 s.

        TypeError, ValueError: an argument that no server can accept. What the server refuses is raised by the loop.
        """
        if isinstance(source, str):
            source = partial(connect, source)
        self._connect: Callable[[], grpc.Channel] = source
        self._feed = Feed.of(record)
        self._checkpoint = Checkpoint(loading=not skip_initial_load)
        if checkpoint is not None:
            self._checkpoint = Checkpoint.parse(checkpoint) if isinstance(checkpoint, str) else checkpoint
        self._request: Any = self._feed.request(
            follow=follow, max_changes_per_message=max_changes_per_message, on_expired=feed_pb2.ON_EXPIRED_FAIL)
        self._request.columns.paths.extend(columns)
        self._request.progress_interval.FromNanoseconds(int(progress_interval * 1e9))
        if partition_id is not None:
            self._request.partition_id = partition_id
        self._max_silence = max(3 * progress_interval, _SHORTEST_SILENCE) if max_silence is None else max_silence
        self._metadata = tuple(metadata)
        self._backoff = backoff
        self._health = Health(loading=self._checkpoint.loading)
        self._inbox: Inbox = queue.SimpleQueue()
        self._stopped = False
        self._streams = 0  # opened so far
        # Weak: a loop that is left ends its stream at once.
        self._loop: Callable[[], Generator[Batch[R], None, None] | None] = lambda: None

    @property
    def checkpoint(self) -> Checkpoint:
        """Of the last batch that was handled."""
        return self._checkpoint

    @property
    def health(self) -> Health:
        return self._health

    def __iter__(self) -> Iterator[Batch[R]]:
        """Ends after stop(), or without `follow` at the newest change.

        ServiceError: an error that the next attempt would get again, such as a bad argument, a token of another view, or a
        missing permission.
        """
        self._end_loop()
        loop = self._batches()
        self._loop = weakref.ref(loop)
        return loop

    def run(self, handler: Callable[[Batch[R]], object]) -> None:
        """Calls `handler` with each batch, until stop(). What it raises ends the call, and its batch is not handled."""
        for batch in self:
            handler(batch)

    def stop(self) -> None:
        """Ends the loop, after the batch that is being handled. For good, and at once: a loop that waits wakes up."""
        self._stopped = True
        self._inbox.put((None, None))

    def __enter__(self) -> FeedConsumer[R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """stop(), and ends the stream of a loop that was left. A loop of another thread ends by itself."""
        self.stop()
        try:
            self._end_loop()
        except ValueError:
            pass

    def _end_loop(self) -> None:
        """ValueError: another thread waits in it."""
        loop = self._loop()
        if loop is not None:
            loop.close()

    def _batches(self) -> Generator[Batch[R], None, None]:
        failures = 0
        while not self._stopped:
            pause: float | None
            try:
                before = self._health.last_message_clock
                pause = yield from self._stream()
            except (grpc.RpcError, TimeoutError, ConnectionError) as error:
                failures = 1 if self._health.last_message_clock != before else failures + 1
                pause = self._after(error, failures)
            else:
                failures = 0
            if pause is None:
                return
            self._sleep(pause)

    def _stream(self) -> Generator[Batch[R], None, float | None]:
        """The batches of one stream. Returns after how many seconds the next one is to begin; None: there is none."""
        request = type(self._request)()
        request.CopyFrom(self._request)
        request.data_version = self._checkpoint.token
        request.skip_initial_load = not self._checkpoint.token and not self._checkpoint.loading
        if self._streams:
            self._health = replace(self._health, reconnects=self._streams)
        self._streams += 1
        stream = Stream(self._connect(), self._feed, request, self._metadata, self._inbox)
        patience = max(self._max_silence, _FIRST_MESSAGE)
        try:
            while (message := self._take(stream, patience)) is not None:
                patience = self._max_silence
                batch: Batch[R] = make_batch(message, self._checkpoint)
                self._note(batch)
                yield batch
                self._checkpoint = batch.checkpoint
                if message.HasField("stream_end"):
                    _log.info("the server ended the stream: %s", message.stream_end)
                    return float(message.stream_end.reconnect_after.ToNanoseconds() / 1e9)
        finally:
            stream.close()
            self._health = replace(self._health, connected_since=None)
        if self._request.follow and not self._stopped:
            raise ConnectionError("the stream ended without a reason")
        return None

    def _take(self, stream: Stream | None, seconds: float) -> Any:
        """The next message of the stream; None at its end and after stop(). TimeoutError: it took too long."""
        end = time.monotonic() + seconds
        while not self._stopped:
            try:
                sender, item = self._inbox.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"no message for {seconds:g} s") from None
            if sender is not stream or sender is None:
                continue  # of a stream that is over
            sender.taken()
            if isinstance(item, Exception):
                raise item
            return item
        return None

    def _sleep(self, seconds: float) -> None:
        try:
            self._take(None, seconds)
        except TimeoutError:
            pass

    def _after(self, error: Exception, failures: int) -> float:
        """Seconds to the next attempt. Raises what no attempt would mend."""
        problem = ServiceError.of(error) if isinstance(error, grpc.RpcError) else error
        self._health = replace(self._health, last_error=problem)
        pause = self._backoff.pause(failures)
        if isinstance(problem, ServiceError):
            if problem.reason in _POSITION_LOST:
                self._checkpoint = self._checkpoint.reload()
                self._health = replace(self._health, resyncs=self._health.resyncs + 1)
            elif problem.code not in _PASSING and not problem.retryable:
                raise problem from error
            pause = max(pause, problem.retry_after or 0.0)
        _log.warning("next attempt in %.1f s: %s", pause, problem)
        return pause

    def _note(self, batch: Batch[R]) -> None:
        now = datetime.now(timezone.utc)
        self._health = replace(
            self._health, connected_since=self._health.connected_since or now, last_message_at=now,
            last_message_clock=time.monotonic(), loading=batch.loading,
            as_of=batch.as_of or self._health.as_of, lag=batch.lag if batch.lag is not None else self._health.lag)
