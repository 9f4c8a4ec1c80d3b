"""The lives of cells: starting, running, stopping and down, each step with its deadline.

At every end of a life its messages, timers and questions are dropped first, then the history is updated, then the
watchers are told, and last its supervisor, which decides what follows.
"""

from collections.abc import Mapping

from runtime.actor import IGNORE, STARTED, STOPPED
from runtime.errors import InvariantBroken
from runtime.kernel import incarnation
from runtime.kernel.cell import Cell, CellState
from runtime.kernel.core import Core
from runtime.kernel.history import TreeEventKind, is_fatal, leaf_of
from runtime.messages import Cause, Down, Reason, Ref, Up
from runtime.supervision.chronicle import Chronicle
from runtime.supervision.supervisor import Supervisor

__all__ = ["CellLives"]


class CellLives:
    """`restarts` counts the lives after each cell's first."""

    def __init__(self, core: Core, chronicle: Chronicle, supervisors: Mapping[Ref, Supervisor]) -> None:
        self._core = core
        self._timers = core.timers
        self._chronicle = chronicle
        self._supervisors = supervisors
        self.restarts = 0

    # -- supervisors ask ----------------------------------------------------------------------------------------

    def start(self, cell: Cell) -> None:
        """Begin the next life; the supervisor is told when it is up, has failed or is ignored."""
        cell.incarnation += 1
        life = cell.incarnation
        if life > 1:
            self.restarts += 1
        self._chronicle.note(TreeEventKind.START, cell)
        self._chronicle.incarnation_opened(cell.ref, life, cell.parent)
        try:
            result = incarnation.begin(self._core, cell)
        except BaseException as error:
            self._start_failed(cell, error)
            return
        if cell.incarnation != life or cell.state is not CellState.STARTING:
            return  # an operation of its start has already ended the start
        if result is IGNORE:
            incarnation.end(self._core, cell)
            self._chronicle.note(TreeEventKind.IGNORED, cell)
            self._closed(cell, Reason.NORMAL)
            self._supervisor(cell).child_ignored(cell)
        elif result is STARTED:
            self._up(cell)
        else:
            self._timers.set(self._core.clock.now + cell.spec.init_ns, ("init", cell.ref), self._init_expired, cell)

    def stop(self, cell: Cell) -> None:
        """Stop a life in order; the supervisor is told when it is down."""
        deadline_ns = cell.spec.shutdown_ns
        self._chronicle.note(TreeEventKind.STOP, cell)
        self._timers.cancel(("init", cell.ref))
        if deadline_ns == 0:
            self._stopped(cell, Reason.KILLED)
            return
        cell.state = CellState.STOPPING
        life = cell.incarnation
        try:
            result = incarnation.ask_to_stop(self._core, cell, Reason.SHUTDOWN)
        except BaseException as error:
            self._died_stopping(cell, error)
            return
        if cell.incarnation != life or cell.state is not CellState.STOPPING:
            return
        if result is STOPPED:
            self._stopped(cell, Reason.SHUTDOWN)
        elif deadline_ns is not None:
            due_ns = self._core.clock.now + deadline_ns
            self._timers.set(due_ns, ("stop", cell.ref), self._stopped, cell, Reason.KILLED)

    def cut(self, cell: Cell, reason: Reason, error: str = "") -> None:
        """End a life in any state without telling its supervisor; a life that never was up counts as a failed start."""
        if cell.state is CellState.STARTING:
            self._not_up(cell, error or reason.value)
        else:
            self._end(cell, reason, error)

    # -- lives report -------------------------------------------------------------------------------------------

    def started(self, cell: Cell) -> None:
        """`ctx.started()`."""
        if cell.state is CellState.STARTING:
            self._timers.cancel(("init", cell.ref))
            self._up(cell)

    def stopped(self, cell: Cell) -> None:
        """`ctx.stopped()`."""
        if cell.state is CellState.STOPPING:
            self._stopped(cell, Reason.SHUTDOWN)

    def exited(self, cell: Cell, reason: Reason) -> None:
        """`ctx.stop(reason)`: the incarnation ends itself."""
        if cell.state is CellState.STARTING:
            self._fail_start(cell, Cause(cell.ref, cell.incarnation, Reason.START_FAILED, reason.value))
        elif cell.state is CellState.STOPPING:
            self._stopped(cell, reason)
        elif cell.is_alive:
            self._die(cell, Cause(cell.ref, cell.incarnation, reason))

    def escalated(self, cell: Cell, error: BaseException) -> None:
        """`ctx.escalate(error)`: the supervisor fails with this error."""
        if not cell.is_alive:
            return
        cause = _cause(cell, Reason.ERROR, error)
        self.cut(cell, Reason.ERROR, cause.error)
        self._supervisor(cell).escalated(cell, cause, fatal=is_fatal(error))

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
            self._die(cell, _cause(cell, Reason.ERROR, error, name), fatal=is_fatal(error))

    def kill(self, cell: Cell) -> None:
        """Kill an incarnation without calling its `stop`; its supervisor decides."""
        if cell.state is CellState.STARTING:
            self._fail_start(cell, Cause(cell.ref, cell.incarnation, Reason.START_FAILED, "killed"))
        elif cell.state is CellState.STOPPING:
            self._stopped(cell, Reason.KILLED)
        elif cell.is_alive:
            self._die(cell, Cause(cell.ref, cell.incarnation, Reason.KILLED, "killed"))

    # -- inside -------------------------------------------------------------------------------------------------

    def _supervisor(self, cell: Cell) -> Supervisor:
        return self._supervisors[cell.parent]

    def _up(self, cell: Cell) -> None:
        cell.state = CellState.RUNNING
        cell.was_up = True
        self._chronicle.note(TreeEventKind.STARTED, cell)
        if cell.incarnation > 1:
            self._core.watches.tell(cell, Up(cell.ref, cell.incarnation))
        self._supervisor(cell).child_started(cell)

    def _die(self, cell: Cell, cause: Cause, *, fatal: bool = False) -> None:
        """End a life that died by itself; a life not yet up is a failed start."""
        self._end(cell, cause.reason, cause.error if cause.reason is Reason.ERROR else "")
        self._supervisor(cell).child_died(cell, (cause,), fatal=fatal)

    def _stopped(self, cell: Cell, reason: Reason) -> None:
        self._end(cell, reason)
        self._supervisor(cell).child_stopped(cell)

    def _died_stopping(self, cell: Cell, error: BaseException, message: str = "") -> None:
        cause = _cause(cell, Reason.ERROR, error, message)
        self._end(cell, Reason.ERROR, cause.error)
        self._supervisor(cell).child_died_stopping(cell, cause, fatal=is_fatal(error))

    def _init_expired(self, cell: Cell) -> None:
        text = f"{cell.spec.init_ns} ns"
        self._fail_start(cell, Cause(cell.ref, cell.incarnation, Reason.START_FAILED, "init deadline", text))

    def _start_failed(self, cell: Cell, error: BaseException, message: str = "") -> None:
        self._fail_start(cell, _cause(cell, Reason.START_FAILED, error, message), fatal=is_fatal(error))

    def _fail_start(self, cell: Cell, cause: Cause, *, fatal: bool = False) -> None:
        self._not_up(cell, cause.error)
        self._supervisor(cell).child_died(cell, (cause,), fatal=fatal)

    def _not_up(self, cell: Cell, error: str) -> None:
        self._timers.cancel(("init", cell.ref))
        incarnation.end(self._core, cell)
        self._chronicle.note(TreeEventKind.START_FAILED, cell, Reason.START_FAILED.value, error)
        self._closed(cell, Reason.START_FAILED, error)

    def _end(self, cell: Cell, reason: Reason, error: str = "") -> None:
        self._timers.cancel(("init", cell.ref))
        self._timers.cancel(("stop", cell.ref))
        incarnation.end(self._core, cell)
        self._chronicle.note(TreeEventKind.DOWN, cell, reason.value, error)
        self._closed(cell, reason, error)
        if cell.was_up:
            cell.was_up = False
            self._core.watches.tell(cell, Down(cell.ref, cell.incarnation, reason, error))

    def _closed(self, cell: Cell, reason: Reason, error: str = "") -> None:
        cell.ended = (reason, error)
        self._chronicle.incarnation_closed(cell.ref, cell.incarnation, reason)


def _cause(cell: Cell, reason: Reason, error: BaseException, message: str = "") -> Cause:
    leaf = leaf_of(error)
    if isinstance(leaf, InvariantBroken):
        message = message or "invariant"
    return Cause(cell.ref, cell.incarnation, reason, type(leaf).__name__, str(leaf), message)
