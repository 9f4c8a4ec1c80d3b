"""The few fields that the pump and the journal's writer leave for an onlooker in another thread.

Each is written by one thread and read by another, whole: no lock. The onlooker must not trust Trio, which does not run
while a handler loops, so it looks at the kernel's message in hand and at its
lanes itself.
"""

import time

import attrs

from runtime.kernel.kernel import Kernel

__all__ = ["Pulse"]


@attrs.define(eq=False)
class Pulse:
    """`beat_s`: how often the pump turns at least. `writing_since`: a write to the journal is under way since then."""

    beat_s: float = 0.5
    turn: int = 0
    turned_at: float = attrs.field(factory=time.monotonic)
    kernel: Kernel | None = None
    writing_since: float | None = None

    def beat(self, kernel: Kernel) -> None:
        """The pump has taken a turn."""
        self.kernel = kernel
        self.turn += 1
        self.turned_at = time.monotonic()
