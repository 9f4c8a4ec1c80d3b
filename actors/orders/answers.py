"""What an answer to a submission means for its order: the event, and the policy by which it is sent again.

A missing answer leaves the outcome unknown. A rejected duplicate id proves that the order has arrived.
"""

from actors.model.order import Order
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.orders.retries import RATE_LIMIT_RETRY, RetryPolicy, policy_of
from actors.orders.transitions import OrderEvent

__all__ = ["meaning_of"]

_ACCEPTED = RequestOutcome.ACCEPTED
_NO_RETRY = (OrderEvent.ACCEPTED, None)


def meaning_of(result: OrderResult, order: Order) -> tuple[OrderEvent, RetryPolicy | None]:
    """The event, and how the order is sent again (None: it is not); writes code and reason to `order`.

    An order that was never sent is not at the venue. An entry then ends, for its price is old; an exit is sent again.
    """
    if result.outcome is _ACCEPTED:
        return _NO_RETRY
    if result.outcome is RequestOutcome.UNKNOWN or result.rejection is RejectReason.DUPLICATE_ID:
        order.reason = result.reason or "the id is known to the venue"
        return OrderEvent.NO_ANSWER, None
    if result.outcome is RequestOutcome.NEVER_SENT:
        order.reason = RejectReason.NEVER_SENT.value
        policy = None if order.is_entry else RATE_LIMIT_RETRY
    else:
        order.code, order.reason = result.code, result.reason
        policy = policy_of(result)
    if policy is None or policy.gives_up(order.attempts):
        return OrderEvent.REQUEST_REJECTED, None
    return OrderEvent.RETRY, policy
