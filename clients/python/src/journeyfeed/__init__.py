"""Follows the change feeds of journeyfeed. Start with FeedConsumer.

The modules below journeyfeed.<entity>.v1 are generated from the service's protos: messages and gRPC stubs of every call.
"""

from journeyfeed.backoff import Backoff
from journeyfeed.batch import Batch, Change
from journeyfeed.channel import connect
from journeyfeed.checkpoint import Checkpoint
from journeyfeed.consumer import FeedConsumer
from journeyfeed.errors import ServiceError, Violation
from journeyfeed.health import Health

__all__ = ["Backoff", "Batch", "Change", "Checkpoint", "FeedConsumer", "Health", "ServiceError", "Violation", "connect"]
