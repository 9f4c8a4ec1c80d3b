"""Orders that are wanted gone: a cancel goes out when the venue is known to have the order, and again if it was lost.

A cancel can lose its race, so it changes no order here: what became of the order is what the venue reports. "Too late
or unknown" is no failure for the same reason. The wish lives as long as this life of `orders`: after a restart the
order is in flight like any other, and its card may withdraw it again.
"""

from actors.model.backend import CancelOrder
from actors.model.errors import RateLimitError, error_class_of
from actors.model.order import LocalStatus, Order
from actors.model.result import OrderResult, RequestOutcome
from actors.orders.messages import CancelDue
from actors.orders.retries import RATE_LIMIT_RETRY
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["Withdrawals"]

_AT_VENUE = (LocalStatus.ACKED, LocalStatus.WORKING, LocalStatus.UNTRIGGERED, LocalStatus.TRIGGERED)
_TIMEOUT_NS = 30_000_000_000


class Withdrawals:
    """`wanted`: cancels sent so far, by our id of the order that is wanted gone; `port` takes them."""

    def __init__(self, port: Ref, round_trip_ns: int) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self.wanted: dict[str, int] = {}
        self._asked: dict[int, str] = {}

    def want(self, order: Order, ctx: Context) -> None:
        """End an order that is, or may be, at the venue; wanting it twice sends one cancel."""
        self.wanted.setdefault(order.request.link_id, 0)
        self.follow(order, ctx)

    def follow(self, order: Order, ctx: Context) -> None:
        """The order has moved: on to the venue, where it can be cancelled, or to its end."""
        sent = self.wanted.get(order.request.link_id)
        if sent is None:
            return
        if order.status.has_ended:
            del self.wanted[order.request.link_id]
        elif sent == 0 and order.status in _AT_VENUE:
            self.cancel(order, ctx)

    def cancel(self, order: Order, ctx: Context) -> None:
        """Send one cancel, the first or another."""
        request = order.request
        self.wanted[request.link_id] += 1
        correlation = ctx.ask(self._port, CancelOrder(request.symbol, request.link_id), self._timeout_ns)
        self._asked[correlation] = request.link_id

    def answered(self, correlation: int, result: OrderResult | None, ctx: Context) -> bool:
        """The venue's word on a cancel, None if there came none; False when it has been in vain too often."""
        link_id = self._asked.pop(correlation, "")
        if link_id not in self.wanted:
            return True
        is_known = result is not None and result.outcome not in (RequestOutcome.UNKNOWN, RequestOutcome.NEVER_SENT)
        if is_known and result is not None and error_class_of(result.code) is not RateLimitError:
            return True
        wait_ns = RATE_LIMIT_RETRY.next_wait_ns(self.wanted[link_id])
        if wait_ns is None:
            del self.wanted[link_id]
            return False
        ctx.after(wait_ns, CancelDue(link_id), f"cancel/{link_id}")
        return True
