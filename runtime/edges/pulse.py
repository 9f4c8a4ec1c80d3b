"""Fields that the pump and the journal's writer set for the health thread.

Each field is written by one thread and read atomically by another, so there is no lock. The health thread cannot rely
on Trio, which does not run while a handler loops, so it reads the kernel's message in hand and lanes itself.
"""

import time

import attrs

from runtime.kernel.kernel import Kernel

__all__ = ["Pulse"]


@attrs.define(eq=False)
class Pulse:
    """`beat_s`: longest time between pump turns. `writing_since`: when the current journal write began, or None."""

    beat_s: float = 0.5
    turn: int = 0
    turned_at: float = attrs.field(factory=time.monotonic)
    kernel: Kernel | None = None
    writing_since: float | None = None

    def beat(self, kernel: Kernel) -> None:
        """Note that the pump has taken a turn."""
        self.kernel = kernel
        self.turn += 1
        self.turned_at = time.monotonic()
