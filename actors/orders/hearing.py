"""Notices a private stream that has fallen silent, though its connection lives and answers pings.

The venue has acknowledged an order, or its cancel, and two seconds later the stream has told nothing of it: the order
is asked for once. If the venue knows more than the stream has told, the connection is replaced, and everything is read.
While frames come, this costs a timer that is cancelled. A simulated venue is in the same process and loses no frame; it
tells nothing of a market order before the next open, which may be minutes away. There nothing is listened for.
"""

from actors.model.backend import NeverSent, OrderFound, OrderQuery, Unanswered
from actors.model.order import LocalStatus, Order, OrderReport, OrderType, VenueStatus
from actors.orders.messages import HearingDue
from actors.orders.transitions import EVENT_OF_REPORT, OrderEvent
from actors.orders.wiring import OrdersWiring
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from actors.websocket.messages import RenewStream
from runtime.context import Context
from runtime.messages import AskFailed

__all__ = ["Hearing"]

_BOUND_NS = 2_000_000_000
_TIMEOUT_NS = 30_000_000_000
_TIMER = "hearing"


class Hearing:
    """`waiting`: by our id of an order, until when the stream must have told of it; one question at a time.

    `round_trip_ns` is added to the bound: with latency an acknowledgement may overtake its frame.
    """

    def __init__(self, wiring: OrdersWiring, round_trip_ns: int) -> None:
        self._to = wiring
        self._bound_ns = _BOUND_NS + round_trip_ns
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self.waiting: dict[str, int] = {}
        self._asked: tuple[int, Order, int] | None = None  # and since when nothing was told

    def expect(self, order: Order, ctx: Context) -> None:
        """The venue has acknowledged something of this order: the stream must tell of it."""
        if self._to.private_socket is None:
            return
        if not self.waiting and self._asked is None:
            ctx.after(self._bound_ns, HearingDue(), _TIMER)
        self.waiting.setdefault(order.request.link_id, ctx.now + self._bound_ns)

    def heard(self, order: Order, ctx: Context) -> None:
        """Something was told of this order."""
        if self.waiting.pop(order.request.link_id, None) is not None and not self.waiting:
            ctx.cancel(_TIMER)

    def due(self, open_orders: dict[str, Order], ctx: Context) -> None:
        """Ask for the order that has waited longest, and wait for the others."""
        for link_id, due_ns in tuple(self.waiting.items()):
            if due_ns > ctx.now:
                ctx.after(due_ns - ctx.now, HearingDue(), _TIMER)
                return
            del self.waiting[link_id]
            order = open_orders.get(link_id)
            if order is not None:
                query = OrderQuery(order.request.symbol, link_id)
                since_ns = due_ns - self._bound_ns
                self._asked = ctx.ask(self._to.port, query, self._timeout_ns), order, since_ns
                return

    def answered(self, message: OrderFound | NeverSent | Unanswered | AskFailed, ctx: Context) -> bool:
        """Whether it was our question; the stream is replaced where it has kept silent of what the venue says.

        Without an answer, and of an order that the venue acknowledged and does not know, the reconciler finds out.
        """
        correlation = message.correlation if isinstance(message, AskFailed) else ctx.correlation
        if self._asked is None or self._asked[0] != correlation:
            return False
        (_, order, since_ns), self._asked = self._asked, None
        report = message.order if isinstance(message, OrderFound) else None
        link_id = order.request.link_id
        is_unheard = not order.status.has_ended and (report is None or _knows_more(report, order))
        if is_unheard:
            why = f"the private stream has told nothing of {link_id}"
            if report is not None and self._to.private_socket is not None:
                self.waiting.clear()
                told = f"{why}, which the venue says is {report.status.value}"
                ctx.send(self._to.private_socket, RenewStream(told, since_ns))
            ctx.send(self._to.reconciler, ReconcileNow(why, ReconcileCause.GAP))
        if self.waiting:
            ctx.after(max(0, next(iter(self.waiting.values())) - ctx.now), HearingDue(), _TIMER)
        return True


def _knows_more(report: OrderReport, order: Order) -> bool:
    """Whether the venue's statement has what no frame has told yet, and one should have.

    A market order that has not been executed is not told of: a market that stands still executes none.
    """
    if order.status is LocalStatus.ACKED and not order.filled_qty:
        return report.status is not VenueStatus.NEW or order.request.type is not OrderType.MARKET
    return EVENT_OF_REPORT[report.status] >= OrderEvent.CANCELLED or report.filled_qty > order.filled_qty
