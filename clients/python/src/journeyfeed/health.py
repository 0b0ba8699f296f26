"""How a consumer is doing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Health:
    """A snapshot; it does not change."""

    connected_since: datetime | None = None
    """When the present stream delivered its first message; None: there is no stream that delivered one."""
    last_message_at: datetime | None = None
    as_of: datetime | None = None
    """Time of the database up to which the newest batch is complete."""
    lag: timedelta | None = None
    """How far the newest batch was behind the newest change; zero: nothing was outstanding."""
    loading: bool = False
    reconnects: int = 0
    """Streams that were opened after the first one."""
    resyncs: int = 0
    """Loads that had to start again."""
    last_error: Exception | None = None
    """Why the last stream failed, also when another one is fine since."""
    last_message_clock: float | None = None
    """As last_message_at, of time.monotonic()."""

    def is_healthy(self, max_silence: float) -> bool:
        """Whether a batch was handed over within the last `max_silence` seconds. False before the first one, and while the
        handler of a batch takes longer."""
        return self.last_message_clock is not None and time.monotonic() - self.last_message_clock <= max_silence
