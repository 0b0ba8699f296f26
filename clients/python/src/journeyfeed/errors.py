"""What an error of the service says. For every call, not only those of the feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from journeyfeed.entity.v1 import error_reason_pb2, options_pb2
from journeyfeed.rpc import error_details_pb2, status_pb2

_CODES = {code.value[0]: code for code in grpc.StatusCode}

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Violation:
    """One bad field of a request."""

    field: str
    description: str


class ServiceError(Exception):
    """An error of a call, with the details that the service gave."""

    code: grpc.StatusCode
    message: str
    reason: str
    """Of journeyfeed.entity.v1.ErrorReason, without its prefix; empty when the service did not answer."""
    action: str
    """What to do about this reason, in a sentence; empty without one."""
    violations: tuple[Violation, ...]
    """All bad fields of the request."""
    metadata: Mapping[str, str]
    retry_after: float | None
    """Seconds; nothing was done, and the call may be sent again after them."""
    correlation_id: str
    """By which the log of the server names the call."""

    def __init__(self, status: status_pb2.Status, correlation_id: str = "") -> None:
        info = _detail(status, error_details_pb2.ErrorInfo)
        bad_request = _detail(status, error_details_pb2.BadRequest)
        self.code = _CODES.get(status.code, grpc.StatusCode.UNKNOWN)
        self.message = status.message
        self.reason = info.reason
        self.action = _action(info.reason)
        self.violations = tuple(Violation(one.field, one.description) for one in bad_request.field_violations)
        self.metadata = dict(info.metadata)
        self.retry_after = None
        if _has_detail(status, error_details_pb2.RetryInfo):
            self.retry_after = _detail(status, error_details_pb2.RetryInfo).retry_delay.ToNanoseconds() / 1e9
        self.correlation_id = correlation_id
        super().__init__(self._text())

    @classmethod
    def of(cls, error: grpc.RpcError) -> ServiceError:
        """What a call raised. The `error` of a row of a bulk answer goes to the constructor."""
        call: Any = error  # gRPC raises objects that are a Call as well, and says so nowhere in its types
        status = status_pb2.Status(code=call.code().value[0], message=call.details() or "")
        details = _value(call.trailing_metadata(), "grpc-status-details-bin")
        try:
            status = status_pb2.Status.FromString(details) if details else status
        except DecodeError:
            pass  # of a proxy: code and text are there all the same
        return cls(status, str(_value(call.initial_metadata(), "x-correlation-id") or ""))

    @property
    def retryable(self) -> bool:
        """Nothing was done, and the call may be sent again as it is."""
        unavailable = self.code is grpc.StatusCode.UNAVAILABLE
        return unavailable or (self.code is grpc.StatusCode.RESOURCE_EXHAUSTED and self.retry_after is not None)

    def _text(self) -> str:
        reason = f" / {self.reason}" if self.reason not in ("", self.code.name) else ""
        action = f" ({self.action})" if self.action else ""
        return f"{self.code.name}{reason}: {self.message}{action}"


@contextmanager
def translated() -> Iterator[None]:
    """Calls within raise ServiceError in place of grpc.RpcError."""
    try:
        yield
    except grpc.RpcError as error:
        raise ServiceError.of(error) from error


def _has_detail(status: status_pb2.Status, kind: type[Message]) -> bool:
    return any(one.type_url.endswith(f"/google.rpc.{kind.DESCRIPTOR.name}") for one in status.details)


def _detail(status: status_pb2.Status, kind: type[M]) -> M:
    """The detail of this kind; an empty one if there is none."""
    found: M = kind()
    for one in status.details:
        if one.type_url.endswith(f"/google.rpc.{kind.DESCRIPTOR.name}"):
            found.ParseFromString(one.value)
    return found


def _action(reason: str) -> str:
    value = error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name.get(f"ERROR_REASON_{reason}")
    return str(value.GetOptions().Extensions[options_pb2.value].error.action) if value else ""


def _value(metadata: Any, key: str) -> Any:
    return next((value for name, value in metadata or () if name == key), None)
