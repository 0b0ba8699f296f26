"""Where a consumer is in its feed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_TEXT = re.compile(r"1:([1-9][0-9]{0,17}):(load|changes):([A-Za-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a consumer stores, as str(checkpoint), in the transaction with the changes of its batch. Take it as opaque.

    Besides the token of the server it holds the number of the load that the copy stems from, and whether that load goes
    on: a consumer that was killed in the middle of a load continues it under the same number, so that the sweep at its end
    is complete and removes nothing that the first part of the load brought.
    """

    token: str = ""
    generation: int = 1
    loading: bool = True

    def __str__(self) -> str:
        return f"1:{self.generation}:{'load' if self.loading else 'changes'}:{self.token}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """ValueError: not what str(checkpoint) was. Whether the token is good is known when the server sees it."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"not a checkpoint: {text[:80]!r}")
        return cls(token=found[3], generation=int(found[1]), loading=found[2] == "load")

    def reload(self) -> Checkpoint:
        """The one from which everything is loaded again, and what is gone is swept. The consumer does this by itself when
        its token has expired. It is for a token that the server refuses: after a change of columns or partition, or when the
        key that signed it was removed."""
        return replace(self, token="", generation=self.generation + 1, loading=True)
