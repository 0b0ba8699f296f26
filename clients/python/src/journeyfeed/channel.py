"""The connection with a server."""

from collections.abc import Sequence
from typing import Any

import grpc

_OPTIONS: dict[str, Any] = {
    # One record can be larger than the 4 MiB that gRPC accepts by default.
    "grpc.max_receive_message_length": 8 * 1024 * 1024,
    # The server ends a connection that is pinged more often than every 10 s.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.max_reconnect_backoff_ms": 5_000,
    # gRPC gives two channels of a process the same connection otherwise, also when that one is dead.
    "grpc.use_local_subchannel_pool": 1,
}


def connect(address: str, *, credentials: grpc.ChannelCredentials | None = None,
            options: Sequence[tuple[str, Any]] = ()) -> grpc.Channel:
    """A channel with what docs/clients.md of the service asks of clients, and a connection of its own.

    `address`: a gRPC target, "host:port" or "dns:///name:port". Without `credentials` it is not encrypted. `options` are
    added and win. Close the channel when it is not needed any more.
    """
    merged = list({**_OPTIONS, **dict(options)}.items())
    if credentials is None:
        return grpc.insecure_channel(address, options=merged)
    return grpc.secure_channel(address, credentials, options=merged)
