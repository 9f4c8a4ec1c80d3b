"""The birth, the last words and the end of one incarnation, as far as messages are concerned.

A birth and a stop are turns of their own: what they send is released when they return, and undone when they raise. At
the end everything of that life goes, so that nothing of it reaches the next.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.actor import IGNORE, Actor, StartResult, StopResult
from runtime.context import Context
from runtime.errors import ActorError
from runtime.kernel.cell import Cell, CellState
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.dispatch import refuse_return
from runtime.kernel.mailbox import withdraw
from runtime.messages import AskCause, Reason

if TYPE_CHECKING:
    from runtime.kernel.core import Core

__all__ = ["ask_to_stop", "begin", "drop_mail", "end", "sink"]


def begin(kernel: "Core", cell: Cell) -> StartResult:
    """Build and start the next incarnation; raises what its factory or `start` raises, nothing released."""
    drop_mail(kernel, cell, DeadCause.DOWN)
    cell.state = CellState.STARTING
    mark = len(kernel.data)
    held, kernel.in_hand = kernel.in_hand, (cell, None, None, 0)
    try:
        cell.context = Context(kernel, cell)
        cell.actor = _built(cell)
        cell.handlers = cell.actor.dispatch()
        kernel.quarantine.install(cell)
        result = cell.actor.start(cell.context)
        if not isinstance(result, StartResult):
            refuse_return(cell.ref, result, "start returned", "STARTED, STARTING or IGNORE")
        if result is IGNORE:
            kernel.roll_back(mark)
    except BaseException:
        kernel.count_sent(mark)
        kernel.roll_back(mark)
        raise
    finally:
        kernel.in_hand = held
    kernel.count_sent(mark)
    kernel.release(mark)
    return result


def _built(cell: Cell) -> Actor:
    actor = cell.spec.factory()
    if not isinstance(actor, Actor):
        raise ActorError(f"{cell.ref}: factory returned {type(actor).__name__}, not an Actor")
    return actor


def ask_to_stop(kernel: "Core", cell: Cell, reason: Reason) -> StopResult:
    """Ask an incarnation to stop; raises what its `stop` raises, nothing released."""
    assert cell.actor is not None
    assert cell.context is not None
    mark = len(kernel.data)
    held, kernel.in_hand = kernel.in_hand, (cell, None, None, 0)
    try:
        result = cell.actor.stop(reason, cell.context)
        if not isinstance(result, StopResult):
            refuse_return(cell.ref, result, "stop returned", "STOPPED or STOPPING")
    except BaseException:
        kernel.count_sent(mark)
        kernel.roll_back(mark)
        raise
    finally:
        kernel.in_hand = held
    kernel.count_sent(mark)
    kernel.release(mark)
    return result


def end(kernel: "Core", cell: Cell) -> None:
    """Nothing of this life reaches the next: mail, timers, questions and watches go."""
    cell.state = CellState.DOWN
    cell.handlers = cell.nobody
    cell.actor = None
    kernel.timers.drop_all_of(cell)
    drop_mail(kernel, cell, DeadCause.RESTART)
    for ref in cell.watching:
        kernel.watchers[ref].pop(cell)
        if not kernel.watchers[ref]:
            del kernel.watchers[ref]
    cell.watching.clear()
    for correlation in kernel.asks.of_asker(cell):
        del kernel.asks.pending[correlation]
    for correlation in kernel.asks.at_target(cell):
        kernel.fail_ask(correlation, AskCause.DIED)


def drop_mail(kernel: "Core", cell: Cell, cause: DeadCause) -> None:
    """What waits for `cell` reaches nobody."""
    kernel.pressure.forget()
    for lane in (kernel.control, kernel.data):
        for entry in withdraw(lane, cell):
            kernel.bury(entry, cause)


def sink(kernel: "Core") -> Callable[[Any, Any], None]:
    """The receiver of what is addressed to nobody."""

    def bury(message: Any, ctx: Any) -> None:
        kernel.bury(kernel.in_hand, DeadCause.DOWN)
        if kernel.in_hand[3] in kernel.asks.pending:
            kernel.fail_ask(kernel.in_hand[3], AskCause.DIED)

    return bury
