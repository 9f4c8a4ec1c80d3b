"""The life cycle of the whole tree: it starts once, stops in order or because of one death, and has one outcome.

It passes supervisors' requests on: lives of cells to `lives`, cells and names to `builder`, management calls to
`serving`. It moves no message and reads no clock.
"""

from collections import deque
from typing import Any

from runtime.errors import KernelError
from runtime.kernel.cell import Cell
from runtime.kernel.core import Core
from runtime.kernel.envelope import Envelope
from runtime.kernel.history import Chain, Ending, Outcome, TreeEvent, TreeEventKind, TreeListener
from runtime.kernel.operations import (
    CallSupervisor,
    Escalate,
    Exit,
    LifeSign,
    MailboxOverflow,
    StartDone,
    StopDone,
)
from runtime.messages import Cause, Managed, Reason, Ref
from runtime.spec import ChildSpec, SupervisorSpec
from runtime.supervision.building import TreeBuilder
from runtime.supervision.children import Child, Children
from runtime.supervision.chronicle import Chronicle
from runtime.supervision.lives import CellLives
from runtime.supervision.management import Call, DeadSupervisor
from runtime.supervision.node import Node
from runtime.supervision.restarts import Pace
from runtime.supervision.serving import serve
from runtime.supervision.spec_checks import validate
from runtime.supervision.supervisor import Phase, Supervisor

__all__ = ["Lifecycle"]


class Lifecycle:
    """The kernel's tree, and the `Tree` interface that its supervisors use."""

    def __init__(self, core: Core, spec: SupervisorSpec, listener: TreeListener | None = None) -> None:
        validate(spec)
        self._core = core
        self._chronicle = Chronicle(core.clock, core.journal, listener)
        self._ending = Ending()
        self.pace = Pace()
        self.outcome: Outcome | None = None
        self.has_been_up = False
        self.is_halting = False
        self.builder = TreeBuilder(core, self)
        self._lives = CellLives(core, self._chronicle, self.builder.supervisors)
        self.root = self.builder.root(spec)

    def listen(self, listener: TreeListener) -> None:
        """Tell `listener` of lives from now on; before the tree is started."""
        self._chronicle.listener = listener

    # -- to look at ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Kernel time, ns."""
        return self._core.clock.now

    @property
    def events(self) -> deque[TreeEvent]:
        """The most recent part of the public history of starts and deaths."""
        return self._chronicle.events

    @property
    def restarts(self) -> int:
        """How many lives were restarts."""
        return self._lives.restarts

    @property
    def causes(self) -> deque[Cause]:
        """The last deaths, recovered or not, oldest first; the outcome names the one that ended the run."""
        return self._ending.deaths

    @property
    def halt_reason(self) -> str:
        """Why the tree is stopping; empty while it is not."""
        return self._ending.reason

    @property
    def supervisors(self) -> dict[Ref, Supervisor]:
        """All supervisors by ref; the root's is ""."""
        return self.builder.supervisors

    @property
    def is_up(self) -> bool:
        """Whether the whole tree has started and the root has no restart under way."""
        return self.root.is_settled

    @property
    def is_stopping(self) -> bool:
        """Whether the tree is stopping."""
        return self.root.phase is Phase.STOPPING

    # -- the run ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to start the tree."""
        if self.root.phase is not Phase.STOPPED or self.outcome is not None:
            raise KernelError("a tree is started once")
        self._opened(self.root)
        self.root.start()

    def halt(self, reason: str) -> None:
        """Begin an ordered stop of the whole tree."""
        self._ending.ask(reason)
        if self.root.phase is Phase.STOPPED and self.outcome is None:
            self._ended()
            return
        self.is_halting = True
        self.root.stop()

    def fatal(self, chain: Chain) -> None:
        """A fatal death: stop the tree in order and report the cause."""
        self._ending.decide(chain)
        self.halt(self._ending.reason)

    def fail(self, cause: Cause) -> None:
        """A failure outside the tree: stop the tree in order and report it."""
        self.add_cause(cause)
        self.fatal((cause,))

    def decide_end(self, chain: Chain) -> None:
        """Record the death that ends the run, unless an earlier one already does."""
        self._ending.decide(chain)

    def add_cause(self, cause: Cause) -> None:
        """Keep a death in the history."""
        self._ending.deaths.append(cause)

    def kill(self, node: Cell | Supervisor) -> None:
        """Kill an incarnation without calling its `stop`; its supervisor decides."""
        if isinstance(node, Cell):
            self._lives.kill(node)
        elif node.phase is not Phase.STOPPED:
            self.kill_below(node)
            self._report(node, (Cause(node.ref, node.incarnation, Reason.KILLED, "killed"),))

    def crashed(self, cell: Cell, error: BaseException, message: object = None) -> None:
        """A handler or an edge raised: the incarnation is dead, its supervisor decides."""
        self._lives.crashed(cell, error, message)

    def heed(self, sign: LifeSign) -> None:
        """Carry out an incarnation's life sign."""
        cell = sign.cell
        match sign:
            case StartDone():
                self._lives.started(cell)
            case StopDone():
                self._lives.stopped(cell)
            case Exit(reason=reason):
                self._lives.exited(cell, reason)
            case Escalate(error=error):
                self._lives.escalated(cell, error)
            case MailboxOverflow(error=error, message=message):
                self._lives.crashed(cell, error, message)
            case CallSupervisor():
                self._call(sign)

    def _call(self, asked: CallSupervisor) -> None:
        cell, incarnation = asked.cell, asked.cell.incarnation

        def answer(result: Any) -> None:
            if cell.is_alive and cell.incarnation == incarnation:
                self._core.delivery.push_control(Envelope(cell, Managed(result), None, asked.correlation))

        supervisor = self.supervisors.get(asked.ref)
        if supervisor is None:
            answer(DeadSupervisor(asked.ref))
        else:
            supervisor.call(Call(asked.verb, asked.argument, answer))

    # -- what supervisors ask for -------------------------------------------------------------------------------

    def children_of(self, supervisor: Supervisor) -> Children:
        """The children that a new life of `supervisor` begins with."""
        return self.builder.children_of(supervisor)

    def new_child(self, supervisor: Supervisor, spec: ChildSpec) -> Child:
        """Build a child added at run time."""
        return self.builder.child(supervisor, spec)

    def forget(self, node: Node) -> None:
        """Remove a node for good."""
        self.builder.forget(node)

    def serve(self, supervisor: Supervisor, call: Call) -> None:
        """Carry out a management call."""
        serve(supervisor, call)

    def start_node(self, node: Node) -> None:
        """Start a cell or a supervisor; its parent is told the result."""
        if isinstance(node, Cell):
            self._lives.start(node)
        elif isinstance(node, Supervisor):
            self._opened(node)
            node.start()

    def stop_node(self, node: Node) -> None:
        """Stop a cell or a supervisor in order; its parent is told when it is down."""
        if isinstance(node, Cell):
            self._lives.stop(node)
        elif isinstance(node, Supervisor):
            self._stop_supervisor(node)

    def kill_below(self, node: Node) -> None:
        """Kill a node without calling its `stop` and without telling its parent."""
        if isinstance(node, Supervisor):
            self._core.timers.cancel(("stop", node.ref))
            node.kill()
            self._closed(node)
        elif isinstance(node, Cell) and node.is_alive:
            self._lives.cut(node, Reason.KILLED)

    def supervisor_started(self, supervisor: Supervisor) -> None:
        """All children are up."""
        if supervisor.parent is not None:
            supervisor.parent.child_started(supervisor)
        else:
            self.has_been_up = True

    def supervisor_stopped(self, supervisor: Supervisor, failure: Chain) -> None:
        """All children are down: as requested, or because it gave up, failed to start, or a child escalated."""
        self._closed(supervisor)
        if failure:
            cause = failure[-1]
            kind = TreeEventKind.START_FAILED if cause.reason is Reason.START_FAILED else TreeEventKind.GAVE_UP
            self._chronicle.note(kind, supervisor, cause.reason.value, cause.error)
            self._report(supervisor, failure)
        elif supervisor.parent is not None:
            supervisor.parent.child_stopped(supervisor)
        else:
            self._ended()

    def wait(self, supervisor: Supervisor, child: Child, wait_ns: int) -> None:
        """Hold a child's group until its backoff ends."""
        self._core.timers.set(self.now + wait_ns, ("backoff", child.node.ref), supervisor.waited, child)

    def cancel_wait(self, child: Child) -> None:
        """Cancel a backoff."""
        self._core.timers.cancel(("backoff", child.node.ref))

    # -- inside -------------------------------------------------------------------------------------------------

    def _stop_supervisor(self, supervisor: Supervisor) -> None:
        deadline_ns = supervisor.spec.shutdown_ns
        if deadline_ns == 0:
            self._overdue(supervisor)
            return
        if deadline_ns is not None:
            self._core.timers.set(self.now + deadline_ns, ("stop", supervisor.ref), self._overdue, supervisor)
        supervisor.stop()

    def _overdue(self, supervisor: Supervisor) -> None:
        """A supervisor's own shutdown deadline has passed."""
        self.kill_below(supervisor)
        if supervisor.parent is not None:
            supervisor.parent.child_stopped(supervisor)

    def _report(self, supervisor: Supervisor, chain: Chain) -> None:
        if supervisor.parent is not None:
            supervisor.parent.child_died(supervisor, chain, fatal=False)
        else:
            self.add_cause(chain[-1])
            self._ending.decide(chain)
            self._ended()

    def _ended(self) -> None:
        if self.outcome is None:
            self.outcome = self._ending.outcome()

    def _opened(self, supervisor: Supervisor) -> None:
        parent = supervisor.parent
        self._chronicle.supervisor_opened(supervisor.ref, None if parent is None else parent.ref)

    def _closed(self, supervisor: Supervisor) -> None:
        self._core.timers.cancel(("stop", supervisor.ref))
        self._chronicle.supervisor_closed(supervisor.ref)
