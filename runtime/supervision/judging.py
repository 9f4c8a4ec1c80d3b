"""Decides what a death means to a supervisor and which siblings restart with it; pure functions."""

from enum import Enum

from runtime.messages import Reason
from runtime.spec import Restart, RestartStrategy
from runtime.supervision.children import Child, Children

__all__ = ["Judgement", "group_of", "judge"]


class Judgement(Enum):
    """What a death means; the first that applies wins.

    As asked: the end was requested. Call failed: a management call's child did not come up. Ends the run: its restart
    type is fatal. Fails the start: an initial start is not retried. Stays down: its restart type does not ask for a
    restart. Restart: if the budget allows it.
    """

    AS_ASKED = "as_asked"
    CALL_FAILED = "call_failed"
    ENDS_THE_RUN = "ends_the_run"
    FAILS_THE_START = "fails_the_start"
    STAYS_DOWN = "stays_down"
    RESTART = "restart"


def judge(child: Child, reason: Reason, *, was_asked_to: bool, is_starting: bool, has_been_up: bool) -> Judgement:
    """What the death of `child` means, while its supervisor `is_starting` and the whole tree once `has_been_up`."""
    if was_asked_to:
        return Judgement.AS_ASKED
    if child.call is not None:
        return Judgement.CALL_FAILED
    if child.spec.restart is Restart.FATAL:
        return Judgement.ENDS_THE_RUN
    if reason.is_abnormal and not has_been_up:  # a crash before the whole tree was up is a failed start of the tree
        return Judgement.FAILS_THE_START
    if reason is Reason.START_FAILED and is_starting:
        return Judgement.FAILS_THE_START
    return Judgement.RESTART if _comes_back(child.spec.restart, reason) else Judgement.STAYS_DOWN


def _comes_back(restart: Restart, reason: Reason) -> bool:
    return restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and reason.is_abnormal)


def group_of(strategy: RestartStrategy, children: Children, died: Child) -> list[Child]:
    """The children to stop and start again with `died`, in start order."""
    if strategy is RestartStrategy.ONE_FOR_ALL:
        return list(children)
    if strategy is RestartStrategy.REST_FOR_ONE:
        return children.since(died)
    return [died]
