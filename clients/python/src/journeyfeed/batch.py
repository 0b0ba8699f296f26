"""What a consumer hands over: one message of the stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from journeyfeed.checkpoint import Checkpoint
from journeyfeed.entity.v1 import feed_pb2

R = TypeVar("R", bound=Message)


class Change(Generic[R]):
    """A record in its newest state, or the deletion of one."""

    __slots__ = ("proto",)

    def __init__(self, proto: Any) -> None:
        self.proto = proto
        """The EntityChange, with all that it says."""

    @property
    def record(self) -> R | None:
        """None: it was deleted. That can be a record that this consumer never saw."""
        record: R | None = self.proto.new_or_updated_entity if self.proto.HasField("new_or_updated_entity") else None
        return record

    @property
    def key(self) -> tuple[str, str]:
        """Id and partition, which identify a record together. The partition of a record without one is its id."""
        named: Any = self.record if self.record is not None else self.proto.removed_item
        return named.id, getattr(named, "partition_id", "") or named.id

    @property
    def version(self) -> int:
        """Of the record, or of its deletion; rises with every change of a key."""
        version: int = self.proto.version_number
        return version

    @property
    def committed_at(self) -> datetime | None:
        """None in a load."""
        return _time(self.proto, "commit_time")


@dataclass(frozen=True, slots=True)
class Batch(Generic[R]):
    """Apply `changes`, then sweep if `load_finished`, then store `checkpoint`: all in one transaction.

    Mark and sweep: write `generation` into every record that is applied. When `load_finished`, delete the records of
    lower generations. A load that was interrupted, or that had to start again because the position of the consumer was
    lost, then leaves no record behind that was deleted meanwhile.
    """

    changes: Sequence[Change[R]]
    """In the order in which they are to be applied. Empty if there is only progress to store."""
    checkpoint: Checkpoint
    """To be stored: a consumer that starts with it goes on after this batch."""
    resync: bool
    """A load starts again with this batch: records of lower generations may be gone."""
    load_finished: bool
    """The load is complete with this batch, and the changes that it ran into: after the sweep the copy is `consistent`."""
    consistent: bool
    """The copy is a state that the database had."""
    call_end: bool
    """No call of a writer has been applied in part."""
    more: bool
    """More is known to follow."""
    as_of: datetime | None
    """Time of the database at which this position was read."""
    lag: timedelta | None
    """How far this position is behind the newest change."""
    rows_done: int
    """Records of the load up to here."""
    rows_estimated: int

    @property
    def generation(self) -> int:
        return self.checkpoint.generation

    @property
    def loading(self) -> bool:
        """Records of lower generations are still to be kept."""
        return self.checkpoint.loading


def make_batch(message: Any, before: Checkpoint) -> Batch[Any]:
    """The batch of a message of the stream that began after `before` or went on from there."""
    resync = not before.token and before.generation > 1
    # The server was told not to start a load by itself; if it does all the same, it is a load like any other.
    if message.resync or (message.phase == feed_pb2.CHANGE_PHASE_INITIAL_LOAD and not before.loading):
        before, resync = before.reload(), True
    finished: bool = before.loading and message.consistent
    checkpoint = Checkpoint(message.data_token or before.token, before.generation, before.loading and not finished)
    known = message.HasField("progress")
    return Batch(
        changes=[Change(one) for one in message.changes], checkpoint=checkpoint, resync=resync, load_finished=finished,
        consistent=message.consistent, call_end=message.call_end, more=message.more_records,
        as_of=_time(message.progress, "as_of"), lag=message.progress.lag.ToTimedelta() if known else None,
        rows_done=message.progress.rows_done, rows_estimated=message.progress.rows_estimated)


def _time(message: Any, field: str) -> datetime | None:
    return getattr(message, field).ToDatetime(timezone.utc) if message.HasField(field) else None
