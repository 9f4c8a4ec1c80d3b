"""Life and death of incarnations: the seam between cells, which run, and supervisors, which decide.

It starts and stops nodes with their deadlines, tells watchers and the listener, and keeps the history and the run's
outcome. It moves no message and reads no clock.
"""

from collections import deque
from typing import TYPE_CHECKING, Any

from runtime.actor import IGNORE, STARTED, STOPPED
from runtime.errors import InvariantBroken, KernelError
from runtime.kernel import incarnation
from runtime.kernel.cell import Cell, CellState
from runtime.kernel.history import Chain, Ending, Outcome, TreeEvent, TreeEventKind, TreeListener, is_fatal, leaf_of
from runtime.messages import Cause, Down, Reason, Ref, Up
from runtime.spec import ChildSpec, SupervisorSpec
from runtime.supervision.building import TreeBuilder
from runtime.supervision.children import Child, Children
from runtime.supervision.management import Call
from runtime.supervision.restarts import Pace
from runtime.supervision.serving import serve
from runtime.supervision.spec_checks import validate
from runtime.supervision.supervisor import Phase, Supervisor

if TYPE_CHECKING:
    from runtime.kernel.core import Core

__all__ = ["Lifecycle"]

_KEPT_EVENTS = 100_000


class Lifecycle:
    """Owned by the kernel; `events` is the public history of starts and deaths, its newest part."""

    def __init__(self, kernel: "Core", spec: SupervisorSpec, listener: TreeListener | None = None) -> None:
        validate(spec)
        self._kernel = kernel
        self._listener = listener
        self.events: deque[TreeEvent] = deque(maxlen=_KEPT_EVENTS)
        self.ending = Ending()
        self.pace = Pace()
        self.outcome: Outcome | None = None
        self.restarts = 0
        self.has_been_up = False
        self.is_halting = False
        self.builder = TreeBuilder(kernel, self)
        self.root = self.builder.root(spec)

    def listen(self, listener: TreeListener) -> None:
        """Tell `listener` of lives from now on; before the tree is started."""
        self._listener = listener

    @property
    def now(self) -> int:
        """Kernel time, ns."""
        return self._kernel.now

    @property
    def causes(self) -> deque[Cause]:
        """The last deaths, recovered or not, oldest first; the outcome has the one that ended the run."""
        return self.ending.deaths

    @property
    def halt_reason(self) -> str:
        """Why the tree is on its way down; empty while it is not."""
        return self.ending.reason

    @property
    def supervisors(self) -> dict[Ref, Supervisor]:
        """All supervisors by ref; the root's is ""."""
        return self.builder.supervisors

    @property
    def is_up(self) -> bool:
        """Whether the whole tree has started, and no restart is under way at the root."""
        return self.root.is_settled

    @property
    def is_stopping(self) -> bool:
        """Whether the tree is on its way down."""
        return self.root.phase is Phase.STOPPING

    def start(self) -> None:
        """Begin to start the tree."""
        if self.root.phase is not Phase.STOPPED or self.outcome is not None:
            raise KernelError("a tree is started once")
        self._opened(self.root)
        self.root.start()

    def halt(self, reason: str) -> None:
        """Begin an ordered stop of the whole tree."""
        self.ending.ask(reason)
        if self.root.phase is Phase.STOPPED and self.outcome is None:
            self._ended()
            return
        self.is_halting = True
        self.root.stop()

    def fatal(self, chain: Chain) -> None:
        """A death after which nothing may go on: stop the tree in order, with the cause."""
        self.ending.decide(chain)
        self.halt(self.ending.reason)

    def fail(self, cause: Cause) -> None:
        """A failure outside the tree that ends it."""
        self.add_cause(cause)
        self.fatal((cause,))

    def add_cause(self, cause: Cause) -> None:
        """Remember a death."""
        self.ending.deaths.append(cause)

    # -- nodes --------------------------------------------------------------------------------------------------

    def children_of(self, supervisor: Supervisor) -> Children:
        """The children that a new life of `supervisor` begins with."""
        return self.builder.children_of(supervisor)

    def new_child(self, supervisor: Supervisor, spec: ChildSpec) -> Child:
        """A child added at run time."""
        return self.builder.child(supervisor, spec)

    def forget(self, node: Cell | Supervisor) -> None:
        """A node that is gone for good."""
        self.builder.forget(node)

    def serve(self, supervisor: Supervisor, call: Call) -> None:
        """Carry a management call out."""
        serve(supervisor, call)

    def start_node(self, node: Cell | Supervisor) -> None:
        """Start a cell or a supervisor; its parent is told at the end."""
        if isinstance(node, Supervisor):
            self._opened(node)
            node.start()
            return
        node.incarnation += 1
        life = node.incarnation
        if life > 1:
            self.restarts += 1
        self._note(TreeEventKind.START, node)
        if self._listener is not None:
            self._listener.incarnation_opened(node.ref, life, node.supervisor.ref)
        try:
            result = incarnation.begin(self._kernel, node)
        except BaseException as error:
            self._start_failed(node, error)
            return
        if node.incarnation != life or node.state is not CellState.STARTING:
            return  # what its start asked for has already ended the start
        if result is IGNORE:
            incarnation.end(self._kernel, node)
            self._note(TreeEventKind.IGNORED, node)
            self._closed(node, Reason.NORMAL)
            node.supervisor.child_ignored(node)
        elif result is STARTED:
            self._up(node)
        else:
            self._kernel.timers.set(self.now + node.spec.init_ns, ("init", node.ref), self._init_expired, node)

    def stop_node(self, node: Cell | Supervisor) -> None:
        """Stop a cell or a supervisor in order; its parent is told at the end."""
        deadline_ns = node.spec.shutdown_ns
        if isinstance(node, Supervisor):
            if deadline_ns == 0:
                self._overdue(node)
            else:
                if deadline_ns is not None:
                    self._kernel.timers.set(self.now + deadline_ns, ("stop", node.ref), self._overdue, node)
                node.stop()
            return
        self._note(TreeEventKind.STOP, node)
        self._kernel.timers.cancel(("init", node.ref))
        if deadline_ns == 0:
            self._stopped(node, Reason.KILLED)
            return
        node.state = CellState.STOPPING
        life = node.incarnation
        try:
            result = incarnation.ask_to_stop(self._kernel, node, Reason.SHUTDOWN)
        except BaseException as error:
            self._died_stopping(node, error, None)
            return
        if node.incarnation != life or node.state is not CellState.STOPPING:
            return
        if result is STOPPED:
            self._stopped(node, Reason.SHUTDOWN)
        elif deadline_ns is not None:
            self._kernel.timers.set(self.now + deadline_ns, ("stop", node.ref), self._stopped, node, Reason.KILLED)

    def kill_below(self, node: Cell | Supervisor) -> None:
        """End a node without a word to it or to its parent."""
        if isinstance(node, Supervisor):
            self._kernel.timers.cancel(("stop", node.ref))
            node.kill()
            self._supervisor_closed(node)
        elif node.is_alive:
            self._cut(node, Reason.KILLED)

    # -- incarnations report ------------------------------------------------------------------------------------

    def became_started(self, cell: Cell) -> None:
        """`ctx.started()`."""
        if cell.state is CellState.STARTING:
            self._kernel.timers.cancel(("init", cell.ref))
            self._up(cell)

    def became_stopped(self, cell: Cell) -> None:
        """`ctx.stopped()`."""
        if cell.state is CellState.STOPPING:
            self._stopped(cell, Reason.SHUTDOWN)

    def exited(self, cell: Cell, reason: Reason) -> None:
        """`ctx.stop(reason)`: the incarnation ends by its own wish."""
        if cell.state is CellState.STARTING:
            self._fail_start(cell, Cause(cell.ref, cell.incarnation, Reason.START_FAILED, reason.value), fatal=False)
        elif cell.state is CellState.STOPPING:
            self._stopped(cell, reason)
        elif cell.is_alive:
            self._end(cell, reason)
            cell.supervisor.child_died(cell, (Cause(cell.ref, cell.incarnation, reason),), fatal=False)

    def escalated(self, cell: Cell, error: BaseException) -> None:
        """`ctx.escalate(error)`: the supervisor fails with this error."""
        if not cell.is_alive:
            return
        cause = self._cause(cell, Reason.ERROR, error)
        self._cut(cell, Reason.ERROR, cause.error)
        cell.supervisor.escalated(cell, cause, fatal=is_fatal(error))

    def crashed(self, cell: Cell, error: BaseException, message: object = None) -> None:
        """A handler or an edge raised: the incarnation is dead, its supervisor decides."""
        if not cell.is_alive:
            return
        name = type(message).__name__ if message is not None else ""
        if cell.state is CellState.STARTING:
            self._start_failed(cell, error, name)
        elif cell.state is CellState.STOPPING:
            self._died_stopping(cell, error, name)
        else:
            cause = self._cause(cell, Reason.ERROR, error, name)
            self._end(cell, Reason.ERROR, cause.error)
            cell.supervisor.child_died(cell, (cause,), fatal=is_fatal(error))

    def kill(self, node: Cell | Supervisor) -> None:
        """End a life from outside, without asking it; its supervisor decides."""
        if isinstance(node, Supervisor):
            if node.phase is not Phase.STOPPED:
                self.kill_below(node)
                cause = Cause(node.ref, node.incarnation, Reason.KILLED, "killed")
                self._report(node, (cause,))
        elif node.state is CellState.STARTING:
            self._fail_start(node, Cause(node.ref, node.incarnation, Reason.START_FAILED, "killed"), fatal=False)
        elif node.state is CellState.STOPPING:
            self._stopped(node, Reason.KILLED)
        elif node.is_alive:
            self._end(node, Reason.KILLED)
            cause = Cause(node.ref, node.incarnation, Reason.KILLED, "killed")
            node.supervisor.child_died(node, (cause,), fatal=False)

    # -- supervisors report -------------------------------------------------------------------------------------

    def supervisor_started(self, supervisor: Supervisor) -> None:
        """All children are up."""
        if supervisor.parent is not None:
            supervisor.parent.child_started(supervisor)
        else:
            self.has_been_up = True

    def supervisor_stopped(self, supervisor: Supervisor) -> None:
        """All children are down, as asked."""
        self._supervisor_closed(supervisor)
        if supervisor.parent is not None:
            supervisor.parent.child_stopped(supervisor)
        else:
            self._ended()

    def supervisor_failed(self, supervisor: Supervisor, failure: Chain) -> None:
        """Gave up, failed to start, or was escalated to (the last of the chain); its children are down."""
        self._supervisor_closed(supervisor)
        cause = failure[-1]
        kind = TreeEventKind.START_FAILED if cause.reason is Reason.START_FAILED else TreeEventKind.GAVE_UP
        self._note(kind, supervisor, cause.reason.value, cause.error)
        self._report(supervisor, failure)

    def wait(self, supervisor: Supervisor, child: Child, wait_ns: int) -> None:
        """Backoff: that child's group is held until then."""
        self._kernel.timers.set(self.now + wait_ns, ("backoff", child.node.ref), supervisor.waited, child)

    def cancel_wait(self, child: Child) -> None:
        """Forget a backoff."""
        self._kernel.timers.cancel(("backoff", child.node.ref))

    # -- inside -------------------------------------------------------------------------------------------------

    def _report(self, supervisor: Supervisor, chain: Chain) -> None:
        if supervisor.parent is not None:
            supervisor.parent.child_died(supervisor, chain, fatal=False)
        else:
            self.add_cause(chain[-1])
            self.ending.decide(chain)
            self._ended()

    def _up(self, cell: Cell) -> None:
        cell.state = CellState.RUNNING
        cell.was_up = True
        self._note(TreeEventKind.STARTED, cell)
        if cell.incarnation > 1:
            self._tell_watchers(cell, Up(cell.ref, cell.incarnation))
        cell.supervisor.child_started(cell)

    def _stopped(self, cell: Cell, reason: Reason) -> None:
        self._end(cell, reason)
        cell.supervisor.child_stopped(cell)

    def _died_stopping(self, cell: Cell, error: BaseException, message: str | None) -> None:
        cause = self._cause(cell, Reason.ERROR, error, message or "")
        self._end(cell, Reason.ERROR, cause.error)
        self.add_cause(cause)
        if is_fatal(error):
            self.fatal((cause,))
        cell.supervisor.child_stopped(cell)

    def _overdue(self, supervisor: Supervisor) -> None:
        """A supervisor's own shutdown deadline has passed."""
        self.kill_below(supervisor)
        if supervisor.parent is not None:
            supervisor.parent.child_stopped(supervisor)

    def _init_expired(self, cell: Cell) -> None:
        text = f"{cell.spec.init_ns} ns"
        cause = Cause(cell.ref, cell.incarnation, Reason.START_FAILED, "init deadline", text)
        self._fail_start(cell, cause, fatal=False)

    def _start_failed(self, cell: Cell, error: BaseException, message: str = "") -> None:
        self._fail_start(cell, self._cause(cell, Reason.START_FAILED, error, message), fatal=is_fatal(error))

    def _fail_start(self, cell: Cell, cause: Cause, *, fatal: bool) -> None:
        self._not_up(cell, cause.error)
        cell.supervisor.child_died(cell, (cause,), fatal=fatal)

    def _cut(self, cell: Cell, reason: Reason, error: str = "") -> None:
        """A life ends from whatever state it is in; one that was never up is a failed start, not a death."""
        if cell.state is CellState.STARTING:
            self._not_up(cell, error or reason.value)
        else:
            self._end(cell, reason, error)

    def _not_up(self, cell: Cell, error: str) -> None:
        self._kernel.timers.cancel(("init", cell.ref))
        incarnation.end(self._kernel, cell)
        self._note(TreeEventKind.START_FAILED, cell, Reason.START_FAILED.value, error)
        self._closed(cell, Reason.START_FAILED, error)

    def _end(self, cell: Cell, reason: Reason, error: str = "") -> None:
        self._kernel.timers.cancel(("init", cell.ref))
        self._kernel.timers.cancel(("stop", cell.ref))
        incarnation.end(self._kernel, cell)
        self._note(TreeEventKind.DOWN, cell, reason.value, error)
        self._closed(cell, reason, error)
        if cell.was_up:
            cell.was_up = False
            self._tell_watchers(cell, Down(cell.ref, cell.incarnation, reason, error))

    def _tell_watchers(self, cell: Cell, message: Any) -> None:
        """Down is queued behind what the dead had sent: watchers meet it in the data lane."""
        for watcher in self._kernel.watchers.get(cell.ref, ()):
            if watcher.is_alive and watcher is not cell:
                self._kernel.notify(watcher, message, cell)

    def _ended(self) -> None:
        if self.outcome is None:
            self.outcome = self.ending.outcome()

    def _note(self, kind: TreeEventKind, node: Cell | Supervisor, reason: str = "", error: str = "") -> None:
        event = TreeEvent(self.now, kind, node.ref, node.incarnation, reason, error)
        self.events.append(event)
        self._kernel.tell_journal("life", (kind.value, node.ref, node.incarnation, reason, error))

    def _opened(self, supervisor: Supervisor) -> None:
        if self._listener is not None:
            parent = supervisor.parent
            self._listener.supervisor_opened(supervisor.ref, None if parent is None else parent.ref)

    def _supervisor_closed(self, supervisor: Supervisor) -> None:
        self._kernel.timers.cancel(("stop", supervisor.ref))
        if self._listener is not None:
            self._listener.supervisor_closed(supervisor.ref)

    def _closed(self, cell: Cell, reason: Reason, error: str = "") -> None:
        cell.ended = (reason, error)
        if self._listener is not None:
            self._listener.incarnation_closed(cell.ref, cell.incarnation, reason)

    def _cause(self, cell: Cell, reason: Reason, error: BaseException, message: str = "") -> Cause:
        leaf = leaf_of(error)
        if isinstance(leaf, InvariantBroken):
            message = message or "invariant"
        return Cause(cell.ref, cell.incarnation, reason, type(leaf).__name__, str(leaf), message)
