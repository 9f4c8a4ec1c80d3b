"""Starts, stops and ends one incarnation, as far as messages are concerned.

A start and a stop are turns of their own: what they send is released when they return and undone when they raise. At
the end messages, timers and questions of that life are dropped, so that none reaches the next life.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from runtime.actor import IGNORE, Actor, StartResult, StopResult
from runtime.errors import ActorError
from runtime.kernel.cell import Cell, CellState
from runtime.kernel.context import KernelContext
from runtime.kernel.core import Core
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.dispatch import refuse_return
from runtime.kernel.envelope import Envelope
from runtime.messages import Reason

__all__ = ["ask_to_stop", "begin", "end"]


@contextmanager
def _turn_of_its_own(core: Core, cell: Cell) -> Iterator[int]:
    """Begin a turn without a message; returns the mark in the data lane from which its own sends start."""
    delivery, consequences = core.delivery, core.consequences
    mark = len(delivery.data)
    held, delivery.in_hand = delivery.in_hand, Envelope(cell, None, None, 0)
    try:
        yield mark
    except BaseException:
        delivery.count_sent(mark)
        consequences.roll_back(mark)
        raise
    finally:
        delivery.in_hand = held
    delivery.count_sent(mark)
    consequences.release(mark)


def begin(core: Core, cell: Cell) -> StartResult:
    """Build and start the next incarnation; raises what its factory or `start` raises, with its sends undone."""
    core.delivery.drop_mail_of(cell, DeadCause.DOWN)
    cell.state = CellState.STARTING
    with _turn_of_its_own(core, cell) as mark:
        cell.context = KernelContext(core, cell)
        cell.actor = _built(cell)
        cell.handlers = cell.actor.dispatch()
        core.quarantine.install(cell)
        result = cell.actor.start(cell.context)
        if not isinstance(result, StartResult):
            refuse_return(cell.ref, result, "start returned", "STARTED, STARTING or IGNORE")
        if result is IGNORE:
            core.consequences.roll_back(mark)
    return result


def _built(cell: Cell) -> Actor:
    actor = cell.spec.factory()
    if not isinstance(actor, Actor):
        raise ActorError(f"{cell.ref}: factory returned {type(actor).__name__}, not an Actor")
    return actor


def ask_to_stop(core: Core, cell: Cell, reason: Reason) -> StopResult:
    """Ask an incarnation to stop; raises what its `stop` raises, with its sends undone."""
    assert cell.actor is not None
    assert cell.context is not None
    with _turn_of_its_own(core, cell):
        result = cell.actor.stop(reason, cell.context)
        if not isinstance(result, StopResult):
            refuse_return(cell.ref, result, "stop returned", "STOPPED or STOPPING")
    return result


def end(core: Core, cell: Cell) -> None:
    """Drop the life's messages, timers, questions and watches, so that none reaches the next life."""
    cell.state = CellState.DOWN
    cell.handlers = cell.nobody
    cell.actor = None
    core.timers.drop_all_of(cell)
    core.delivery.drop_mail_of(cell, DeadCause.RESTART)
    core.watches.drop_watcher(cell)
    core.delivery.drop_questions_of(cell)
