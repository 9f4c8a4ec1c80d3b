"""A supervisor: starts its children in order, stops them in reverse, and decides what a death means.

It keeps no list of steps: the next step follows from each child's marks (must stop, is due, is held by a backoff).
`advance` takes steps while none is under way, so boot, restart, shutdown and management calls share one code path, a
death in the meantime only changes marks, and recursion is never deeper than the tree.
"""

from collections import deque
from enum import Enum
from typing import Protocol

from runtime.kernel.history import Chain, ended_normally
from runtime.messages import Cause, Reason, Ref
from runtime.spec import ChildSpec, Restart, RestartStrategy, SupervisorSpec
from runtime.supervision.children import Child, Children
from runtime.supervision.judging import Judgement, group_of, judge
from runtime.supervision.management import Call, DeadSupervisor, Ignored, StartFailed, Verb
from runtime.supervision.node import Node
from runtime.supervision.restarts import Budget, Pace

__all__ = ["Phase", "Supervisor", "Tree"]


class Phase(Enum):
    """A supervisor's state."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Tree(Protocol):
    """What a supervisor needs of the whole tree."""

    pace: Pace
    has_been_up: bool
    is_halting: bool

    @property
    def now(self) -> int:
        """Kernel time, ns."""

    def children_of(self, supervisor: "Supervisor") -> Children:
        """The children that a new life of `supervisor` begins with."""

    def new_child(self, supervisor: "Supervisor", spec: ChildSpec) -> Child:
        """Build a child added at run time, not started."""

    def forget(self, node: Node) -> None:
        """Remove a node for good."""

    def start_node(self, node: Node) -> None:
        """Start a node; its parent is told the result."""

    def stop_node(self, node: Node) -> None:
        """Stop a node in order; its parent is told when it is down."""

    def kill_below(self, node: Node) -> None:
        """Kill a node without calling its `stop` and without telling its parent."""

    def supervisor_started(self, supervisor: "Supervisor") -> None:
        """All its children are up."""

    def supervisor_stopped(self, supervisor: "Supervisor", failure: Chain) -> None:
        """All its children are down: as requested, or because of the last of `failure`."""

    def wait(self, supervisor: "Supervisor", child: Child, wait_ns: int) -> None:
        """Call `supervisor.waited(child)` after a backoff."""

    def cancel_wait(self, child: Child) -> None:
        """Cancel a backoff."""

    def add_cause(self, cause: Cause) -> None:
        """Keep a death in the history."""

    def decide_end(self, chain: Chain) -> None:
        """Record the death that ends the run, unless an earlier one already does."""

    def fatal(self, chain: Chain) -> None:
        """A fatal death: stop the whole tree in order and report the cause."""

    def serve(self, supervisor: "Supervisor", call: Call) -> None:
        """Carry out a management call."""


class Supervisor:
    """One node of the tree; `parent` is None for the root."""

    def __init__(self, spec: SupervisorSpec, ref: Ref, parent: "Supervisor | None", life: Tree) -> None:
        self.spec = spec
        self.ref = ref
        self.parent = parent
        self.life = life
        self.phase = Phase.STOPPED
        self.incarnation = 0
        self.children = self.no_children()
        self.budget = Budget(spec.intensity, spec.period_ns)
        self.calls: deque[Call] = deque()
        self.busy: Child | None = None
        self.failure: Chain = ()
        self.children_started = 0  # dynamic children so far; their names are never used again
        self._is_advancing = False

    @property
    def is_settled(self) -> bool:
        """Whether it is up, with no start or stop under way and no child due."""
        return self.phase is Phase.RUNNING and self.busy is None and not self.children.due

    @property
    def _stops_together(self) -> bool:
        """Whether it is stopping all children at once under one deadline, as a dynamic supervisor does."""
        return self.phase is Phase.STOPPING and self.spec.strategy is RestartStrategy.DYNAMIC

    def is_kept(self, child: Child) -> bool:
        """Whether a child's spec is kept after its end."""
        return child.spec.restart is not Restart.TEMPORARY and self.spec.strategy is not RestartStrategy.DYNAMIC

    def no_children(self) -> Children:
        """An empty Children with this supervisor's order of stops."""
        return Children(first_stops_first=self.spec.strategy is RestartStrategy.DYNAMIC)

    def drop(self, child: Child) -> None:
        """Remove a child for good."""
        self.children.remove(child)
        self.life.forget(child.node)

    def _drop_unless_kept(self, child: Child) -> None:
        if not self.is_kept(child):
            self.drop(child)

    # -- what its parent and the lifecycle tell it --------------------------------------------------------------

    def start(self) -> None:
        """Begin to start the spec's children, top to bottom; children added at run time are forgotten."""
        self.phase = Phase.STARTING
        self.incarnation += 1
        self.failure = ()
        self.budget.clear()
        self.children = self.life.children_of(self)
        for child in self.children:
            self.children.is_due(child)
        self.advance()

    def stop(self) -> None:
        """Begin to stop all children, bottom to top; a start under way is interrupted."""
        if self.phase in (Phase.STOPPING, Phase.STOPPED):
            return
        self.phase = Phase.STOPPING
        self._dismiss_calls()
        for child in self.children:
            self.children.not_due(child)
            self._release(child)
            if child.is_alive:
                self._mark_stop(child)
        if self._stops_together:
            self.busy = None
        self.advance()

    def kill(self) -> None:
        """Kill everything below at once, bottom to top."""
        self.phase = Phase.STOPPED
        self._dismiss_calls()
        for child in reversed(self.children):
            self.children.not_due(child)
            self._release(child)
            if child.is_alive:
                self.children.ends(child)
                self.life.kill_below(child.node)
        self.busy = None

    def call(self, call: Call) -> None:
        """Queue a management call: served when no step is under way; DeadSupervisor at once if it is down."""
        if self.phase in (Phase.STOPPED, Phase.STOPPING):
            call.answer(DeadSupervisor(self.ref))
            return
        self.calls.append(call)
        self.advance()

    def child_started(self, node: Node) -> None:
        """A child's start has succeeded."""
        child = self.children.of(node)
        child.streak.started(self.life.now)
        self._step_done(child)
        child.answer(node.ref)
        self.advance()

    def child_ignored(self, node: Node) -> None:
        """A child's start returned IGNORE: it stays down."""
        child = self.children.of(node)
        self._is_gone(child)
        self._drop_unless_kept(child)
        child.answer(Ignored(child.spec.id))
        self.advance()

    def child_stopped(self, node: Node) -> None:
        """A child's orderly stop has ended."""
        self._gone_as_asked(self.children.of(node))
        self.advance()

    def child_died_stopping(self, node: Node, cause: Cause, *, fatal: bool) -> None:
        """A child died of an error during its orderly stop."""
        self.life.add_cause(cause)
        if fatal:
            self.life.fatal((cause,))
        self.child_stopped(node)

    def waited(self, child: Child) -> None:
        """A child's backoff has ended."""
        self._group_waited(child)
        child.waits = False
        self.advance()

    def child_died(self, node: Node, chain: Chain, *, fatal: bool) -> None:
        """A child died: a crash, a kill, a failed start, an exit, or a child supervisor that failed.

        The last of `chain` is this death; the others led to it, leaf first.
        """
        child = self.children.of(node)
        was_asked_to = child.must_stop
        self._is_gone(child)
        if chain[-1].reason.is_abnormal or isinstance(node, Supervisor):
            self.life.add_cause(chain[-1])
        self._judge(child, chain, fatal=fatal, was_asked_to=was_asked_to)
        self.advance()

    def escalated(self, node: Node, cause: Cause, *, fatal: bool) -> None:
        """A child escalated its failure: this supervisor fails without a restart."""
        self._is_gone(self.children.of(node))
        self.life.add_cause(cause)
        if fatal:
            self.life.fatal((cause,))
        elif self.phase is not Phase.STOPPING:
            self._fail((cause,), Reason.ERROR)
        self.advance()

    # -- steps --------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Take steps until one is under way or none is left."""
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            while self.busy is None and self._next():
                pass
        finally:
            self._is_advancing = False

    def start_one(self, child: Child) -> None:
        """Start a child; its result is reported back."""
        self.children.begins(child)
        self.busy = child
        self.life.start_node(child.node)

    def ask_to_stop(self, child: Child) -> None:
        """Stop a child that is up in order, for a management call."""
        self._mark_stop(child)

    def give_up_waiting(self, child: Child) -> None:
        """Cancel a child's due start: its backoff ends, and the others of its group start."""
        self.children.not_due(child)
        if child.waits:
            self._group_waited(child)
        self._release(child)

    def _next(self) -> bool:
        """Take one step; returns False when there is none to take now."""
        if self.phase is Phase.STOPPED:
            return False
        if (child := self.children.next_to_stop()) is not None:
            self._stop_one(child)
            return True
        if self.phase is Phase.STOPPING:
            return not self.children.alive and self._stopped()
        if (child := self.children.next_to_start()) is not None:
            self.start_one(child)
            return True
        if self.phase is Phase.STARTING:
            self.phase = Phase.RUNNING
            self.life.supervisor_started(self)
            return True
        if self.calls:
            self.life.serve(self, self.calls.popleft())
            return True
        return False

    def _stop_one(self, child: Child) -> None:
        child.is_stopping = True
        self.busy = None if self._stops_together else child
        self.life.stop_node(child.node)

    def _stopped(self) -> bool:
        """All children are down: tell the parent, as a requested end or as a failure."""
        self.phase = Phase.STOPPED
        failure, self.failure = self.failure, ()
        self.life.supervisor_stopped(self, failure)
        return True

    # -- deciding -----------------------------------------------------------------------------------------------

    def _judge(self, child: Child, chain: Chain, *, fatal: bool, was_asked_to: bool) -> None:
        """Act on a child's death."""
        cause = chain[-1]
        if fatal:
            self.life.fatal(chain)
        was_asked_to = was_asked_to or self.phase is Phase.STOPPING or self.life.is_halting
        is_starting, has_been_up = self.phase is Phase.STARTING, self.life.has_been_up
        match judge(child, cause.reason, was_asked_to=was_asked_to, is_starting=is_starting, has_been_up=has_been_up):
            case Judgement.AS_ASKED:
                self._gone_as_asked(child)
            case Judgement.CALL_FAILED:
                self._call_failed(child, cause)
            case Judgement.ENDS_THE_RUN:
                self.life.fatal(ended_normally(chain))
            case Judgement.FAILS_THE_START:
                self._fail(chain, Reason.START_FAILED)
            case Judgement.STAYS_DOWN:
                self._drop_unless_kept(child)
            case Judgement.RESTART if self.budget.spend(self.life.now):
                self._restart(child)
            case Judgement.RESTART:
                self._fail(chain, Reason.SHUTDOWN)

    def _call_failed(self, child: Child, cause: Cause) -> None:
        """A management call's child did not come up: answer the call with the failure."""
        if child.call is not None and child.call.verb is Verb.START:
            self.drop(child)
        child.answer(StartFailed(child.spec.id, cause.error))

    def _restart(self, died: Child) -> None:
        """Mark the group: those up stop in reverse, then after the wait all kept specs start in order."""
        group = group_of(self.spec.strategy, self.children, died)
        wait_ns = died.streak.next_wait() or self.life.pace.next_wait(self.life.now)
        for member in group:
            self._release(member)
            if member.is_alive:
                self._mark_stop(member)
            self.children.is_due(member, is_held=wait_ns > 0)
        if wait_ns:
            died.waits = True
            self.life.wait(self, died, wait_ns)

    def _fail(self, chain: Chain, reason: Reason) -> None:
        """A start failed, the budget is spent, or a child escalated: stop all children, then tell the parent.

        Before the whole tree has been up an escalation is a failed start too.
        """
        last = chain[-1]
        if reason is Reason.ERROR and not self.life.has_been_up:
            reason = Reason.START_FAILED
        error = "gave up" if reason is Reason.SHUTDOWN else last.error
        text = f"after {last.ref}: {last.error or last.reason.value}"
        self.failure = (*chain, Cause(self.ref, self.incarnation, reason, error, text))
        if self.parent is None:
            self.life.decide_end(self.failure)
        self.stop()

    def _group_waited(self, child: Child) -> None:
        """The backoff that held the group of `child` is over."""
        for member in group_of(self.spec.strategy, self.children, child):
            self.children.release(member)

    # -- marks --------------------------------------------------------------------------------------------------

    def _mark_stop(self, child: Child) -> None:
        """Mark that a child must stop; a start under way is interrupted."""
        self.children.must_stop(child)
        if self.busy is child and not child.is_stopping:
            self.busy = None

    def _release(self, child: Child) -> None:
        """Cancel a child's backoff."""
        if child.waits:
            self.life.cancel_wait(child)
        child.waits = child.is_held = False

    def _is_gone(self, child: Child) -> None:
        """A child is down and need not be stopped."""
        self._step_done(child)
        self.children.ends(child)
        child.streak.ended(self.life.now)

    def _step_done(self, child: Child) -> None:
        if self.busy is child:
            self.busy = None

    def _gone_as_asked(self, child: Child) -> None:
        self._is_gone(child)
        self._drop_unless_kept(child)
        if child.call is not None and child.call.verb is Verb.TERMINATE:
            child.answer(None)
        elif not child.is_due:  # a start interrupted by its group is answered by the start that follows
            child.answer(DeadSupervisor(self.ref))

    def _dismiss_calls(self) -> None:
        for child in self.children:
            child.answer(DeadSupervisor(self.ref))
        while self.calls:
            self.calls.popleft().answer(DeadSupervisor(self.ref))
