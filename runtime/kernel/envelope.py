"""A message on its way: who receives it, who sent it, and the question it belongs to. Lanes are queues of these."""

from collections import deque
from typing import Any

import msgspec

from runtime.kernel.cell import Cell

__all__ = ["NOBODY", "Envelope", "Lane"]


class Envelope(msgspec.Struct, frozen=True, eq=False):
    """`sender` is None for what comes from outside the tree; `correlation` is 0 for a message that wants no answer."""

    receiver: Cell
    message: Any
    sender: Cell | None
    correlation: int


Lane = deque[Envelope]

NOBODY = Envelope(None, None, None, 0)  # type: ignore[arg-type]  # in hand while no handler runs
