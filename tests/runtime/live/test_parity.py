"""The same actors with the same scripted inputs give the same trace under virtual time and under Trio."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import trio

from runtime.actor import STARTED, Actor, StartResult, handles
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.drivers.simulated import EmitToTree, SimulatedDriver
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.kernel.recorder import Recorder, RecordMap
from runtime.messages import Down, Ref, Up
from runtime.spec import SECOND_NS, ActorSpec, RestartStrategy, SupervisorSpec

FEED = [(number * SECOND_NS // 2 + SECOND_NS // 10, number) for number in range(1, 60)]
END_NS = 40 * SECOND_NS


class Quote(msgspec.Struct, frozen=True):
    """From the world."""

    number: int


class Wanted(msgspec.Struct, frozen=True):
    """A decision, recorded."""

    number: int
    life: int
    draw: float


class Done(msgspec.Struct, frozen=True):
    """The world's answer, recorded when it is passed on."""

    number: int
    at_s: int


class Trader(Actor):
    """Decides at every third quote, asks the world, dies of every thirteenth, counts on a timer."""

    def start(self, ctx: Context) -> StartResult:
        ctx.effect("feed", ctx.incarnation)
        ctx.after(SECOND_NS, Quote(0), "tick")
        return STARTED

    @handles(Quote)
    def quote(self, message: Quote, ctx: Context) -> None:
        if message.number == 0:
            ctx.after(SECOND_NS, Quote(0), "tick")
        elif message.number % 13 == 0:
            raise ValueError("thirteen")
        elif message.number % 3 == 0:
            ctx.send(Ref("book"), Wanted(message.number, ctx.incarnation, ctx.rng("size").random()))
            ctx.effect("trade", message.number)

    @handles(Done)
    def done(self, message: Done, ctx: Context) -> None:
        ctx.send(Ref("book"), message)


class Book(Actor):
    """Watches the trader and hears of it all."""

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(Ref("trader"))
        return STARTED

    @handles(Wanted, Done, Down, Up)
    def hear(self, message: Any, ctx: Context) -> None:
        """Noted."""


def build() -> Kernel:
    children = (ActorSpec("trader", Trader), ActorSpec("book", Book))
    tree = SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, children, intensity=10, period_ns=100 * SECOND_NS)
    wanted: RecordMap = {Wanted: lambda m: (m.number, m.life, m.draw), Done: lambda m: (m.number, m.at_s)}
    return Kernel(tree, Recorder(wanted), seed=7, ports={"feed": Port(), "trade": Port()})


def story_of(kernel: Kernel) -> tuple[list[Any], list[Any]]:
    """What was decided, and how lives came and went; without times, which Trio's clock rounds."""
    decided = [record.message for record in kernel.recorder.stream]
    return decided, [(event.kind, event.path, event.incarnation, event.reason) for event in kernel.events]


def simulated() -> Kernel:
    kernel = build()

    def feed(request: Any, emit: EmitToTree) -> None:
        for due_ns, number in FEED:
            if due_ns > kernel.now:
                emit(Quote(number), delay_ns=due_ns - kernel.now)

    def trade(request: Any, emit: EmitToTree) -> None:
        emit(Done(request, 0), delay_ns=SECOND_NS // 4)

    driver = SimulatedDriver(kernel, edges={"feed": feed, "trade": trade})
    driver.start()
    driver.run_until(END_NS)
    driver.stop("the end")
    return kernel


async def live() -> Kernel:
    kernel = build()
    begun = trio.current_time()

    async def feed(request: Any, emit: Callable[[Any], Awaitable[None]]) -> None:
        for due_ns, number in FEED:
            if begun + due_ns / SECOND_NS > trio.current_time():
                await trio.sleep_until(begun + due_ns / SECOND_NS)
                await emit(Quote(number))
        await trio.sleep_forever()

    async def trade(request: Any, emit: Callable[[Any], Awaitable[None]]) -> None:
        await trio.sleep(0.25)
        await emit(Done(request, 0))

    driver = LiveDriver(kernel, {"feed": feed, "trade": trade})
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run)
        await trio.sleep_until(begun + END_NS / SECOND_NS)
        driver.stop("the end")
    return kernel


async def test_D15_both_drivers_give_the_same_decisions_and_the_same_digest(autojump_clock: Any) -> None:
    here, there = simulated(), await live()
    decided, lives = story_of(here)
    assert story_of(there) == (decided, lives)
    assert len(decided) > 20
    assert here.life.restarts == 4
    # The digest is over times too; a mock clock is exact to the nanosecond here, as every due time is a round number.
    assert there.recorder.digest() == here.recorder.digest()
