"""The request for a reconciliation, and the reconciler's own timers."""

import msgspec

__all__ = ["LadderDue", "ReconcileDue", "ReconcileNow"]


class ReconcileNow(msgspec.Struct, frozen=True, gc=False):
    """Run a reconciliation; `reason` says what is in doubt."""

    reason: str


class ReconcileDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: the interval between two runs, or the wait after a failed one, is over."""


class LadderDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: look up again an order that the venue did not know."""

    symbol: str
    link_id: str
