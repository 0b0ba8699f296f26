"""A server whose streams play what a test wrote down: failures that the real one cannot be made to have."""

import queue
import threading
from concurrent import futures

import grpc
from journeyfeed.entity.v1.feed_pb2 import CHANGE_PHASE_CHANGES, CHANGE_PHASE_INITIAL_LOAD
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2 as m
from journeyfeed.rpc import error_details_pb2, status_pb2

PATH = "/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/RetrieveEntityChanges"
LIMIT = 20  # seconds


def load(token, **fields):
    return m.RetrieveEntityChangesResponse(data_token=token, phase=CHANGE_PHASE_INITIAL_LOAD, more_records=True, **fields)


def changes(token, **fields):
    return m.RetrieveEntityChangesResponse(data_token=token, phase=CHANGE_PHASE_CHANGES, **fields)


class Failure:
    """How a stream ends. With a reason: as the service ends it."""

    def __init__(self, code, reason="", retry_after=None, details=b""):
        status = status_pb2.Status(code=code.value[0], message="scripted")
        if reason:
            self._add(status, error_details_pb2.ErrorInfo(reason=reason, domain="journeyfeed"))
        if retry_after is not None:
            delay = error_details_pb2.RetryInfo()
            delay.retry_delay.FromMilliseconds(int(retry_after * 1000))
            self._add(status, delay)
        self.code, self.details = code, details or status.SerializeToString()

    @staticmethod
    def _add(status, detail):
        status.details.add(type_url=f"type.googleapis.com/google.rpc.{detail.DESCRIPTOR.name}", value=detail.SerializeToString())


SILENCE = object()  # nothing more comes, and the stream does not end


class Delay:
    """Before what follows."""

    def __init__(self, seconds):
        self.seconds = seconds


class ScriptedServer:
    """Each item of `streams` is what one call gets, in order: messages, then a Failure, SILENCE or nothing (OK). `calls` has the
    request and the peer of each."""

    def __init__(self, *streams):
        self._streams, self.calls = list(streams), queue.SimpleQueue()
        self._server = grpc.server(futures.ThreadPoolExecutor(8))
        self._server.add_generic_rpc_handlers((self,))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def service(self, call):
        return grpc.unary_stream_rpc_method_handler(
            self._play, m.RetrieveEntityChangesRequest.FromString, m.RetrieveEntityChangesResponse.SerializeToString)

    def _play(self, request, context):
        self.calls.put((request, context.peer()))
        if not self._streams:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "the script has no further stream")
        for item in self._streams.pop(0):
            if item is SILENCE:
                ended = queue.SimpleQueue()
                context.add_callback(lambda: ended.put(None))
                ended.get(timeout=LIMIT)
            elif isinstance(item, Delay):
                threading.Event().wait(item.seconds)
            elif isinstance(item, Failure):
                context.set_trailing_metadata((("grpc-status-details-bin", item.details),))
                context.abort(item.code, "scripted")
            else:
                yield item

    def requests(self):
        """Of the calls so far."""
        found = []
        while not self.calls.empty():
            found.append(self.calls.get())
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.stop(None).wait(LIMIT)
