"""Pending cancels: each is sent once the venue is known to have the order, and sent again if it was lost.

A cancel may come too late, so it changes no order here: the order ends when the venue reports that it has. For the same
reason "too late or unknown" is no failure. Pending cancels are lost in a restart of `orders`: the order is then in
flight like any other, and its card may withdraw it again.
"""

from actors.model.backend import CancelOrder
from actors.model.order import LocalStatus, Order
from actors.model.result import OrderResult, RequestOutcome
from actors.orders.messages import CancelDue
from actors.orders.retries import RATE_LIMIT_RETRY, policy_of
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["Withdrawals"]

_AT_VENUE = (LocalStatus.ACKED, LocalStatus.WORKING, LocalStatus.UNTRIGGERED, LocalStatus.TRIGGERED)
_TIMEOUT_NS = 30_000_000_000


class Withdrawals:
    """`pending`: how many cancels have been sent so far, by our id of the order; they go to `port`."""

    def __init__(self, port: Ref, round_trip_ns: int) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self.pending: dict[str, int] = {}
        self._asked: dict[int, str] = {}

    def withdraw(self, order: Order, ctx: Context) -> None:
        """Cancel an order that is, or may be, at the venue; a second call sends no second cancel."""
        self.pending.setdefault(order.request.link_id, 0)
        self.follow(order, ctx)

    def follow(self, order: Order, ctx: Context) -> None:
        """The order's status has changed: send its cancel if the venue has it now, drop the cancel if it has ended."""
        sent = self.pending.get(order.request.link_id)
        if sent is None:
            return
        if order.status.has_ended:
            del self.pending[order.request.link_id]
        elif sent == 0 and order.status in _AT_VENUE:
            self.cancel(order, ctx)

    def cancel(self, order: Order, ctx: Context) -> None:
        """Send one cancel."""
        request = order.request
        self.pending[request.link_id] += 1
        correlation = ctx.ask(self._port, CancelOrder(request.symbol, request.link_id), self._timeout_ns)
        self._asked[correlation] = request.link_id

    def asked_for(self, correlation: int) -> str:
        """Our id of the order whose cancel this is; "" for no cancel of ours that is unanswered."""
        return self._asked.get(correlation, "")

    def answered(self, correlation: int, result: OrderResult | None, ctx: Context) -> bool:
        """Handle the answer to a cancel (None: no answer came); False once the retry policy gives up."""
        link_id = self._asked.pop(correlation, "")
        if link_id not in self.pending:
            return True
        is_known = result is not None and result.outcome not in (RequestOutcome.UNKNOWN, RequestOutcome.NEVER_SENT)
        policy = policy_of(result) if is_known and result is not None else RATE_LIMIT_RETRY
        if policy is None:
            return True
        sent = self.pending[link_id]
        if policy.gives_up(sent):
            del self.pending[link_id]
            return False
        ctx.after(policy.wait_ns(sent, ctx.rng("retry").random()), CancelDue(link_id), f"cancel/{link_id}")
        return True
