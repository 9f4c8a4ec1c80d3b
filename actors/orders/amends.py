"""Amends of a resting order: it keeps its id and stays in the book.

An amend names the new total quantity, including what has filled, so an execution that overtakes it is counted and the
sizes come out right. Until the venue has answered, the order may stand with the old terms or the new ones. A larger
quantity is journaled before it is asked for, so that an order filled to the smaller one is not taken as filled.
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
    """What an answer to an amend means.

    CANCEL: the amend did not arrive, or its total is below what has filled: cancel the order instead.
    """

    IN_FORCE = "in force"
    ENDED = "ended"
    REJECTED = "rejected"
    CANCEL = "cancel"


class Amend(msgspec.Struct, frozen=True):
    """An amend of `order` for the newer decision `message`, whose own id is `link_id`; `terms` is the new request."""

    order: Order
    message: ApprovedOrder
    link_id: str
    terms: OrderRequest
    is_replacing: bool = False  # a case has asked for it, so it is told of a rejection

    def put_in_force(self) -> None:
        """Give the order the newer decision's terms, block and bar time."""
        order, message = self.order, self.message
        order.request, order.raised_to, order.carries = self.terms, None, self.link_id
        order.block_id, order.bar_close_ms = message.block_id, message.bar_close_ms
        order.terms = message.terms

    def draft_rejected(self, result: OrderResult) -> Order:
        """An order record of the newer decision, which reports the venue's rejection."""
        order = draft(self.message, self.link_id, LocalStatus.SENT)
        order.attempts, order.code, order.reason = 1, result.code, result.reason
        return order


class Amends:
    """The amends under way: `asked` by correlation; they go to `port`."""

    def __init__(self, port: Ref, memories: Memories, round_trip_ns: int) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._memories = memories
        self.asked: dict[int, Amend] = {}

    def send(
        self,
        order: Order,
        message: ApprovedOrder,
        link_id: str,
        total: Qty,
        ctx: Context,
        *,
        is_replacing: bool = False,
    ) -> None:
        """Ask the venue to give `order` the terms of `message` and the quantity `total`, which includes what filled."""
        was = order.request
        terms = replace(was, qty=total, price=message.price, trigger_price=message.trigger_price)
        if message.protection is not None:
            terms = replace(terms, protection=message.protection)
        if total > was.qty:
            order.raised_to = total
            self._memories.of_order(replace(order), ctx)
        change = AmendOrder(
            was.symbol,
            was.link_id,
            None if total == was.qty else total,
            None if terms.price == was.price else terms.price,
            None if terms.trigger_price == was.trigger_price else terms.trigger_price,
            protection=None if terms.protection == was.protection else terms.protection,
        )
        self.asked[ctx.ask(self._port, change, self._timeout_ns)] = Amend(order, message, link_id, terms, is_replacing)

    def under_way(self, order: Order) -> Amend | None:
        """The unanswered amend of this order, or None; there is at most one."""
        return next((amend for amend in self.asked.values() if amend.order is order), None)

    def confirmed_by(self, report: OrderReport, order: Order) -> Amend | None:
        """The unanswered amend of this order if the report shows its terms in force, else None."""
        amend, reported = self.under_way(order), (report.qty, report.price, report.trigger_price)
        if amend is None or reported != (amend.terms.qty, amend.terms.price, amend.terms.trigger_price):
            return None
        return amend


def can_become(order: Order, message: ApprovedOrder) -> bool:
    """Whether an amend can turn `order` into `message`: it rests, and only prices and quantity differ."""
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
    """What the answer means for the amend; `result` is None if no answer came."""
    if result is None or result.outcome in (RequestOutcome.UNKNOWN, RequestOutcome.NEVER_SENT):
        return AmendVerdict.CANCEL
    if result.outcome is RequestOutcome.ACCEPTED or result.rejection is RejectReason.NOTHING_CHANGED:
        return AmendVerdict.IN_FORCE
    if result.rejection is RejectReason.ORDER_NOT_FOUND:
        return AmendVerdict.ENDED
    was_not_judged = error_class_of(result.code) in (RateLimitError, ClockSkewError)
    return AmendVerdict.CANCEL if was_not_judged or result.code == VenueCode.UNDER_FILLED else AmendVerdict.REJECTED
