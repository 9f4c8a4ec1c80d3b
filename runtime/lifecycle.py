"""Life and death of incarnations: the seam between cells, which run, and supervisors, which decide.

It builds cells and supervisors from the spec, starts and stops nodes with their deadlines, tells watchers, and keeps
the run's outcome. It moves no message and reads no clock.
"""

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from runtime.actor import IGNORE, STARTED, STOPPED
from runtime.cell import Cell, CellState
from runtime.messages import Cause, Down, Reason, Ref, Up
from runtime.spec import ActorSpec, SupervisorSpec, child_ref, validate
from runtime.supervisor import Phase, Supervisor

if TYPE_CHECKING:
    from runtime.kernel import Kernel

__all__ = ["Lifecycle", "Outcome", "TreeEvent", "TreeEventKind"]


class TreeEventKind(Enum):
    """What happened to an incarnation."""

    START = "start"
    STARTED = "started"
    IGNORED = "ignored"
    START_FAILED = "start_failed"
    STOP = "stop"
    DOWN = "down"
    GAVE_UP = "gave_up"


@attrs.frozen
class TreeEvent:
    """One line of the tree's history."""

    time_ns: int
    kind: TreeEventKind
    ref: Ref
    incarnation: int
    reason: str = ""


@attrs.frozen
class Outcome:
    """How the run ended: orderly, or because of these causes, leaf first."""

    is_clean: bool
    reason: str
    causes: tuple[Cause, ...]


class Lifecycle:
    """Owned by the kernel; `events` is the public history of starts and deaths."""

    def __init__(self, kernel: "Kernel", spec: SupervisorSpec) -> None:
        validate(spec)
        self._kernel = kernel
        self.seed = kernel.seed
        self.events: list[TreeEvent] = []
        self.causes: list[Cause] = []
        self.outcome: Outcome | None = None
        self.restarts = 0
        self.has_been_up = False
        self._halt_reason = ""
        self._is_failed = False
        self.root = self._build(spec, Ref(""), None)

    @property
    def now(self) -> int:
        """Kernel time, ns."""
        return self._kernel.now

    @property
    def is_up(self) -> bool:
        """Whether the whole tree has started, and no restart is under way at the root."""
        return self.root.phase is Phase.RUNNING and self.root.pending is None and not self.root.plan

    @property
    def is_stopping(self) -> bool:
        """Whether the tree is on its way down."""
        return self.root.phase is Phase.STOPPING

    def start(self) -> None:
        """Begin to start the tree."""
        self.root.start()

    def halt(self, reason: str) -> None:
        """Begin an ordered stop of the whole tree."""
        self._halt_reason = self._halt_reason or reason
        self.root.stop()

    def fatal(self, cause: Cause) -> None:
        """A death after which nothing may go on: stop the tree in order, with the cause."""
        self._is_failed = True
        self.halt(f"{cause.ref}: {cause.error or cause.reason.value}")

    def add_cause(self, cause: Cause) -> None:
        """Remember a death, for the outcome."""
        self.causes.append(cause)

    # -- nodes --------------------------------------------------------------------------------------------------

    def start_node(self, node: Cell | Supervisor) -> None:
        """Start a cell or a supervisor; its parent is told at the end."""
        if isinstance(node, Supervisor):
            node.start()
            return
        self._note(TreeEventKind.START, node)
        if node.incarnation > 0:
            self.restarts += 1
        try:
            result = self._kernel.start_incarnation(node)
        except BaseException as error:
            self._note(TreeEventKind.START_FAILED, node, type(error).__name__)
            cause = self._cause(node, Reason.START_FAILED, error)
            node.supervisor.child_died(node, cause, fatal=_is_fatal(error))
            return
        if result is IGNORE:
            self._note(TreeEventKind.IGNORED, node)
            node.supervisor.child_ignored(node)
        elif result is STARTED:
            self._up(node)
        elif node.state is CellState.STARTING:
            self._kernel.timers.set(self.now + node.spec.init_ns, ("init", node.ref), self._init_expired, node)

    def stop_node(self, node: Cell | Supervisor) -> None:
        """Stop a cell or a supervisor in order; its parent is told at the end."""
        if isinstance(node, Supervisor):
            if node.phase is Phase.STOPPED:
                self.supervisor_stopped(node)
            else:
                node.stop()
            return
        if not node.is_alive:
            node.supervisor.child_stopped(node)
            return
        self._note(TreeEventKind.STOP, node)
        self._kernel.timers.cancel(("init", node.ref))
        node.state = CellState.STOPPING
        try:
            result = self._kernel.stop_incarnation(node, Reason.SHUTDOWN)
        except BaseException as error:
            self.add_cause(self._cause(node, Reason.ERROR, error))
            self._is_failed = self._is_failed or _is_fatal(error)
            result = STOPPED
        if result is STOPPED:
            self._stopped(node, Reason.SHUTDOWN)
        elif node.state is CellState.STOPPING and node.spec.shutdown_ns is not None:
            due = self.now + node.spec.shutdown_ns
            self._kernel.timers.set(due, ("stop", node.ref), self._stopped, node, Reason.KILLED)

    def became_started(self, cell: Cell) -> None:
        """`ctx.started()`."""
        if cell.state is CellState.STARTING:
            self._kernel.timers.cancel(("init", cell.ref))
            self._up(cell)

    def became_stopped(self, cell: Cell) -> None:
        """`ctx.stopped()`."""
        if cell.state is CellState.STOPPING:
            self._stopped(cell, Reason.SHUTDOWN)

    def crashed(self, cell: Cell, error: BaseException, message: object = None) -> None:
        """A handler raised: the incarnation is dead, its supervisor decides."""
        if not cell.is_alive:
            return
        was_stopping = cell.state is CellState.STOPPING
        cause = self._cause(cell, Reason.ERROR, error, type(message).__name__ if message is not None else "")
        self._end(cell, Reason.ERROR)
        if was_stopping:
            self.add_cause(cause)
            cell.supervisor.child_stopped(cell)
        else:
            cell.supervisor.child_died(cell, cause, fatal=_is_fatal(error))

    def kill(self, cell: Cell) -> None:
        """End an incarnation from outside, without asking it."""
        if cell.is_alive:
            self._end(cell, Reason.KILLED)
            cause = Cause(cell.ref, cell.incarnation, Reason.KILLED, "killed")
            cell.supervisor.child_died(cell, cause, fatal=False)

    # -- supervisors report -------------------------------------------------------------------------------------

    def supervisor_started(self, supervisor: Supervisor) -> None:
        """All children are up."""
        if supervisor.parent is not None:
            supervisor.parent.child_started(supervisor)
        else:
            self.has_been_up = True

    def supervisor_stopped(self, supervisor: Supervisor) -> None:
        """All children are down, as asked."""
        if supervisor.parent is not None:
            supervisor.parent.child_stopped(supervisor)
        else:
            self._ended()

    def supervisor_failed(self, supervisor: Supervisor, cause: Cause) -> None:
        """Gave up or failed to start; its children are down."""
        self.events.append(TreeEvent(self.now, TreeEventKind.GAVE_UP, supervisor.ref, 0, cause.text))
        if supervisor.parent is not None:
            supervisor.parent.child_died(supervisor, cause, fatal=False)
        else:
            self._is_failed = True
            self._halt_reason = self._halt_reason or cause.text
            self._ended()

    def wait(self, supervisor: Supervisor, wait_ns: int) -> None:
        """Backoff: carry the supervisor's plan on later."""
        self._kernel.timers.set(self.now + wait_ns, ("backoff", supervisor.ref), supervisor.waited)

    def cancel_wait(self, supervisor: Supervisor) -> None:
        """Forget a backoff."""
        self._kernel.timers.cancel(("backoff", supervisor.ref))

    # -- inside -------------------------------------------------------------------------------------------------

    def _build(self, spec: SupervisorSpec, ref: Ref, parent: Supervisor | None) -> Supervisor:
        supervisor = Supervisor(spec, ref, parent, self)
        for child in spec.children:
            place = child_ref(ref, child.id)
            if isinstance(child, ActorSpec):
                cell = Cell(place, child, supervisor, self._kernel.sink())
                self._kernel.cells[place] = cell
                supervisor.add(child, cell)
            else:
                supervisor.add(child, self._build(child, place, supervisor))
        return supervisor

    def _up(self, cell: Cell) -> None:
        cell.state = CellState.RUNNING
        self._note(TreeEventKind.STARTED, cell)
        if cell.incarnation > 1:
            self._tell_watchers(cell, Up(cell.ref, cell.incarnation))
        cell.supervisor.child_started(cell)

    def _stopped(self, cell: Cell, reason: Reason) -> None:
        self._end(cell, reason)
        cell.supervisor.child_stopped(cell)

    def _init_expired(self, cell: Cell) -> None:
        self._end(cell, Reason.START_FAILED)
        cause = Cause(cell.ref, cell.incarnation, Reason.START_FAILED, "init deadline", f"{cell.spec.init_ns} ns")
        cell.supervisor.child_died(cell, cause, fatal=False)

    def _end(self, cell: Cell, reason: Reason) -> None:
        self._kernel.timers.cancel(("init", cell.ref))
        self._kernel.timers.cancel(("stop", cell.ref))
        self._kernel.end_incarnation(cell)
        self._note(TreeEventKind.DOWN, cell, reason.value)
        self._tell_watchers(cell, Down(cell.ref, cell.incarnation, reason))

    def _tell_watchers(self, cell: Cell, message: Any) -> None:
        """Down is queued behind what the dead had sent: watchers meet it in the data lane."""
        for watcher in self._kernel.watchers.get(cell.ref, ()):
            if watcher.is_alive and watcher is not cell:
                self._kernel.data.append((watcher, message, cell, 0))

    def _ended(self) -> None:
        if self.outcome is None:
            clean = not self._is_failed
            self.outcome = Outcome(clean, self._halt_reason or "stopped", tuple(self.causes))

    def _note(self, kind: TreeEventKind, cell: Cell, reason: str = "") -> None:
        self.events.append(TreeEvent(self.now, kind, cell.ref, cell.incarnation, reason))

    def _cause(self, cell: Cell, reason: Reason, error: BaseException, message: str = "") -> Cause:
        return Cause(cell.ref, cell.incarnation, reason, type(error).__name__, str(error), message)


def _is_fatal(error: BaseException) -> bool:
    """Errors that no restart can help carry `is_fatal`; an interrupt is one too."""
    return bool(getattr(error, "is_fatal", False)) or isinstance(error, KeyboardInterrupt | SystemExit)
