"""One call of RetrieveEntityChanges, read by a thread."""

from __future__ import annotations

import queue
import threading
from importlib import import_module
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import Message

METHOD = "RetrieveEntityChanges"

# Longest wait for the thread of a call that was cancelled.
_JOIN_LIMIT = 10.0

# What streams and stop() put: (stream, message), (stream, exception that ended it), (stream, None: it ended with OK), and
# (None, None) to stop. Not a Queue: stop() may be called by a signal handler that interrupted a get().
Inbox = queue.SimpleQueue[tuple["Stream | None", Any]]


class Feed(NamedTuple):
    """The method of an entity, and its messages."""

    path: str
    request: type[Message]
    response: type[Message]

    @classmethod
    def of(cls, record: type[Message]) -> Feed:
        """TypeError: `record` is not a record of the service."""
        name = getattr(record, "__module__", "").removesuffix("_pb2") + "_service_pb2"
        try:
            module = import_module(name)
            service = next(one for one in module.DESCRIPTOR.services_by_name.values() if METHOD in one.methods_by_name)
        except (ImportError, StopIteration):
            raise TypeError(f"{record!r} is not the message of a record that has a feed") from None
        return cls(f"/{service.full_name}/{METHOD}", getattr(module, f"{METHOD}Request"), getattr(module, f"{METHOD}Response"))


class Stream:
    """Owns its channel and its thread until close(). It reads one message ahead: at most 3 MiB, or one record."""

    def __init__(self, channel: grpc.Channel, feed: Feed, request: Message, metadata: Any, inbox: Inbox) -> None:
        self._channel = channel
        self._inbox = inbox
        self._room = threading.Semaphore(0)
        serialize, parse = feed.request.SerializeToString, feed.response.FromString
        call = channel.unary_stream(feed.path, request_serializer=serialize, response_deserializer=parse)
        self._call: Any = call(request, metadata=metadata)
        self._thread = threading.Thread(target=self._read, name="journeyfeed", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        end: Exception | None = None
        try:
            for message in self._call:
                self._inbox.put((self, message))
                self._room.acquire()
        except Exception as error:  # whatever it is, the consumer raises it
            end = error
        self._inbox.put((self, end))

    def taken(self) -> None:
        """A message left the inbox."""
        self._room.release()

    def close(self) -> None:
        self._call.cancel()
        self._room.release()
        self._channel.close()
        self._thread.join(_JOIN_LIMIT)
