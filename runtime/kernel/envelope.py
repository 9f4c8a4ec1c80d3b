"""A message with its receiver, its sender and its question's correlation. Lanes are queues of envelopes."""

from collections import deque
from typing import Any

import msgspec

from runtime.kernel.cell import Cell

__all__ = ["NOBODY", "Envelope", "Lane"]


class Envelope(msgspec.Struct, frozen=True, eq=False):
    """`sender` is None for a message from outside the tree; `correlation` is 0 for one that expects no answer."""

    receiver: Cell
    message: Any
    sender: Cell | None
    correlation: int


Lane = deque[Envelope]

NOBODY = Envelope(None, None, None, 0)  # type: ignore[arg-type]  # in hand while no handler runs
