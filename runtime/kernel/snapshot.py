"""Takes a snapshot of a kernel's statistics: one pass over the lanes and the tree, on request."""

from collections import Counter
from collections.abc import Iterable

from runtime.kernel.core import Core
from runtime.kernel.statistics import ActorStatistics, HandlerTimes, KernelStatistics, SupervisorStatistics
from runtime.messages import Ref
from runtime.supervision.supervisor import Supervisor

__all__ = ["sample_depths", "snapshot"]


def sample_depths(core: Core) -> Counter[Ref]:
    """Waiting messages by receiver; updates the peaks."""
    depths: Counter[Ref] = Counter()
    for lane in (core.delivery.control, core.delivery.data):
        for envelope in lane:
            depths[envelope.receiver.ref] += 1
    for ref, depth in depths.items():
        cell = core.directory.cells.get(ref)
        if cell is not None:
            cell.peak = max(cell.peak, depth)
    return depths


def snapshot(
    core: Core, times: HandlerTimes, supervisors: Iterable[Supervisor], *, handled: int, restarts: int
) -> KernelStatistics:
    """The kernel's statistics, actors in tree order."""
    delivery, cells = core.delivery, core.directory.cells
    depths = sample_depths(core)
    times.forget(cells)
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
        for cell in cells.values()
    )
    branches = tuple(
        SupervisorStatistics(
            path=supervisor.ref,
            incarnation=supervisor.incarnation,
            phase=supervisor.phase.value,
            restarts_in_window=supervisor.budget.in_window(core.clock.now),
            intensity=supervisor.spec.intensity,
            period_ns=supervisor.spec.period_ns,
        )
        for supervisor in supervisors
    )
    dead = tuple((name, cause.value, count) for (name, cause), count in sorted(delivery.dead_letters.counts.items()))
    return KernelStatistics(
        now_ns=core.clock.now,
        handled=handled,
        restarts=restarts,
        actors=actors,
        supervisors=branches,
        dead_letters=dead,
        control_waiting=len(delivery.control),
        data_waiting=len(delivery.data),
        timers_pending=len(core.timers),
        asks_pending=len(delivery.asks.pending),
        effects_waiting=len(core.outbox.ready),
        effects_held=len(core.outbox.held),
        coverage=tuple((name, counts[0], counts[1]) for name, counts in sorted(core.coverage.items())),
    )
