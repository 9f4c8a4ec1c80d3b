"""Trees for the live driver's tests, the nursery they run in, and Trio's task tree as nested names."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio

from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.messages import Ref
from runtime.spec import ActorSpec, SupervisorSpec

__all__ = ["Running", "Worker", "driven", "expected_tasks", "kernel_of", "tasks_below", "worker"]

Tasks = dict[str, "Tasks"]


class Worker(Actor):
    """Uses the port `world` at its start if told to; crashes at "die"; keeps what it hears."""

    def __init__(self, heard: list[tuple[str, int, Any]], request: Any = None) -> None:
        self._heard = heard
        self._request = request

    def start(self, ctx: Context) -> StartResult:
        if self._request is not None:
            ctx.effect("world", self._request)
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        self._heard.append((ctx.me, ctx.incarnation, message))
        if message == "die":
            raise RuntimeError("planted")


def worker(name: str, heard: list[tuple[str, int, Any]], request: Any = None, **options: Any) -> ActorSpec:
    return ActorSpec(name, lambda: Worker(heard, request), **options)


def kernel_of(*children: Any, **options: Any) -> Kernel:
    return Kernel(SupervisorSpec("root", children=children, intensity=10), ports={"world": Port()}, **options)


@attrs.define
class Running:
    """A driver in a nursery of the test, and how its run ended."""

    driver: LiveDriver
    outcome: Outcome | None = None

    async def settle(self) -> None:
        """Until everything that can happen now has happened."""
        await trio.testing.wait_all_tasks_blocked()


@asynccontextmanager
async def driven(driver: LiveDriver) -> AsyncIterator[Running]:
    """The driver under way, up; stopped at the end if it is not already."""
    running = Running(driver)

    async def run() -> None:
        running.outcome = await driver.run()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, name="run")
        await driver.wait_up()
        yield running
        driver.stop("the test is over")


def tasks_below(name: str) -> Tasks:
    """The tasks below the task of that name, by name."""
    found = _find(trio.lowlevel.current_root_task(), name)
    assert found is not None, f"no task {name}"
    return _nested(found)


def _find(task: Any, name: str) -> Any:
    if task is None or task.name == name:
        return task
    children = (child for nursery in task.child_nurseries for child in nursery.child_tasks)
    return next((found for child in children if (found := _find(child, name)) is not None), None)


def _nested(task: Any) -> Tasks:
    return {
        child.name: _nested(child)
        for nursery in task.child_nurseries
        for child in sorted(nursery.child_tasks, key=lambda child: str(child.name))
    }


def expected_tasks(kernel: Kernel, edges: Callable[[Ref], tuple[str, ...]] = lambda ref: ()) -> Tasks:
    """What Trio's tree below the root supervisor should be: the supervision tree, with `edges(ref)` in the lives."""

    def below(supervisor: Any) -> Tasks:
        out: Tasks = {}
        for child in supervisor.children:
            if not child.is_alive:
                continue
            node = child.node
            if hasattr(node, "children"):
                out[node.ref] = below(node)
            else:
                life = f"{node.ref}#{node.incarnation}"
                out[life] = {f"{life}:{port}": {} for port in edges(node.ref)}
        return dict(sorted(out.items()))

    return below(kernel.life.root)
