"""Services to be stopped, blocked and starved from outside: `python -m tests.runtime.live.services NAME`.

Each prints its health port when it is up (or that it starts), waits for a line on stdin before it misbehaves, and ends
by a signal.
"""

import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import trio

from runtime.actor import STARTED, STARTING, StartResult
from runtime.context import Context
from runtime.edges.health import Health, HealthLimits
from runtime.edges.service import run_service
from runtime.edges.threads import in_thread
from runtime.journal.boundary import Boundary
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.messages import Message, Ref
from runtime.spec import SECOND_NS, ActorSpec, Backoff, SupervisorSpec
from runtime.testing import Script
from tests.runtime.journal.stories import CODEC, MemoryStore

__all__ = ["main"]

Emit = Callable[[Message], Awaitable[None]]
_NEVER = threading.Event()  # waited for in a thread, never set
LIMITS = HealthLimits(handler_s=0.2, turn_s=1.5, journal_s=0.2, mailbox_s=0.2, sample_s=0.02)


def say(text: str) -> None:
    print(text, flush=True)


async def soon(request: Any, emit: Emit) -> None:
    """Emit the request when a line comes in on stdin, then stay."""
    await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    await emit(request)
    await trio.sleep_forever()


def quiet(message: Any, ctx: Context) -> None:
    """Hear, and do nothing."""


def wanting(request: str) -> Callable[[Context], StartResult]:
    def start(ctx: Context) -> StartResult:
        ctx.effect("soon", request)
        return STARTED

    return start


def tree(*children: ActorSpec, intensity: int = 1_000_000) -> Kernel:
    ports = {"soon": Port(), "hang": Port()}
    return Kernel(SupervisorSpec("root", children=children, intensity=intensity), ports=ports)


def healthy() -> Kernel:
    return tree(ActorSpec("quiet", lambda: Script(quiet)))


def starting() -> Kernel:
    def never(ctx: Context) -> StartResult:
        say("starting")
        return STARTING

    return tree(ActorSpec("first", lambda: Script(quiet)), ActorSpec("slow", lambda: Script(quiet, never)))


def storm() -> Kernel:
    """Its actor crashes at every message and at once again."""

    def crash(message: Any, ctx: Context) -> None:
        raise RuntimeError("storm")

    def again(ctx: Context) -> StartResult:
        ctx.send(Ref("storm"), "again")
        return STARTED

    backoff = Backoff(min_ns=SECOND_NS // 1000, max_ns=SECOND_NS // 1000)
    return tree(ActorSpec("storm", lambda: Script(crash, again), backoff=backoff))


def hanging() -> Kernel:
    def dial(ctx: Context) -> StartResult:
        ctx.effect("hang", "forever")
        return STARTED

    return tree(ActorSpec("caller", lambda: Script(quiet, dial)))


def looping() -> Kernel:
    def loop(message: Any, ctx: Context) -> None:
        while True:
            pass

    return tree(ActorSpec("looper", lambda: Script(loop, wanting("loop"))))


def starving() -> Kernel:
    """A hog has nine thousand messages to chew on, and the critical actor's one lies behind them."""

    def chew(message: Any, ctx: Context) -> None:
        if message == "feast":
            for _ in range(9_000):
                ctx.send(Ref("hog"), "bite")
            ctx.send(Ref("critical"), "please")
        else:
            _NEVER.wait(0.005)

    return tree(
        ActorSpec("critical", lambda: Script(quiet), is_critical=True),
        ActorSpec("hog", lambda: Script(chew, wanting("feast"))),
    )


class StuckStore(MemoryStore):
    """Its first group is written, its second never."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = -1
        self._writes = 0

    def take_batch(self) -> Any:
        last = len(self.rows) - 1
        if last == self._taken:
            return None
        self._taken = last
        return last

    def write(self, batch: Any) -> int:
        self._writes += 1
        if self._writes > 1:
            _NEVER.wait(20)
        return int(batch)


def stuck(store: StuckStore) -> Kernel:
    boundary = Boundary(store, CODEC)
    children = (ActorSpec("quiet", lambda: Script(quiet, wanting("write"))),)
    ports = {"soon": Port(), "hang": Port()}
    kernel = Kernel(SupervisorSpec("root", children=children), ports=ports, journal=boundary)
    boundary.kernel = kernel
    return kernel


TREES = {"healthy": healthy, "starting": starting, "storm": storm, "hanging": hanging, "looping": looping}


def main(name: str) -> int:
    """Run one of them; its exit code."""

    def is_up(health: Health) -> None:
        say(f"up {health.port}")

    def hang(request: Any) -> Message:
        say("hanging")
        _NEVER.wait(30)
        return "late"

    unknown = in_thread(hang, limiter=trio.CapacityLimiter(1), timeout_s=60, unknown=lambda request: "unknown")
    edges = {"soon": soon, "hang": unknown}
    store = StuckStore() if name == "stuck" else None
    kernel = stuck(store) if store is not None else {**TREES, "starving": starving}[name]()
    # the hog's turns are long and its messages short, however busy the machine is
    limits = attrs.evolve(LIMITS, handler_s=60.0) if name == "starving" else LIMITS
    return run_service(kernel, edges, store=store, limits=limits, stop_ns=2 * SECOND_NS, on_up=is_up)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
