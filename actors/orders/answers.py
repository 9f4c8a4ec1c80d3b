"""What an answer to a submission means for its order: what happens to it, and when it is sent again, if it is.

No answer is no failure, and an id that the venue knows already is proof that the order has arrived.
"""

from actors.model.errors import RateLimitError, error_class_of
from actors.model.order import Order
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.orders.retries import RATE_LIMIT_RETRY
from actors.orders.transitions import OrderEvent

__all__ = ["meaning_of"]

_ACCEPTED = RequestOutcome.ACCEPTED
_TAKEN = (OrderEvent.ACCEPTED, None)


def meaning_of(result: OrderResult, order: Order) -> tuple[OrderEvent, int | None]:
    """The event, and nanoseconds until the order is sent again; what was said of it is written on the order.

    Never sent is proof that it is not at the venue: an entry's price is old by now, so it ends; an exit is sent again.
    """
    if result.outcome is _ACCEPTED:
        return _TAKEN
    if result.outcome is RequestOutcome.UNKNOWN or result.rejection is RejectReason.DUPLICATE_ID:
        order.reason = result.reason or "the id is known to the venue"
        return OrderEvent.NO_ANSWER, None
    if result.outcome is RequestOutcome.NEVER_SENT:
        order.reason = RejectReason.NEVER_SENT.value
        may_retry = not order.is_entry
    else:
        order.code, order.reason = result.code, result.reason
        may_retry = error_class_of(result.code) is RateLimitError
    wait_ns = RATE_LIMIT_RETRY.next_wait_ns(order.attempts) if may_retry else None
    return OrderEvent.REQUEST_REJECTED if wait_ns is None else OrderEvent.RETRY, wait_ns
