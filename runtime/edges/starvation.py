"""How long messages of critical actors have waited, as the health thread sees it.

It reads the kernel's lanes itself, because the pump could report only once a turn, and a turn may be a thousand slow
messages. Copying a deque is atomic for other threads, so no lock is needed.
"""

import attrs

from runtime.kernel.envelope import Envelope
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref

__all__ = ["MailWatch", "Starved"]


@attrs.frozen
class Starved:
    """A critical actor's message, and the time (monotonic seconds) at which it was first seen waiting."""

    ref: Ref
    message: str
    since: float


class MailWatch:
    """Remembers when it first saw each waiting message of a critical actor."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Envelope, float]] = {}  # by id(); the envelope is kept so that its id stays unique

    def longest(self, kernel: Kernel, now: float) -> Starved | None:
        """The message that has waited longest, or None if none waits."""
        waiting: dict[int, tuple[Envelope, float]] = {}
        if any(cell.spec.is_critical for cell in list(kernel.cells.values())):
            for envelope in (*kernel.control.copy(), *kernel.data.copy()):
                if envelope.receiver.spec.is_critical:
                    waiting[id(envelope)] = self._seen.get(id(envelope), (envelope, now))
        self._seen = waiting
        if not waiting:
            return None
        envelope, since = min(waiting.values(), key=lambda seen: seen[1])
        return Starved(envelope.receiver.ref, type(envelope.message).__name__, since)
