"""Accounts of delivery, for tests: every message offered was handled, is a dead letter, or still waits.

Counted by class, message by message, so a kernel with an audit takes the slow loop; the fast one counts nothing.
"""

from collections import Counter, deque
from typing import Any, Protocol

from runtime.kernel.deadletters import DeadLetters

__all__ = ["Audit"]


class Audited(Protocol):
    """The part of a kernel that the counts are compared with."""

    control: deque[Any]
    data: deque[Any]
    dead_letters: DeadLetters


class Audit:
    """`offered` and `handled` by class of message."""

    def __init__(self) -> None:
        self.offered: Counter[str] = Counter()
        self.handled: Counter[str] = Counter()

    def offer(self, message: object) -> None:
        """Count one message that entered a lane, or died on the way there."""
        self.offered[type(message).__name__] += 1

    def handle(self, message: object) -> None:
        """Count one message whose handler returned."""
        self.handled[type(message).__name__] += 1

    def balance(self, kernel: Audited) -> dict[str, int]:
        """Offered less handled, dead and waiting messages by class; no class is left when all are accounted for."""
        left = Counter(self.offered)
        left.subtract(self.handled)
        for (name, _), count in kernel.dead_letters.counts.items():
            left[name] -= count
        for lane in (kernel.control, kernel.data):
            left.subtract(type(envelope.message).__name__ for envelope in lane)
        return {name: count for name, count in left.items() if count}
