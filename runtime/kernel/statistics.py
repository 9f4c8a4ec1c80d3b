"""A frozen look at a kernel: who is where, what waits, what died, how often it restarted, how long handlers take.

Taken when asked for, in one pass over the queues; nothing is counted a message for it. A mailbox's peak is the deepest
it was *seen*: at a snapshot, at the beginning of a live driver's turn, and whenever bounds were counted. Handler times
are a driver's samples: the kernel itself has no clock, so on virtual time there are none.
"""

from collections import Counter, deque
from typing import TYPE_CHECKING

import attrs

from runtime.messages import Ref

if TYPE_CHECKING:
    from runtime.kernel.cell import Cell
    from runtime.kernel.core import Core

__all__ = ["ActorStatistics", "HandlerTimes", "KernelStatistics", "SupervisorStatistics", "sample_depths", "snapshot"]

_KEPT_SAMPLES = 512


@attrs.frozen
class ActorStatistics:
    """One actor; times in ns over its last samples, None without any."""

    path: Ref
    incarnation: int
    state: str
    depth: int
    peak: int
    bound: int
    handler_p50_ns: int | None
    handler_p99_ns: int | None


@attrs.frozen
class SupervisorStatistics:
    """One supervisor ("" is the root); `restarts_in_window` of the `intensity` tolerated in `period_ns`."""

    path: Ref
    incarnation: int
    phase: str
    restarts_in_window: int
    intensity: int
    period_ns: int


@attrs.frozen
class KernelStatistics:
    """The whole kernel; `dead_letters` as (class, cause, count), `coverage` as (claim, times true, times false)."""

    now_ns: int
    handled: int
    restarts: int
    actors: tuple[ActorStatistics, ...]
    supervisors: tuple[SupervisorStatistics, ...]
    dead_letters: tuple[tuple[str, str, int], ...]
    control_waiting: int
    data_waiting: int
    timers_pending: int
    asks_pending: int
    effects_waiting: int
    effects_held: int
    coverage: tuple[tuple[str, int, int], ...]


class HandlerTimes:
    """The last samples of each actor."""

    def __init__(self) -> None:
        self._samples: dict[Ref, deque[int]] = {}

    def note(self, ref: Ref, taken_ns: int) -> None:
        """One handler took that long."""
        samples = self._samples.get(ref)
        if samples is None:
            samples = self._samples[ref] = deque(maxlen=_KEPT_SAMPLES)
        samples.append(taken_ns)

    def forget(self, known: "dict[Ref, Cell]") -> None:
        """Drop the samples of names that are gone."""
        for ref in [ref for ref in self._samples if ref not in known]:
            del self._samples[ref]

    def quantile(self, ref: Ref, share: float) -> int | None:
        """The nearest-rank quantile of an actor's samples."""
        samples = sorted(self._samples.get(ref, ()))
        return samples[min(int(share * len(samples)), len(samples) - 1)] if samples else None


def sample_depths(kernel: "Core") -> Counter[Ref]:
    """Waiting messages by receiver; moves the peaks."""
    depths: Counter[Ref] = Counter()
    for lane in (kernel.control, kernel.data):
        for entry in lane:
            depths[entry[0].ref] += 1
    for ref, depth in depths.items():
        cell = kernel.cells.get(ref)
        if cell is not None and depth > cell.peak:
            cell.peak = depth
    return depths


def snapshot(kernel: "Core", handled: int) -> KernelStatistics:
    """Everything, in tree order."""
    depths = sample_depths(kernel)
    times = kernel.handler_times
    times.forget(kernel.cells)
    actors = tuple(
        ActorStatistics(
            path=cell.ref,
            incarnation=cell.incarnation,
            state=cell.state.value,
            depth=depths[cell.ref],
            peak=cell.peak,
            bound=cell.spec.mailbox,
            handler_p50_ns=times.quantile(cell.ref, 0.50),
            handler_p99_ns=times.quantile(cell.ref, 0.99),
        )
        for cell in kernel.cells.values()
    )
    supervisors = tuple(
        SupervisorStatistics(
            path=supervisor.ref,
            incarnation=supervisor.incarnation,
            phase=supervisor.phase.value,
            restarts_in_window=supervisor.budget.in_window(kernel.now),
            intensity=supervisor.spec.intensity,
            period_ns=supervisor.spec.period_ns,
        )
        for supervisor in kernel.life.supervisors.values()
    )
    dead = tuple((name, cause.value, count) for (name, cause), count in sorted(kernel.dead_letters.counts.items()))
    return KernelStatistics(
        now_ns=kernel.now,
        handled=handled,
        restarts=kernel.life.restarts,
        actors=actors,
        supervisors=supervisors,
        dead_letters=dead,
        control_waiting=len(kernel.control),
        data_waiting=len(kernel.data),
        timers_pending=len(kernel.timers),
        asks_pending=len(kernel.asks.pending),
        effects_waiting=len(kernel.effects),
        effects_held=len(kernel.held_effects),
        coverage=tuple((name, counts[0], counts[1]) for name, counts in sorted(kernel.coverage.items())),
    )
