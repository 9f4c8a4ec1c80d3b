"""Services whose stop cannot end: `python -m tests.runtime.live.stuck NAME STOP_S`.

Each says `up PORT`, gets stuck when it is told to by a line on stdin or when it stops, and can be ended by the guardian
alone. `raises` is the one that ends: two of its stop hooks raise.
"""

import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import trio

from runtime.actor import STARTED, STOPPED, Actor, StartResult, StopResult
from runtime.context import Context
from runtime.edges.health import Health
from runtime.edges.service import run_service
from runtime.journal.boundary import Boundary
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.messages import Message, Reason
from runtime.spec import INFINITY, SECOND_NS, ActorSpec, SupervisorSpec
from tests.runtime.journal.stories import CODEC
from tests.runtime.live.services import StuckStore, say, soon

Emit = Callable[[Message], Awaitable[None]]
FOR_EVER_S = 60.0  # longer than any test waits


class Sticky(Actor):
    """Asks its port `world` at once; `receive` and `stop` do what the story wants, and say so first."""

    def __init__(self, receive: Callable[[], None] | None, stop: Callable[[], StopResult] | None) -> None:
        self._receive = receive
        self._stop = stop

    def start(self, ctx: Context) -> StartResult:
        ctx.effect("world", "now")
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        say("told")
        if self._receive is not None:
            self._receive()

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        say(f"stop {ctx.me}")
        return STOPPED if self._stop is None else self._stop()


def loop() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(FOR_EVER_S)


def blocked_stop() -> StopResult:
    sleep()
    return STOPPED


def raising_stop() -> StopResult:
    raise RuntimeError("planted in a stop hook")


async def shielded(request: Any, emit: Emit) -> None:
    await soon_and_return(request, emit)
    with trio.CancelScope(shield=True):
        await trio.sleep_forever()


async def thread(request: Any, emit: Emit) -> None:
    await soon_and_return(request, emit)
    await trio.to_thread.run_sync(sleep)


async def soon_and_return(request: Any, emit: Emit) -> None:
    await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    await emit(request)


STORIES: dict[str, tuple[Callable[[], None] | None, Callable[[], StopResult] | None, Any]] = {
    "handler-loop": (loop, None, soon),
    "handler-sleep": (sleep, None, soon),
    "stop-hook": (None, blocked_stop, soon),
    "journal": (None, None, soon),
    "shielded-edge": (None, None, shielded),
    "thread-edge": (None, None, thread),
    "raises": (None, raising_stop, soon),
}


def main(name: str, stop_s: float) -> int:
    """Run one of them; its exit code, if it comes to that."""
    receive, stop, edge = STORIES[name]
    store = StuckStore() if name == "journal" else None
    boundary = None if store is None else Boundary(store, CODEC)
    children = tuple(
        ActorSpec(actor, partial(Sticky, receive, stop), shutdown_ns=INFINITY) for actor in ("first", "second")
    )
    kernel = Kernel(SupervisorSpec("root", children=children), ports={"world": Port()}, journal=boundary)
    if boundary is not None:
        boundary.kernel = kernel

    def is_up(health: Health) -> None:
        say(f"up {health.port}")

    stop_ns = round(stop_s * SECOND_NS)
    code = run_service(kernel, {"world": edge}, store=store, stop_ns=stop_ns, hurry_ns=SECOND_NS // 2, on_up=is_up)
    say("returned")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
