"""A supervisor: starts its children in order, stops them in reverse, and decides what a death means.

What it has to do lies in a plan, a queue of stops, waits and starts. A step that needs time (a child that is Starting,
one that is Stopping, a backoff) leaves the plan pending until the lifecycle reports its end; a death in the meantime
changes the plan. So there is one road for boot, restart and shutdown, and no callback inside another.
"""

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING

import attrs

from runtime.cell import Cell
from runtime.messages import Cause, Reason, Ref
from runtime.restarts import Budget, Streak
from runtime.rng import RandomStream
from runtime.spec import ChildSpec, Restart, Strategy, SupervisorSpec

if TYPE_CHECKING:
    from runtime.lifecycle import Lifecycle

__all__ = ["Child", "Phase", "Supervisor"]


class Phase(Enum):
    """Where a supervisor is; `starting` is its own start, in which a death is a failed start."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Step(Enum):
    """Kinds of plan steps."""

    STOP = "stop"
    WAIT = "wait"
    START = "start"


@attrs.define(eq=False)
class Child:
    """One child: its spec, and the cell or supervisor that lives in its place."""

    spec: ChildSpec
    node: "Cell | Supervisor"
    streak: Streak
    is_alive: bool = False


class Supervisor:
    """One node of the tree; `parent` is None for the root."""

    def __init__(self, spec: SupervisorSpec, ref: Ref, parent: "Supervisor | None", life: "Lifecycle") -> None:
        self.spec = spec
        self.ref = ref
        self.parent = parent
        self.life = life
        self.phase = Phase.STOPPED
        self.children: list[Child] = []
        self.budget = Budget(spec.intensity, spec.period_ns)
        self.plan: deque[tuple[Step, Child, int]] = deque()
        self.pending: Child | None = None
        self.failure: Cause | None = None

    def add(self, spec: ChildSpec, node: "Cell | Supervisor") -> None:
        """Take a child, in start order; called while the tree is built."""
        jitter = RandomStream(self.life.seed, f"backoff/{self.ref}/{spec.id}")
        self.children.append(Child(spec, node, Streak(spec.backoff, jitter)))

    def start(self) -> None:
        """Begin to start all children, top to bottom."""
        self.phase = Phase.STARTING
        self.failure = None
        self.budget.clear()
        self.plan = deque((Step.START, child, 0) for child in self.children)
        self.advance()

    def stop(self) -> None:
        """Begin to stop all children, bottom to top; a start under way is interrupted."""
        if self.phase is Phase.STOPPING:
            return
        self.phase = Phase.STOPPING
        self.life.cancel_wait(self)
        self.pending = None
        self.plan = deque((Step.STOP, child, 0) for child in reversed(self.children) if child.is_alive)
        self.advance()

    def advance(self) -> None:
        """Carry the plan on until a step needs time or nothing is left."""
        while self.pending is None and self.plan:
            step, child, wait_ns = self.plan.popleft()
            self.pending = child
            if step is Step.STOP:
                self.life.stop_node(child.node)
            elif step is Step.WAIT:
                self.life.wait(self, wait_ns)
            else:
                child.is_alive = True
                self.life.start_node(child.node)
        if self.pending is None and not self.plan:
            self._finished()

    def child_started(self, node: "Cell | Supervisor") -> None:
        """A start step has ended well."""
        child = self._child(node)
        child.streak.started(self.life.now)
        self._step_done(child)

    def child_ignored(self, node: "Cell | Supervisor") -> None:
        """A start step ended with IGNORE: the child stays down and is not missed."""
        child = self._child(node)
        child.is_alive = False
        self._step_done(child)

    def child_stopped(self, node: "Cell | Supervisor") -> None:
        """A stop step has ended."""
        child = self._child(node)
        child.is_alive = False
        self._step_done(child)

    def waited(self) -> None:
        """A backoff has passed."""
        self.pending = None
        self.advance()

    def child_died(self, node: "Cell | Supervisor", cause: Cause, *, fatal: bool) -> None:
        """An incarnation ended by itself: a crash, a kill, a failed start, or a child supervisor that gave up."""
        child = self._child(node)
        child.is_alive = False
        was_pending = self.pending is child
        if was_pending:
            self.pending = None
        self.life.add_cause(cause)
        if self.phase is Phase.STOPPING:
            self.advance()
        elif fatal or child.spec.restart is Restart.FATAL:
            self.life.fatal(cause)
        elif self.phase is Phase.STARTING:
            self._fail(cause)
        elif not self.life.has_been_up:
            self.life.fatal(cause)  # a crash before the tree is up is a failed start of the tree
        elif child.spec.restart is Restart.TEMPORARY:
            self.advance()
        elif not self.budget.spend(self.life.now):
            self._fail(cause)
        else:
            self._plan_restart(child)
            self.advance()

    # -- inside -------------------------------------------------------------------------------------------------

    def _plan_restart(self, died: Child) -> None:
        """Stop the living of the group in reverse, wait if the streak asks for it, start the group in order."""
        waiting = [child for step, child, _ in self.plan if step is Step.START]
        group = self._group(died)
        again = [child for child in self.children if child in group or child in waiting]
        if self.pending is not None and self.pending in group:
            self.life.cancel_wait(self)
            self.pending = None
        stops = [child for child in reversed(self.children) if child in group and child.is_alive]
        wait_ns = died.streak.next_wait(self.life.now)
        self.plan = deque((Step.STOP, child, 0) for child in stops)
        if wait_ns:
            self.plan.append((Step.WAIT, died, wait_ns))
        self.plan.extend((Step.START, child, 0) for child in again if child is not self.pending)

    def _group(self, died: Child) -> list[Child]:
        if self.spec.strategy is Strategy.ONE_FOR_ONE:
            return [died]
        if self.spec.strategy is Strategy.ONE_FOR_ALL:
            return list(self.children)
        return self.children[self.children.index(died) :]

    def _fail(self, cause: Cause) -> None:
        """Start failed or the budget is spent: stop everybody, then report to the parent."""
        self.failure = cause
        self.stop()

    def _step_done(self, child: Child) -> None:
        if self.pending is child:
            self.pending = None
            self.advance()

    def _finished(self) -> None:
        if self.phase is Phase.STARTING:
            self.phase = Phase.RUNNING
            self.life.supervisor_started(self)
        elif self.phase is Phase.STOPPING:
            self.phase = Phase.STOPPED
            failure, self.failure = self.failure, None
            if failure is None:
                self.life.supervisor_stopped(self)
            else:
                gave_up = Cause(self.ref, 0, Reason.SHUTDOWN, "gave up", f"after {failure.ref}: {failure.error}")
                self.life.supervisor_failed(self, gave_up)

    def _child(self, node: "Cell | Supervisor") -> Child:
        return next(child for child in self.children if child.node is node)
