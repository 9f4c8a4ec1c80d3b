"""Trio's task tree is the supervision tree: at the start, after restarts, and for the edges in it."""

from collections.abc import Awaitable, Callable
from typing import Any

import trio
import trio.testing

from runtime.drivers.live import LiveDriver
from runtime.kernel.deadletters import DeadCause
from runtime.messages import Ref
from runtime.spec import ActorSpec, Restart, RestartStrategy, SupervisorSpec
from tests.runtime.live.trees import Worker, driven, expected_tasks, kernel_of, tasks_below, worker

Emit = Callable[[Any], Awaitable[None]]


async def parked(request: Any, emit: Emit) -> None:
    await trio.sleep_forever()


def has_edge(ref: Ref) -> tuple[str, ...]:
    return ("world",) if ref.endswith("e") else ()


async def test_D1_the_task_tree_is_the_supervision_tree_after_restarts_of_workers_and_supervisors_too() -> None:
    heard: list[Any] = []
    inner = SupervisorSpec(
        "inner", RestartStrategy.ONE_FOR_ALL, (worker("b", heard), worker("ce", heard, "park")), intensity=0
    )
    pool = SupervisorSpec("pool", RestartStrategy.DYNAMIC, (worker("w", heard),))
    kernel = kernel_of(worker("ae", heard, "park"), SupervisorSpec("outer", children=(inner,)), pool)
    driver = LiveDriver(kernel, {"world": parked})
    async with driven(driver) as running:

        async def compare() -> None:
            await running.settle()
            assert tasks_below("root") == expected_tasks(kernel, has_edge)

        await compare()
        assert tasks_below("root")["outer"]["outer/inner"]["outer/inner/ce#1"] == {"outer/inner/ce#1:world": {}}
        driver.tell(Ref("ae"), "die")
        await compare()
        assert "ae#2" in tasks_below("root")
        driver.tell(Ref("outer/inner/b"), "die")  # no restarts are tolerated there: the inner supervisor restarts whole
        await compare()
        assert "outer/inner/b#2" in tasks_below("root")["outer"]["outer/inner"]
        first = await driver.supervisor("pool").start_child()
        await driver.supervisor("pool").start_child()
        await compare()
        await driver.supervisor("pool").terminate_child(first)
        await compare()
        assert list(tasks_below("root")["pool"]) == ["pool/w-2#1"]
    assert running.outcome is not None
    assert running.outcome.is_clean


async def test_D2_an_edge_that_raises_is_a_crash_of_its_incarnation(autojump_clock: Any) -> None:
    heard: list[Any] = []
    lives: list[str] = []

    async def broken(request: Any, emit: Emit) -> None:
        lives.append(request)
        if len(lives) == 1:
            await trio.sleep(1)
            raise ConnectionResetError("planted")
        await trio.sleep_forever()

    kernel = kernel_of(worker("a", heard, "dial"))
    async with driven(LiveDriver(kernel, {"world": broken})) as running:
        while kernel.life.restarts == 0:
            await trio.sleep(0.5)
        await running.settle()
    causes = kernel.life.causes
    assert [(cause.ref, cause.error) for cause in causes] == [("a", "ConnectionResetError")]
    assert lives == ["dial", "dial"]


async def test_D2_the_leaf_of_an_exception_group_is_what_the_kernel_learns_of() -> None:
    async def nested(request: Any, emit: Emit) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            raise KeyError("planted")

    kernel = kernel_of(worker("a", [], "dial", restart=Restart.TEMPORARY))
    async with driven(LiveDriver(kernel, {"world": nested})) as running:
        await running.settle()
    assert [cause.error for cause in kernel.life.causes] == ["KeyError"]


class Quick:
    """An edge that does what it can without a task."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.tasks: list[Any] = []

    def at_once(self, request: object) -> bool:
        if request == "broken":
            raise ConnectionResetError("planted")
        if request == "park":
            return False
        self.done.append(request)
        return True

    async def __call__(self, request: Any, emit: Emit) -> None:
        self.tasks.append(request)
        await trio.sleep_forever()


async def test_D18_what_an_edge_does_at_once_has_no_task_and_what_it_leaves_has_one() -> None:
    edge = Quick()
    kernel = kernel_of(worker("a", [], "dial"), worker("b", [], "park"))
    async with driven(LiveDriver(kernel, {"world": edge})) as running:
        await running.settle()
        assert (edge.done, edge.tasks) == (["dial"], ["park"])
        assert tasks_below("root") == {"a#1": {}, "b#1": {"b#1:world": {}}}


async def test_D18_an_edge_that_raises_at_once_is_a_crash_of_its_incarnation() -> None:
    kernel = kernel_of(worker("a", [], "broken", restart=Restart.TEMPORARY))
    async with driven(LiveDriver(kernel, {"world": Quick()})) as running:
        await running.settle()
    assert [(cause.ref, cause.error) for cause in kernel.life.causes] == [("a", "ConnectionResetError")]


async def test_D3_a_task_cancelled_from_outside_is_a_crash_that_the_kernel_learns_of() -> None:
    kernel = kernel_of(worker("a", [], "park"))
    driver = LiveDriver(kernel, {"world": parked})
    async with driven(driver) as running:
        life = driver.tasks.life(Ref("a"))
        assert life is not None
        life.scope.cancel()
        await running.settle()
        assert tasks_below("root") == {"a#2": {"a#2:world": {}}}
    assert [cause.error for cause in kernel.life.causes] == ["TaskCancelled"]


async def test_D4_a_kill_cancels_the_scope_and_its_edges() -> None:
    ended: list[str] = []

    async def told(request: Any, emit: Emit) -> None:
        try:
            await trio.sleep_forever()
        finally:
            ended.append(request)

    kernel = kernel_of(worker("a", [], "dial"))
    driver = LiveDriver(kernel, {"world": told})
    async with driven(driver) as running:
        await running.settle()
        driver.kill(Ref("a"))
        await running.settle()
        assert ended == ["dial"]


async def test_D5_no_edge_of_a_new_life_starts_before_the_last_ones_task_has_ended(autojump_clock: Any) -> None:
    story: list[str] = []

    async def slow_to_close(request: Any, emit: Emit) -> None:
        story.append("opened")
        try:
            await trio.sleep_forever()
        finally:
            with trio.move_on_after(1, shield=True):
                await trio.sleep(0.5)
            story.append("closed")

    kernel = kernel_of(worker("a", [], "bind"))
    driver = LiveDriver(kernel, {"world": slow_to_close})
    async with driven(driver):
        await trio.sleep(1)
        driver.tell(Ref("a"), "die")
        await trio.sleep(2)
    assert story == ["opened", "closed", "opened", "closed"]


async def test_D6_what_an_edge_of_a_dead_life_emits_reaches_nobody(autojump_clock: Any) -> None:
    heard: list[Any] = []
    emitters: list[Emit] = []

    async def keep(request: Any, emit: Emit) -> None:
        emitters.append(emit)
        await emit("alive")
        await trio.sleep_forever()

    kernel = kernel_of(ActorSpec("a", lambda: Worker(heard, "dial")))
    driver = LiveDriver(kernel, {"world": keep})
    async with driven(driver):
        await trio.sleep(1)
        driver.kill(Ref("a"))
        await trio.sleep(1)
        await emitters[0]("from the grave")
        await trio.sleep(1)
    assert [message for _, _, message in heard] == ["alive", "alive"]
    assert kernel.dead_letters.counts["str", DeadCause.STALE] == 1
