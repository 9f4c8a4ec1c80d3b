"""A supervisor: starts its children in order, stops them in reverse, and decides what a death means.

What it has to do is never written down as a plan: it follows from what stands at each child (must stop, is due, is held
by a backoff). `advance` takes the next step as long as none is under way, so boot, restart, shutdown and management
calls share one road, a death in the meantime only changes marks, and nothing recurses deeper than the tree.
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
    """Where a supervisor is."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Tree(Protocol):
    """The tree that a supervisor stands in, as far as it needs it: what only the whole can know or do."""

    pace: Pace
    has_been_up: bool
    is_halting: bool

    @property
    def now(self) -> int:
        """Kernel time, ns."""

    def children_of(self, supervisor: "Supervisor") -> Children:
        """The children that a new life of `supervisor` begins with."""

    def new_child(self, supervisor: "Supervisor", spec: ChildSpec) -> Child:
        """A child added at run time, not started."""

    def forget(self, node: Node) -> None:
        """A node that is gone for good."""

    def start_node(self, node: Node) -> None:
        """Start it; its parent is told at the end."""

    def stop_node(self, node: Node) -> None:
        """Stop it in order; its parent is told at the end."""

    def kill_below(self, node: Node) -> None:
        """End it without a word to it or to its parent."""

    def supervisor_started(self, supervisor: "Supervisor") -> None:
        """All its children are up."""

    def supervisor_stopped(self, supervisor: "Supervisor", failure: Chain) -> None:
        """All its children are down: as asked, or for the last of `failure`."""

    def wait(self, supervisor: "Supervisor", child: Child, wait_ns: int) -> None:
        """Call `supervisor.waited(child)` after a backoff."""

    def cancel_wait(self, child: Child) -> None:
        """Forget a backoff."""

    def add_cause(self, cause: Cause) -> None:
        """Remember a death."""

    def decide_end(self, chain: Chain) -> None:
        """This death ends the run, unless another one has before."""

    def fatal(self, chain: Chain) -> None:
        """A death after which nothing may go on: stop the whole tree in order, with the cause."""

    def serve(self, supervisor: "Supervisor", call: Call) -> None:
        """Carry a management call out."""


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
        self.children_started = 0  # dynamic ones, so far: their names are never used again
        self._is_advancing = False

    @property
    def is_settled(self) -> bool:
        """Up, with no start or stop under way and nobody due."""
        return self.phase is Phase.RUNNING and self.busy is None and not self.children.due

    @property
    def _stops_together(self) -> bool:
        """On its way down, all at once, under one deadline."""
        return self.phase is Phase.STOPPING and self.spec.strategy is RestartStrategy.DYNAMIC

    def is_kept(self, child: Child) -> bool:
        """Whether its spec outlives it."""
        return child.spec.restart is not Restart.TEMPORARY and self.spec.strategy is not RestartStrategy.DYNAMIC

    def no_children(self) -> Children:
        """An empty collection, of this supervisor's order of stops."""
        return Children(first_stops_first=self.spec.strategy is RestartStrategy.DYNAMIC)

    def drop(self, child: Child) -> None:
        """Forget a child: it is gone for good."""
        self.children.remove(child)
        self.life.forget(child.node)

    def _drop_unless_kept(self, child: Child) -> None:
        if not self.is_kept(child):
            self.drop(child)

    # -- what its parent and the lifecycle tell it --------------------------------------------------------------

    def start(self) -> None:
        """Begin to start the children of the spec, top to bottom; those added at run time are forgotten."""
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
        """End everything below at once, bottom to top."""
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
        """A management call: served when no step is under way, refused at once when the supervisor is gone."""
        if self.phase in (Phase.STOPPED, Phase.STOPPING):
            call.answer(DeadSupervisor(self.ref))
            return
        self.calls.append(call)
        self.advance()

    def child_started(self, node: Node) -> None:
        """A start has ended well."""
        child = self.children.of(node)
        child.streak.started(self.life.now)
        self._step_done(child)
        child.answer(node.ref)
        self.advance()

    def child_ignored(self, node: Node) -> None:
        """A start ended with IGNORE: the child stays down and is not missed."""
        child = self.children.of(node)
        self._is_gone(child)
        self._drop_unless_kept(child)
        child.answer(Ignored(child.spec.id))
        self.advance()

    def child_stopped(self, node: Node) -> None:
        """An ordered stop has ended."""
        self._gone_as_asked(self.children.of(node))
        self.advance()

    def child_died_stopping(self, node: Node, cause: Cause, *, fatal: bool) -> None:
        """A life ended by an error in the middle of its ordered stop."""
        self.life.add_cause(cause)
        if fatal:
            self.life.fatal((cause,))
        self.child_stopped(node)

    def waited(self, child: Child) -> None:
        """A backoff has passed."""
        self._group_waited(child)
        child.waits = False
        self.advance()

    def child_died(self, node: Node, chain: Chain, *, fatal: bool) -> None:
        """A life ended by itself: a crash, a kill, a failed start, an exit, or a child supervisor that failed.

        The last of `chain` is this death, the others are what led to it, leaf first.
        """
        child = self.children.of(node)
        was_asked_to = child.must_stop
        self._is_gone(child)
        if chain[-1].reason.is_abnormal or isinstance(node, Supervisor):
            self.life.add_cause(chain[-1])
        self._judge(child, chain, fatal=fatal, was_asked_to=was_asked_to)
        self.advance()

    def escalated(self, node: Node, cause: Cause, *, fatal: bool) -> None:
        """A child says that its failure is the supervisor's: no restart here."""
        self._is_gone(self.children.of(node))
        self.life.add_cause(cause)
        if fatal:
            self.life.fatal((cause,))
        elif self.phase is not Phase.STOPPING:
            self._fail((cause,), Reason.ERROR)
        self.advance()

    # -- steps --------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Take steps until one needs time or nothing is left to do."""
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            while self.busy is None and self._next():
                pass
        finally:
            self._is_advancing = False

    def start_one(self, child: Child) -> None:
        """Start a child; its end is reported."""
        self.children.begins(child)
        self.busy = child
        self.life.start_node(child.node)

    def ask_to_stop(self, child: Child) -> None:
        """Stop a living child in order, for a management call."""
        self._mark_stop(child)

    def give_up_waiting(self, child: Child) -> None:
        """A child that is due is wanted no more: its backoff ends, and the others of its group start."""
        self.children.not_due(child)
        if child.waits:
            self._group_waited(child)
        self._release(child)

    def _next(self) -> bool:
        """One step; False when there is none to take now."""
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
        """Everybody is down: tell the parent, as an end that was asked for or as a failure. More may be to do then."""
        self.phase = Phase.STOPPED
        failure, self.failure = self.failure, ()
        self.life.supervisor_stopped(self, failure)
        return True

    # -- deciding -----------------------------------------------------------------------------------------------

    def _judge(self, child: Child, chain: Chain, *, fatal: bool, was_asked_to: bool) -> None:
        """Do what this death asks for."""
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
        """It was asked for and never came up, whatever its end is called."""
        if child.call is not None and child.call.verb is Verb.START:
            self.drop(child)
        child.answer(StartFailed(child.spec.id, cause.error))

    def _restart(self, died: Child) -> None:
        """Mark the group: who lives is stopped in reverse, then after the wait all kept specs start in order."""
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
        """Start failed, the budget is spent, or a child escalated: stop everybody, then report to the parent.

        Before the tree has been up an escalation is a failed start too.
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
        """It must stop; if its start is under way, that is interrupted."""
        self.children.must_stop(child)
        if self.busy is child and not child.is_stopping:
            self.busy = None

    def _release(self, child: Child) -> None:
        """Forget its backoff."""
        if child.waits:
            self.life.cancel_wait(child)
        child.waits = child.is_held = False

    def _is_gone(self, child: Child) -> None:
        """Nobody lives in its place any more, and nobody there is to be stopped."""
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
        elif not child.is_due:  # a start that its group has interrupted is answered by the one that follows
            child.answer(DeadSupervisor(self.ref))

    def _dismiss_calls(self) -> None:
        for child in self.children:
            child.answer(DeadSupervisor(self.ref))
        while self.calls:
            self.calls.popleft().answer(DeadSupervisor(self.ref))
