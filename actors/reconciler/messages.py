"""The request for a reconciliation, the reports of what it found and did, and the reconciler's own timers."""

from enum import StrEnum

import msgspec

__all__ = [
    "LadderDue",
    "LookUpOutcome",
    "LookUpReport",
    "ReconcileCause",
    "ReconcileDue",
    "ReconcileFailed",
    "ReconcileNow",
    "ReconcileReport",
    "ReconcileVerdict",
    "RunSummary",
]


class ReconcileCause(StrEnum):
    """Why a reconciliation runs; it is the same routine for all of them."""

    BOOT = "boot"  # of the process, or of the reconciler
    RECONNECT = "reconnect"
    UNKNOWN = "unknown"  # what became of a request
    GAP = "gap"  # reports or executions are missing
    DRIFT = "drift"  # the last one found a difference and reads once more
    TIMER = "timer"
    OPERATOR = "operator"


class ReconcileNow(msgspec.Struct, frozen=True, gc=False):
    """Run a reconciliation; `reason` says what is in doubt."""

    reason: str
    cause: ReconcileCause = ReconcileCause.UNKNOWN


class ReconcileDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: the interval between two runs, or the wait after a failed one, is over."""


class LadderDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: look up again an order that the venue did not know."""

    symbol: str
    link_id: str


class RunSummary(msgspec.Struct, frozen=True):
    """Why one symbol was read, how many questions it took, what was listed, and which of our orders were looked up.

    `foreign` are the venue's ids of open orders that a user has placed without an id of ours.
    """

    cause: ReconcileCause = ReconcileCause.UNKNOWN
    reason: str = ""
    questions: int = 0
    orders: int = 0
    executions: int = 0
    looked_up: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


class ReconcileVerdict(StrEnum):
    """What a reconciliation of one symbol came to."""

    AGREES = "agrees"
    MENDED = "mended"  # executions or states that we had missed were taken over
    READ_AGAIN = "read again"  # a difference that the next run has to confirm
    QUARANTINED = "quarantined"  # entries are blocked
    ADOPTED = "adopted"  # by an operator's command


class ReconcileReport(msgspec.Struct, frozen=True):
    """A note for the record, sent to nobody: what one symbol's reconciliation found and did.

    `booked` executions and `moved` orders are those that it corrected. `difference` is what no execution explains.
    """

    symbol: str
    run: RunSummary
    verdict: ReconcileVerdict
    booked: int = 0
    moved: int = 0
    difference: str = ""


class ReconcileFailed(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: a run has ended without a result, and is tried again."""

    cause: ReconcileCause
    reason: str
    failures: int  # in a row


class LookUpOutcome(StrEnum):
    """What a look-up of one order came to."""

    FOUND = "found"
    ABSENT = "absent"  # once: no proof
    EXECUTED = "executed"  # no order of this id is told, but executions of it are
    NEVER_ARRIVED = "never arrived"


class LookUpReport(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the venue was asked for one order of ours."""

    symbol: str
    link_id: str
    outcome: LookUpOutcome
