"""The few fields that the pump and the journal's writer leave for an onlooker in another thread.

Each is written by one thread and read by another, whole: no lock. The onlooker must not trust Trio, which does not run
while a handler loops, so it looks at the kernel's message in hand itself.
"""

import time

import attrs

from runtime.cell import Cell
from runtime.kernel import Kernel
from runtime.mailbox import Entry
from runtime.messages import Ref

__all__ = ["Pulse", "Starved"]


@attrs.frozen
class Starved:
    """A critical actor's oldest message, and since when (monotonic seconds) it has been that."""

    ref: Ref
    message: str
    since: float


@attrs.define(eq=False)
class Pulse:
    """`beat_s`: how often the pump turns at least. `writing_since`: a write to the journal is under way since then."""

    beat_s: float = 0.5
    turn: int = 0
    turned_at: float = attrs.field(factory=time.monotonic)
    kernel: Kernel | None = None
    writing_since: float | None = None
    starved: tuple[Starved, ...] = ()
    _oldest: dict[Ref, tuple[Entry, float]] = attrs.field(factory=dict)

    def beat(self, kernel: Kernel) -> None:
        """The pump has taken a turn."""
        self.kernel = kernel
        self.turn += 1
        self.turned_at = time.monotonic()
        critical = [cell for cell in kernel.cells.values() if cell.spec.is_critical]
        if critical:
            self._look_for_starved(kernel, critical)

    def _look_for_starved(self, kernel: Kernel, critical: list[Cell]) -> None:
        now, waiting = self.turned_at, {}
        for lane in (kernel.data, kernel.control):
            for entry in reversed(lane):
                waiting[entry[0].ref] = entry
        oldest = {}
        for cell in critical:
            if cell.ref in waiting:
                entry, known = waiting[cell.ref], self._oldest.get(cell.ref)
                oldest[cell.ref] = known if known is not None and known[0] is entry else (entry, now)
        self._oldest = oldest
        self.starved = tuple(
            Starved(ref, type(entry[1]).__name__, since) for ref, (entry, since) in sorted(oldest.items())
        )
