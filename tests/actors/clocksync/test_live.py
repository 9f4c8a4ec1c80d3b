"""Clock sync under the live driver, on a mock clock: a local clock that is wrong and is set again and again."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio

from actors.clocksync.actor import ClockSync
from actors.clocksync.messages import FollowClock, Synchronised, Unsynchronised
from actors.clocksync.policy import SyncPolicy
from actors.model.backend import ServerTime, ServerTimeQuery
from runtime.actor import STARTED, Actor, StartResult, handles
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.journal.boundary import Boundary
from runtime.journal.codec import Codec
from runtime.journal.replay import Replay
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink, Port
from runtime.messages import Asker, Ref
from runtime.spec import SECOND_NS, ActorSpec, RestartStrategy, SupervisorSpec
from tests.actors.clocksync.clocks import MS, TrueClock
from tests.runtime.journal.stories import MemoryStore
from tests.runtime.live.trees import driven

TRUE_NS = 1_700_000_000 * SECOND_NS
HOUR_NS = 3600 * SECOND_NS
Emit = Callable[[Any], Awaitable[None]]


class Gateway(Actor):
    """Passes the question on to its edge, and the answer back."""

    def __init__(self) -> None:
        self._askers: dict[int, Asker] = {}

    @handles(ServerTimeQuery)
    def asked(self, message: ServerTimeQuery, ctx: Context) -> None:
        self._askers[ctx.effect("venue", message)] = ctx.asker()

    @handles(ServerTime)
    def answered(self, message: ServerTime, ctx: Context) -> None:
        ctx.answer(self._askers.pop(ctx.correlation), message)


class Follower(Actor):
    """Follows the clock, and notes the wall clock each second beside what it is told."""

    def __init__(self, seen: list[tuple[int, int, int | None]], told: list[object]) -> None:
        self._seen, self._told = seen, told

    def start(self, ctx: Context) -> StartResult:
        ctx.ask(Ref("clocksync"), FollowClock(ctx.me), SECOND_NS)
        ctx.after(SECOND_NS, "tick", "tick")
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        if message == "tick":
            self._seen.append((ctx.now, ctx.wall, ctx.wall_error_ns))
            ctx.after(SECOND_NS, "tick", "tick")
        else:
            self._told.append(message)


class Venue:
    """An edge with a clock of its own; the way there takes 5 ms, the way back 30 ms."""

    def __init__(self, offset_ns: int) -> None:
        self.clock = TrueClock(offset_ns)
        self.began = trio.current_time()

    async def serve(self, request: object, emit: Emit) -> None:
        await trio.sleep(0.005)
        now_ns = round((trio.current_time() - self.began) * SECOND_NS)
        stamp = ServerTime(self.clock.shows_ms(now_ns))
        await trio.sleep(0.030)
        await emit(stamp)


def a_tree(seen: list[tuple[int, int, int | None]], told: list[object], sink: JournalSink | None) -> Kernel:
    children = (
        ActorSpec("port", Gateway),
        ActorSpec("clocksync", lambda: ClockSync(Ref("port"), SyncPolicy())),
        ActorSpec("follower", lambda: Follower(seen, told)),
    )
    tree = SupervisorSpec("root", RestartStrategy.REST_FOR_ONE, children)
    return Kernel(tree, ports={"venue": Port()}, journal=sink)


@pytest.mark.parametrize("wrong_ns", [0, HOUR_NS, -77 * MS])
async def test_the_wall_clock_is_the_venues_whatever_the_local_clock_shows(autojump_clock: Any, wrong_ns: int) -> None:
    seen: list[tuple[int, int, int | None]] = []
    told: list[object] = []
    steps = iter(range(10**6))
    venue = Venue(TRUE_NS)
    driver = LiveDriver(
        a_tree(seen, told, None),
        {"venue": venue.serve},
        wall_ns=lambda: TRUE_NS + wrong_ns + next(steps) * HOUR_NS,  # an hour later at each look
    )
    async with driven(driver):
        await trio.sleep(60)
    assert next(steps) == 1
    assert len(seen) > 50
    for now_ns, wall_ns, error_ns in seen:
        assert error_ns is not None
        assert error_ns <= 40 * MS
        assert venue.clock.is_within(wall_ns - error_ns - now_ns, wall_ns + error_ns - now_ns, now_ns)
    assert told == [Synchronised()]


async def test_a_step_of_the_venues_clock_is_an_alarm_and_its_run_replays_to_the_same_wall_clock(
    autojump_clock: Any,
) -> None:
    seen: list[tuple[int, int, int | None]] = []
    told: list[object] = []
    store, codec = MemoryStore(), Codec((ServerTime,))
    boundary = Boundary(store, codec)
    kernel = boundary.kernel = a_tree(seen, told, boundary)
    venue = Venue(TRUE_NS)
    driver = LiveDriver(kernel, {"venue": venue.serve}, wall_ns=lambda: TRUE_NS + HOUR_NS)
    async with driven(driver):
        await trio.sleep(25)
        venue.clock = TrueClock(TRUE_NS + 3 * SECOND_NS)
        await trio.sleep(25)
    assert [type(message) for message in told] == [Synchronised, Unsynchronised, Synchronised]
    now_ns, wall_ns, error_ns = seen[-1]
    assert error_ns is not None
    assert venue.clock.is_within(wall_ns - error_ns - now_ns, wall_ns + error_ns - now_ns, now_ns)
    assert [now for now, _, _ in seen] == sorted({now for now, _, _ in seen})

    again: list[tuple[int, int, int | None]] = []
    told_again: list[object] = []
    report = Replay(store.rows, lambda sink: a_tree(again, told_again, sink), codec).run()
    assert report.divergence is None
    assert (again, told_again) == (seen, told)
