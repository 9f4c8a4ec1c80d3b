"""Compares the local view with the venue's, as a pure function: the corrections, and the orders to look up.

The venue's answers are of different times, and the local view of another, so a message under way may explain any
difference. Therefore a correction is a report or an execution, which the receiver takes once however often it comes,
and an order that is not listed is looked up by its id.
"""

import attrs

from actors.model.backend import PrivateFrame, SyncState
from actors.model.order import LocalStatus
from actors.model.origins import Origin
from actors.orders.messages import LocalView

__all__ = ["Diff", "diff"]


@attrs.frozen
class Diff:
    """`corrections` go to orders; `to_ask` are our ids of orders that are not among the venue's open orders.

    `foreign` are the venue's ids of open orders that a user has placed without an id.
    """

    corrections: PrivateFrame
    to_ask: tuple[str, ...]
    foreign: tuple[str, ...] = ()


_AWAITED = (LocalStatus.JOURNALED, LocalStatus.SENT)


def diff(view: LocalView, state: SyncState) -> Diff:
    """What the venue lists of our symbol, and our orders that it does not list; no fill is ever made up."""
    at_venue = {report.link_id: report for report in state.orders}
    missing = tuple(
        order.link_id for order in view.orders if order.link_id not in at_venue and order.status not in _AWAITED
    )
    ours = tuple(report for report in state.orders if report.link_id)
    foreign = tuple(report.order_id for report in state.orders if not report.link_id and report.origin is Origin.USER)
    return Diff(PrivateFrame((*state.fills, *ours), is_read=True), missing, foreign)
