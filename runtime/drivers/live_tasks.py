"""Trio's task tree as the supervision tree: each supervisor a task with a nursery, each incarnation a task in it.

The kernel says when lives begin and end, in the middle of its turn; tasks follow as Trio schedules them. An
incarnation's task opens a cancel scope, hosts the edges of that life as children, and parks until the kernel declares
it dead. It starts no edge before its predecessor's task has ended, so that a socket can be bound again.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, runtime_checkable

import attrs
import trio

from runtime.kernel.ports import Effect
from runtime.messages import Message, Reason, Ref

__all__ = ["Edge", "Life", "QuickEdge", "TaskCancelled", "TaskTree"]

Edge = Callable[[object, Callable[[Message], Awaitable[None]]], Awaitable[None]]
_GRACE_S = 5.0


@runtime_checkable
class QuickEdge(Protocol):
    """An edge with requests that need no task of their own: they wait for nothing and emit nothing.

    Starting a task and waiting for its turn costs a tenth of a millisecond on a machine with cold caches. Such a
    request may overtake an earlier one that has a task.
    """

    def at_once(self, request: object) -> bool:
        """Whether the request is done; False: it needs a task."""


class TaskCancelled(Exception):
    """Something other than the kernel cancelled the incarnation's task."""


@attrs.define(eq=False)
class Life:
    """One incarnation's task."""

    ref: Ref
    incarnation: int
    before: "Life | None"
    scope: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    ended: trio.Event = attrs.field(factory=trio.Event)
    waiting: list[Effect] = attrs.field(factory=list)
    nursery: trio.Nursery | None = None
    is_closed: bool = False

    @property
    def name(self) -> str:
        """The name of its task."""
        return f"{self.ref}#{self.incarnation}"


@attrs.define(eq=False)
class Branch:
    """One supervisor's task; tasks to run in its nursery wait until the nursery is open."""

    ref: Ref
    closing: trio.Event = attrs.field(factory=trio.Event)
    waiting: list[tuple[Callable[..., Awaitable[None]], object, str]] = attrs.field(factory=list)
    nursery: trio.Nursery | None = None

    def spawn(self, run: Callable[..., Awaitable[None]], what: object, name: str) -> None:
        """Start a task below this supervisor."""
        if self.nursery is None:
            self.waiting.append((run, what, name))
        else:
            self.nursery.start_soon(run, what, name=name)


class TaskTree:
    """The kernel's listener. `perform(effect)` runs an edge in its life's task; failures go to `failed`."""

    def __init__(
        self,
        edges: Mapping[str, Edge],
        emit: Callable[[Effect, Message], Awaitable[None]],
        failed: Callable[[Ref, int, BaseException], None],
    ) -> None:
        self._edges = edges
        self._at_once: dict[str, Callable[[object], bool]] = {}
        for port, edge in edges.items():
            quick: object = edge
            if isinstance(quick, QuickEdge):
                self._at_once[port] = quick.at_once
        self._emit = emit
        self._failed = failed
        self._branches: dict[Ref, Branch] = {}
        self._lives: dict[Ref, Life] = {}
        self._house: trio.Nursery | None = None

    def open_in(self, nursery: trio.Nursery) -> None:
        """Set the nursery of the root supervisor's task."""
        self._house = nursery

    def life(self, ref: Ref) -> Life | None:
        """The newest incarnation's task."""
        return self._lives.get(ref)

    # -- the kernel says ----------------------------------------------------------------------------------------

    def supervisor_opened(self, ref: Ref, parent: Ref | None) -> None:
        """A supervisor begins a life: start its task with its own nursery."""
        branch = self._branches[ref] = Branch(ref)
        if parent is not None:
            self._branches[parent].spawn(self._supervise, branch, ref)
        else:
            assert self._house is not None, "a tree of tasks is opened before it is started"
            self._house.start_soon(self._supervise, branch, name="root")

    def supervisor_closed(self, ref: Ref) -> None:
        """All below are down: its task ends when their tasks have ended."""
        self._branches.pop(ref).closing.set()

    def incarnation_opened(self, ref: Ref, incarnation: int, supervisor: Ref) -> None:
        """An incarnation begins."""
        life = self._lives[ref] = Life(ref, incarnation, self._lives.get(ref))
        self._branches[supervisor].spawn(self._live, life, life.name)

    def incarnation_closed(self, ref: Ref, incarnation: int, reason: Reason) -> None:
        """An incarnation has ended: cancel its task and its edges."""
        life = self._lives[ref]
        life.is_closed = True
        life.scope.cancel()

    def perform(self, effect: Effect) -> None:
        """Run the edge behind the effect's port in the task of the life that asked, unless that life has ended."""
        life = self._lives.get(effect.ref)
        if life is None or life.is_closed or life.incarnation != effect.incarnation:
            return
        if life.nursery is None:
            life.waiting.append(effect)
        elif not self._is_done(life, effect):
            life.nursery.start_soon(self._run_edge, life, effect, name=f"{life.name}:{effect.port}")

    def _is_done(self, life: Life, effect: Effect) -> bool:
        """Whether the edge has done it without a task, or failed at it."""
        at_once = self._at_once.get(effect.port)
        if at_once is None:
            return False
        try:
            return at_once(effect.request)
        except Exception as error:
            self._failed(life.ref, life.incarnation, error)
            return True

    # -- tasks --------------------------------------------------------------------------------------------------

    async def _supervise(self, branch: Branch) -> None:
        async with trio.open_nursery() as nursery:
            branch.nursery = nursery
            waiting, branch.waiting = branch.waiting, []
            for run, what, name in waiting:
                nursery.start_soon(run, what, name=name)
            await branch.closing.wait()

    async def _live(self, life: Life) -> None:
        try:
            with life.scope:
                async with trio.open_nursery() as nursery:
                    await self._host(life, nursery)
        finally:
            life.before = None
            life.ended.set()
            if self._lives.get(life.ref) is life and life.is_closed:
                del self._lives[life.ref]
            if not life.is_closed:
                life.is_closed = True
                self._failed(life.ref, life.incarnation, TaskCancelled(f"the task of {life.name} was cancelled"))

    async def _host(self, life: Life, nursery: trio.Nursery) -> None:
        if life.before is not None:
            with trio.move_on_after(_GRACE_S):
                await life.before.ended.wait()
        life.before = None
        life.nursery = nursery
        waiting, life.waiting = life.waiting, []
        for effect in waiting:
            self.perform(effect)
        await trio.sleep_forever()

    async def _run_edge(self, life: Life, effect: Effect) -> None:
        """Run an edge; report its failure to the kernel, and let a cancellation propagate."""

        def emit(message: Message) -> Awaitable[None]:
            return self._emit(effect, message)

        try:
            await self._edges[effect.port](effect.request, emit)
        except trio.Cancelled:
            raise
        except BaseExceptionGroup as group:
            cancelled, rest = group.split(trio.Cancelled)
            if rest is not None:
                self._failed(life.ref, life.incarnation, rest)
            if cancelled is not None:
                raise cancelled from None
        except BaseException as error:
            self._failed(life.ref, life.incarnation, error)
