"""The books of delivery, for tests: every message that was offered was handled, is dead, or still waits.

Counted by class, message by message, so a kernel with an audit takes the slow loop; the fast one counts nothing.
"""

from collections import Counter, deque
from typing import Any, Protocol

from runtime.kernel.deadletters import DeadLetters

__all__ = ["Audit"]


class Audited(Protocol):
    """The part of a kernel that the books are compared with."""

    control: deque[Any]
    data: deque[Any]
    dead_letters: DeadLetters


class Audit:
    """`offered` and `handled` by class of message."""

    def __init__(self) -> None:
        self.offered: Counter[str] = Counter()
        self.handled: Counter[str] = Counter()

    def offer(self, message: object) -> None:
        """One message came into a lane, or died on the way there."""
        self.offered[type(message).__name__] += 1

    def handle(self, message: object) -> None:
        """One message was handled to its end."""
        self.handled[type(message).__name__] += 1

    def balance(self, kernel: Audited) -> dict[str, int]:
        """Offered less handled, dead and waiting, by class; all zero when the books are right."""
        left = Counter(self.offered)
        left.subtract(self.handled)
        for (name, _), count in kernel.dead_letters.counts.items():
            left[name] -= count
        for lane in (kernel.control, kernel.data):
            left.subtract(type(envelope.message).__name__ for envelope in lane)
        return {name: count for name, count in left.items() if count}
