"""Dead letters: every message that was accepted and not handled, counted by class and cause; the last ones are kept."""

from collections import Counter, deque
from enum import StrEnum

import attrs

from runtime.messages import Ref

__all__ = ["DeadCause", "DeadLetter", "DeadLetters"]


class DeadCause(StrEnum):
    """In hand at a crash; sent by the handler that crashed; queued at a restart; receiver down; too late; overflow.

    Then: replaced by a newer one; dropped for a resync; for a life that has ended; in quarantine; a planted fault.
    """

    CRASH = "crash"
    ROLLED_BACK = "rolled_back"
    RESTART = "restart"
    DOWN = "down"
    LATE = "late"
    REJECTED = "rejected"
    DROPPED = "dropped"
    CONFLATED = "conflated"
    RESYNC = "resync"
    STALE = "stale"
    POISON = "poison"
    FAULT = "fault"


@attrs.frozen
class DeadLetter:
    """One message that no handler has handled."""

    time_ns: int
    ref: Ref
    message: object
    cause: DeadCause


class DeadLetters:
    """Counters of all dead letters, and a ring of the last ones."""

    def __init__(self, keep: int = 1000) -> None:
        self.counts: Counter[tuple[str, DeadCause]] = Counter()
        self.last: deque[DeadLetter] = deque(maxlen=keep)
        self.count = 0

    def add(self, letter: DeadLetter) -> None:
        """Count and keep one letter."""
        self.counts[type(letter.message).__name__, letter.cause] += 1
        self.last.append(letter)
        self.count += 1

    def total(self) -> int:
        """All dead letters so far."""
        return self.count
