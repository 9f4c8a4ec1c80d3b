"""How long the mail of critical actors has waited, as the health thread sees it.

It looks at the kernel's lanes itself: the pump could tell only once a turn, and a turn may be a thousand slow messages.
Copying a deque is one step for other threads, so no lock is needed.
"""

import attrs

from runtime.kernel.kernel import Kernel
from runtime.kernel.mailbox import Entry
from runtime.messages import Ref

__all__ = ["MailWatch", "Starved"]


@attrs.frozen
class Starved:
    """A critical actor's message, and since when (monotonic seconds) it has been seen waiting."""

    ref: Ref
    message: str
    since: float


class MailWatch:
    """Remembers when it first saw each waiting message of a critical actor."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Entry, float]] = {}  # by identity; the entry is kept, so that it stays unique

    def longest(self, kernel: Kernel, now: float) -> Starved | None:
        """The message that has waited longest, None if none waits."""
        waiting: dict[int, tuple[Entry, float]] = {}
        if any(cell.spec.is_critical for cell in list(kernel.cells.values())):
            for entry in (*kernel.control.copy(), *kernel.data.copy()):
                if entry[0].spec.is_critical:
                    waiting[id(entry)] = self._seen.get(id(entry), (entry, now))
        self._seen = waiting
        if not waiting:
            return None
        entry, since = min(waiting.values(), key=lambda seen: seen[1])
        return Starved(entry[0].ref, type(entry[1]).__name__, since)
