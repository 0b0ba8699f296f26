"""How long to wait before the next attempt."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `first` to `longest` seconds. Each pause is shortened at random by up to a half, so that consumers that
    lost their server together do not come back together."""

    first: float = 0.1
    longest: float = 30.0
    random: Callable[[], float] = random.random

    def pause(self, failures: int) -> float:
        """Seconds to wait after that many failures in a row, at least one."""
        doubled = self.first * 2.0 ** min(failures - 1, 60)
        return min(self.longest, doubled) * (1 - self.random() / 2)
