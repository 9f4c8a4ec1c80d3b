"""The live driver: time, questions, bounds, the journal's promise, and an end in time."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
import trio.testing

from runtime.actor import STARTED, STOPPING, Actor, StartResult, StopResult, handles
from runtime.context import Context
from runtime.drivers.live import InputsFull, LiveDriver
from runtime.errors import KernelError
from runtime.journal.boundary import Boundary
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.messages import ActorDied, Reason, Ref
from runtime.spec import INFINITY, SECOND_NS, ActorSpec, SupervisorSpec
from runtime.supervision.management import ChildStatus
from runtime.testing import Script
from tests.runtime.journal.stories import CODEC, MemoryStore
from tests.runtime.live.trees import driven, kernel_of, worker

Emit = Callable[[Any], Awaitable[None]]


async def nothing(request: Any, emit: Emit) -> None:
    """An edge that says nothing."""


async def test_D7_timers_follow_trios_clock(autojump_clock: Any) -> None:
    rung: list[int] = []

    class Clock(Actor):
        def start(self, ctx: Context) -> StartResult:
            ctx.after(3600 * SECOND_NS, "hour", "hour")
            return STARTED

        def receive(self, message: Any, ctx: Context) -> None:
            rung.append(ctx.now)

    driver = LiveDriver(kernel_of(ActorSpec("clock", Clock)), {"world": nothing}, wall_ns=lambda: 10**18)
    async with driven(driver):
        await trio.sleep(3601)
    assert len(rung) == 1
    assert 3600 * SECOND_NS <= rung[0] < 3601 * SECOND_NS


class WallReader(Actor):
    """Notes kernel time, wall time and its error each second."""

    def __init__(self, seen: list[tuple[int, int, int | None]]) -> None:
        self._seen = seen

    def start(self, ctx: Context) -> StartResult:
        ctx.after(SECOND_NS, "tick", "tick")
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        self._seen.append((ctx.now, ctx.wall, ctx.wall_error_ns))
        ctx.after(SECOND_NS, "tick", "tick")


async def test_D17_a_step_of_the_local_clock_moves_neither_kernel_time_nor_the_wall(autojump_clock: Any) -> None:
    """Somebody sets the local clock an hour on and two days back, again and again: it is read once."""
    seen: list[tuple[int, int, int | None]] = []
    readings = [10**18, 10**18 + 3600 * SECOND_NS, 10**18 - 2 * 86_400 * SECOND_NS] * 1_000
    left = list(reversed(readings))
    driver = LiveDriver(kernel_of(ActorSpec("w", lambda: WallReader(seen))), {"world": nothing}, wall_ns=left.pop)
    async with driven(driver):
        await trio.sleep(10)
    assert len(readings) - len(left) == 1
    assert len(seen) >= 9
    assert {wall - now for now, wall, _ in seen} == {10**18}
    assert {error for _, _, error in seen} == {None}
    assert [now // SECOND_NS for now, _, _ in seen] == list(range(1, len(seen) + 1))


async def test_D17_a_local_clock_at_the_epoch_is_read_once_too(autojump_clock: Any) -> None:
    seen: list[tuple[int, int, int | None]] = []
    left = [5, 0]
    driver = LiveDriver(kernel_of(ActorSpec("w", lambda: WallReader(seen))), {"world": nothing}, wall_ns=left.pop)
    async with driven(driver):
        await trio.sleep(3)
    assert left == [5]
    assert {wall - now for now, wall, _ in seen} == {0}


async def test_D8_questions_and_management_calls_from_outside_are_answered(autojump_clock: Any) -> None:
    def double(message: Any, ctx: Context) -> None:
        if message == "die":
            raise RuntimeError("planted")
        ctx.reply(2 * message)

    driver = LiveDriver(kernel_of(ActorSpec("a", lambda: Script(double))), {"world": nothing})
    async with driven(driver):
        assert await driver.ask(Ref("a"), 21, SECOND_NS) == 42
        assert isinstance(await driver.ask(Ref("a"), "die", SECOND_NS), ActorDied)
        (info,) = await driver.supervisor().which_children()
        assert (info.status, info.incarnation) == (ChildStatus.RUNNING, 2)


async def test_D9_an_edge_that_awaits_its_emit_is_slowed_and_one_that_does_not_is_stopped() -> None:
    kernel = kernel_of(worker("a", [], "flood"))

    async def flood(request: Any, emit: Emit) -> None:
        for number in range(200_000):
            emit(number)

    driver = LiveDriver(kernel, {"world": flood})
    async with driven(driver) as running:
        while not kernel.life.causes:
            await trio.lowlevel.checkpoint()
        driver.stop("seen")
        await running.settle()
    assert kernel.life.causes[0].error == InputsFull.__name__


class Thread:
    """A store whose write can be held up or made to fail, and that knows what is durable."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        self.inner = MemoryStore()
        self.writes = 0
        self.fails_at = fails_at
        self._taken = -1
        self.pending_bytes = 0

    def append(self, kind: str, time_ns: int, payload: bytes) -> int:
        return self.inner.append(kind, time_ns, payload)

    def commit(self) -> int:
        raise AssertionError("the writer's work")

    def take_batch(self) -> Any:
        last = len(self.inner.rows) - 1
        if last == self._taken:
            return None
        self._taken = last
        return last

    def write(self, batch: Any) -> int:
        self.writes += 1
        if self.fails_at is not None and self.writes >= self.fails_at:
            raise OSError("the disk is gone")
        self.inner.durable = batch
        return int(batch)


def journaled(store: Thread, *children: Any) -> Kernel:
    boundary = Boundary(store, CODEC)
    tree = SupervisorSpec("root", children=children)
    kernel = Kernel(tree, ports={"bank": Port(is_durable_first=True)}, journal=boundary)
    boundary.kernel = kernel
    return kernel


async def test_D10_a_durable_first_effect_leaves_only_when_it_is_on_disk() -> None:
    store = Thread()
    seen: list[bool] = []

    def pay(message: Any, ctx: Context) -> None:
        ctx.effect("bank", message)

    async def bank(request: Any, emit: Emit) -> None:
        record = next(r for r in store.inner.rows if r.kind == "effect" and str(request).encode() in r.payload)
        seen.append(record.sequence <= store.inner.durable)

    kernel = journaled(store, ActorSpec("a", lambda: Script(pay)))
    driver = LiveDriver(kernel, {"bank": bank}, store=store)
    async with driven(driver) as running:
        for number in range(1000, 1050):
            driver.tell(Ref("a"), number)
            with trio.fail_after(5):
                while len(seen) < number - 999:
                    await trio.sleep(0)
    assert running.outcome is not None
    assert seen == [True] * 50


async def test_D11_a_journal_that_fails_ends_the_run_and_nothing_that_waited_leaves() -> None:
    store = Thread(fails_at=2)
    paid: list[Any] = []

    def pay(message: Any, ctx: Context) -> None:
        ctx.effect("bank", message)

    async def bank(request: Any, emit: Emit) -> None:
        paid.append(request)

    kernel = journaled(store, ActorSpec("a", lambda: Script(pay)))
    driver = LiveDriver(kernel, {"bank": bank}, store=store)
    async with driven(driver) as running:
        driver.tell(Ref("a"), 1000)
        with trio.fail_after(5):
            while running.outcome is None:
                await trio.sleep(0)
    assert paid == []
    assert running.outcome is not None
    assert not running.outcome.is_clean
    assert (running.outcome.causes[0].ref, running.outcome.causes[0].text) == ("journal", "the disk is gone")


class Stubborn(Actor):
    """Never says that it has stopped."""

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        return STOPPING

    @handles(str)
    def hear(self, message: str, ctx: Context) -> None:
        pass


@pytest.mark.parametrize(("stops", "bound_s"), [(1, 60), (2, 1)])
async def test_D12_a_stop_ends_within_its_deadline_and_a_second_one_shortens_it(
    stops: int, bound_s: int, autojump_clock: Any
) -> None:
    kernel = kernel_of(ActorSpec("a", Stubborn, shutdown_ns=INFINITY))
    driver = LiveDriver(kernel, {"world": nothing}, stop_ns=60 * SECOND_NS, hurry_ns=SECOND_NS)
    begun = trio.current_time()
    async with driven(driver) as running:
        for _ in range(stops - 1):  # leaving the block is one more
            driver.stop("enough")
    assert bound_s <= trio.current_time() - begun < bound_s + 1
    assert running.outcome is not None
    assert not running.outcome.is_clean


async def test_D13_a_port_without_an_edge_is_refused_before_anything_starts() -> None:
    with pytest.raises(KernelError, match="world"):
        LiveDriver(kernel_of(worker("a", [])))


async def test_D14_cancelling_the_run_cancels_everything_in_it() -> None:
    ended: list[str] = []

    async def told(request: Any, emit: Emit) -> None:
        try:
            await trio.sleep_forever()
        finally:
            ended.append(request)

    driver = LiveDriver(kernel_of(worker("a", [], "dial")), {"world": told})
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run)
        await driver.wait_up()
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert ended == ["dial"]
