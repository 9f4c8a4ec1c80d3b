"""Local view against venue view, as a pure function: what to correct, and what to ask next.

The venue's answers are of different times, and ours is of another. So nothing is concluded from a difference that a
message under way may explain: every correction is a report or an execution that the receiver takes once, however often
it comes, and an order that is not listed is asked for by its id.
"""

import attrs

from actors.model.backend import PrivateFrame, SyncState
from actors.model.order import LocalStatus
from actors.orders.messages import LocalView

__all__ = ["Diff", "diff"]


@attrs.frozen
class Diff:
    """`corrections` go to orders; `to_ask` are our ids that the venue's open orders do not hold."""

    corrections: PrivateFrame
    to_ask: tuple[str, ...]


_AWAITED = (LocalStatus.JOURNALED, LocalStatus.SENT)


def diff(view: LocalView, state: SyncState) -> Diff:
    """The executions that the venue lists and the state of every open order of ours; never an invented fill."""
    at_venue = {report.link_id: report for report in state.orders}
    missing = tuple(
        order.link_id for order in view.orders if order.link_id not in at_venue and order.status not in _AWAITED
    )
    ours = tuple(report for report in state.orders if report.link_id)
    return Diff(PrivateFrame((*state.fills, *ours)), missing)
