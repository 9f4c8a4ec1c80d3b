"""Asking for a reconciliation, and its own timers."""

import msgspec

__all__ = ["LadderDue", "ReconcileDue", "ReconcileNow"]


class ReconcileNow(msgspec.Struct, frozen=True, gc=False):
    """Somebody is in doubt; why."""

    reason: str


class ReconcileDue(msgspec.Struct, frozen=True, gc=False):
    """The periodic timer."""


class LadderDue(msgspec.Struct, frozen=True, gc=False):
    """The grace time of an order that the venue did not know."""

    symbol: str
    link_id: str
