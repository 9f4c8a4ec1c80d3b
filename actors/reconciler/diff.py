"""Local view against venue view, as a pure function: what to correct, and what to ask next. Running it twice changes
nothing, because every correction is a report that the receivers treat as idempotent.
"""

import attrs

from actors.model.backend import PrivateFrame, VenueState
from actors.model.order import LocalStatus
from actors.orders.messages import LocalView

__all__ = ["Diff", "diff"]


@attrs.frozen
class Diff:
    """`corrections` go to orders; `to_ask` are our ids that the venue's open orders do not hold."""

    corrections: PrivateFrame
    to_ask: tuple[str, ...]


_AWAITED = (LocalStatus.JOURNALED, LocalStatus.SENT)


def diff(view: LocalView, state: VenueState) -> Diff:
    """Executions we have not booked and the state of every open order; never an invented fill."""
    fills = tuple(fill for fill in state.fills if fill.seq > view.last_seq)
    at_venue = {report.link_id: report for report in state.open_orders}
    missing = tuple(
        order.link_id for order in view.orders if order.link_id not in at_venue and order.status not in _AWAITED
    )
    ours = tuple(report for report in state.open_orders if report.link_id)
    return Diff(PrivateFrame((*fills, *ours)), missing)
