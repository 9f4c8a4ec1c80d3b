"""Prometheus metrics of a kernel, made from its latest snapshot at each scrape; times in seconds.

The live driver takes the snapshot in its own turn; this module reads the newest one in the thread that answers the
scrape. There is no process-wide registry.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from runtime.kernel.statistics import ActorStatistics, KernelStatistics, SupervisorStatistics

__all__ = ["KernelCollector", "exposition"]

_ACTOR_GAUGES: dict[str, tuple[str, Callable[[ActorStatistics], float | None]]] = {
    "mailbox_depth": ("Messages waiting for the actor.", lambda actor: actor.depth),
    "mailbox_peak": ("The deepest its mailbox was seen.", lambda actor: actor.peak),
    "mailbox_bound": ("How many may wait.", lambda actor: actor.bound),
    "incarnation": ("Lives so far.", lambda actor: actor.incarnation),
    "handler_p50_seconds": ("Median of sampled handler times.", lambda actor: _seconds(actor.handler_p50_ns)),
    "handler_p99_seconds": ("99th percentile of sampled handler times.", lambda actor: _seconds(actor.handler_p99_ns)),
}
_SUPERVISOR_GAUGES: dict[str, tuple[str, Callable[[SupervisorStatistics], float]]] = {
    "restarts_in_window": ("Restarts within the period.", lambda supervisor: supervisor.restarts_in_window),
    "restarts_tolerated": ("Restarts tolerated in a period.", lambda supervisor: supervisor.intensity),
}
_KERNEL_GAUGES: dict[str, tuple[str, Callable[[KernelStatistics], float]]] = {
    "timers_pending": ("Timers that have not fired.", lambda kernel: kernel.timers_pending),
    "asks_pending": ("Questions without an answer yet.", lambda kernel: kernel.asks_pending),
    "effects_waiting": ("Effects on their way to an edge.", lambda kernel: kernel.effects_waiting),
    "effects_held": ("Effects that wait for the disk.", lambda kernel: kernel.effects_held),
}


class KernelCollector(Collector):
    """`newest` returns the last snapshot, or None before the first."""

    def __init__(self, newest: Callable[[], KernelStatistics | None]) -> None:
        self._newest = newest

    def collect(self) -> Iterator[Metric]:
        """Every metric of the newest snapshot."""
        found = self._newest()
        if found is None:
            return
        for name, (text, read) in _KERNEL_GAUGES.items():
            yield GaugeMetricFamily(f"coldframe_{name}", text, value=read(found))
        yield CounterMetricFamily("coldframe_messages_handled", "Messages handled.", value=found.handled)
        yield CounterMetricFamily("coldframe_restarts", "Incarnations after the first.", value=found.restarts)
        for name, (text, read_actor) in _ACTOR_GAUGES.items():
            family = GaugeMetricFamily(f"coldframe_actor_{name}", text, labels=["path"])
            for actor in found.actors:
                value = read_actor(actor)
                if value is not None:
                    family.add_metric([actor.path], value)
            yield family
        for name, (text, read_supervisor) in _SUPERVISOR_GAUGES.items():
            family = GaugeMetricFamily(f"coldframe_supervisor_{name}", text, labels=["path"])
            for supervisor in found.supervisors:
                family.add_metric([supervisor.path or "root"], read_supervisor(supervisor))
            yield family
        dead = CounterMetricFamily("coldframe_dead_letters", "Messages that reached nobody.", labels=["class", "cause"])
        for kind, cause, count in found.dead_letters:
            dead.add_metric([kind, cause], count)
        yield dead


def exposition(newest: Callable[[], KernelStatistics | None]) -> Callable[[], bytes]:
    """A function that returns the metrics as text, for /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(KernelCollector(newest))
    return lambda: generate_latest(registry)


def _seconds(value_ns: int | None) -> float | None:
    return None if value_ns is None else value_ns / 1e9
