"""A probe that records, a script that acts, and a tree of a few actors on the virtual clock."""

from collections.abc import Callable, Sequence
from typing import Any

from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.kernel import FaultHook, Kernel
from runtime.kernel.recorder import Recorder, RecordMap
from runtime.spec import SECOND_NS, ChildSpec, RestartStrategy, SupervisorSpec

__all__ = ["Probe", "Script", "started_tree"]

Handler = Callable[[Any, Context], None]


class Probe(Actor):
    """Records (time, message) of what it receives in a list that outlives its incarnations."""

    def __init__(self, seen: list[tuple[int, Any]]) -> None:
        self.seen = seen

    def receive(self, message: Any, ctx: Context) -> None:
        self.seen.append((ctx.now, message))


class Script(Actor):
    """An actor made of two functions: one for its start, one for each message."""

    def __init__(self, receive: Handler, start: Callable[[Context], StartResult | None] | None = None) -> None:
        self._receive = receive
        self._start = start

    def start(self, ctx: Context) -> StartResult:
        result = self._start(ctx) if self._start is not None else None
        return STARTED if result is None else result

    def receive(self, message: Any, ctx: Context) -> None:
        self._receive(message, ctx)


def started_tree(
    children: Sequence[ChildSpec],
    strategy: RestartStrategy = RestartStrategy.ONE_FOR_ONE,
    *,
    intensity: int = 1,
    period_ns: int = 5 * SECOND_NS,
    record: RecordMap | None = None,
    fault: FaultHook | None = None,
    seed: int = 0,
) -> tuple[Kernel, SimulatedDriver]:
    """A root supervisor over `children`, started at time 0; the names of top-level children are their ids."""
    spec = SupervisorSpec("root", strategy, tuple(children), intensity, period_ns)
    kernel = Kernel(spec, Recorder(record or {}), seed, fault)
    driver = SimulatedDriver(kernel)
    driver.start()
    return kernel, driver
