"""Changes of a resting order in place: it keeps its id and never leaves the book.

The venue names the new total quantity, what has filled included: so an execution that overtakes the amend is counted,
and the sizes come out right. Until the venue has answered, the order may stand with either terms. A larger quantity is
journaled before it is asked for: filled to the smaller one, the order is not believed to have ended.
"""

from enum import Enum

import msgspec
from msgspec.structs import replace

from actors.model.backend import AmendOrder
from actors.model.errors import ClockSkewError, RateLimitError, error_class_of
from actors.model.fixed import Qty
from actors.model.order import LocalStatus, Order, OrderReport, OrderRequest
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.orders.drafting import draft
from actors.orders.memories import Memories
from actors.orders.messages import ApprovedOrder
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["Amend", "AmendVerdict", "Amends", "can_become", "verdict_of"]

_RESTING = (LocalStatus.WORKING, LocalStatus.UNTRIGGERED)
_TIMEOUT_NS = 30_000_000_000


class AmendVerdict(Enum):
    """What an answer to an amend means. CANCEL: it was not heard, or came too late for its size: cancel instead."""

    IN_FORCE = "in force"
    ENDED = "ended"
    REFUSED = "refused"
    CANCEL = "cancel"


class Amend(msgspec.Struct, frozen=True):
    """`order` is to carry the decision `message`, whose own id is `link_id`, with the request `terms`."""

    order: Order
    message: ApprovedOrder
    link_id: str
    terms: OrderRequest

    def put_in_force(self) -> None:
        """The order is now what the newer decision asks for: its terms, its block, its time."""
        order, message = self.order, self.message
        order.request, order.raised_to, order.carries = self.terms, None, self.link_id
        order.block_id, order.bar_close_ms = message.block_id, message.bar_close_ms

    def draft_rejected(self, result: OrderResult) -> Order:
        """A record of the newer decision, for the venue's refusal of it to be told."""
        order = draft(self.message, self.link_id, LocalStatus.SENT)
        order.attempts, order.code, order.reason = 1, result.code, result.reason
        return order


class Amends:
    """`asked`: amends under way; `port` takes them."""

    def __init__(self, port: Ref, memories: Memories, round_trip_ns: int) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._memories = memories
        self.asked: dict[int, Amend] = {}

    def send(self, order: Order, message: ApprovedOrder, link_id: str, total: Qty, ctx: Context) -> None:
        """Ask the venue to let `order` stand for `message`, at `total` with what it has filled."""
        was = order.request
        terms = replace(was, qty=total, price=message.price, trigger_price=message.trigger_price)
        if total > was.qty:
            order.raised_to = total
            self._memories.of_order(replace(order), ctx)
        change = AmendOrder(
            was.symbol,
            was.link_id,
            None if total == was.qty else total,
            None if terms.price == was.price else terms.price,
            None if terms.trigger_price == was.trigger_price else terms.trigger_price,
        )
        self.asked[ctx.ask(self._port, change, self._timeout_ns)] = Amend(order, message, link_id, terms)

    def under_way(self, order: Order) -> Amend | None:
        """The amend of this order that has not been answered; there is one at a time."""
        return next((amend for amend in self.asked.values() if amend.order is order), None)

    def told_by(self, report: OrderReport, order: Order) -> Amend | None:
        """The amend under way of this order that the venue's report shows in force."""
        amend, told = self.under_way(order), (report.qty, report.price, report.trigger_price)
        if amend is None or told != (amend.terms.qty, amend.terms.price, amend.terms.trigger_price):
            return None
        return amend


def can_become(order: Order, message: ApprovedOrder) -> bool:
    """Whether it rests at the venue and differs from `message` in price, trigger price and quantity alone."""
    request = order.request
    if order.status not in _RESTING:
        return False
    return (
        request.side is message.side
        and request.type is message.type
        and request.trigger_direction is message.trigger_direction
        and (request.price is None) is (message.price is None)
        and (request.trigger_price is None) is (message.trigger_price is None)
    )


def verdict_of(result: OrderResult | None) -> AmendVerdict:
    """What the venue's word means for the amend; None: there came none."""
    if result is None or result.outcome in (RequestOutcome.UNKNOWN, RequestOutcome.NEVER_SENT):
        return AmendVerdict.CANCEL
    if result.outcome is RequestOutcome.ACCEPTED or result.rejection is RejectReason.NOTHING_CHANGED:
        return AmendVerdict.IN_FORCE
    if result.rejection is RejectReason.ORDER_NOT_FOUND:
        return AmendVerdict.ENDED
    is_unheard = error_class_of(result.code) in (RateLimitError, ClockSkewError)
    return AmendVerdict.CANCEL if is_unheard or result.code == VenueCode.UNDER_FILLED else AmendVerdict.REFUSED
