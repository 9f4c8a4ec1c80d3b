"""What an answer to a submission means for its order: the event, and the wait before a re-send.

A missing answer leaves the outcome unknown. A rejected duplicate id proves that the order has arrived.
"""

from actors.model.errors import RateLimitError, error_class_of
from actors.model.order import Order
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.orders.retries import RATE_LIMIT_RETRY
from actors.orders.transitions import OrderEvent

__all__ = ["meaning_of"]

_ACCEPTED = RequestOutcome.ACCEPTED
_NO_RETRY = (OrderEvent.ACCEPTED, None)


def meaning_of(result: OrderResult, order: Order) -> tuple[OrderEvent, int | None]:
    """The event, and nanoseconds until a re-send (None: no re-send); writes code and reason to `order`.

    An order that was never sent is not at the venue. An entry then ends, for its price is old; an exit is sent again.
    """
    if result.outcome is _ACCEPTED:
        return _NO_RETRY
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
