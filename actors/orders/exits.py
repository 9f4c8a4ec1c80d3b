"""A card has one exit at a time: a newer one replaces a resting one, by cancelling it and following when it has ended.

Waiting for the end is what keeps the sizes right: what the older exit filled meanwhile is taken from the newer. Exits
are reduce-only, so no race turns the position around. A market exit waits for two seconds at most; then it goes out
beside the older one. Like the wish for a cancel, a waiting exit lives as long as this life of `orders`.
"""

from msgspec.structs import replace

from actors.model.fixed import Qty
from actors.model.order import LocalStatus, Order
from actors.orders.drafting import rests
from actors.orders.messages import ApprovedOrder, ReplaceDue
from actors.orders.withdrawals import Withdrawals
from runtime.context import Context

__all__ = ["Exits"]

_PATIENCE_NS = 2_000_000_000


class Exits:
    """The newest exit of each card that has not ended, and the one that waits for its end."""

    def __init__(self, withdrawals: Withdrawals) -> None:
        self._withdrawals = withdrawals
        self._newest: dict[str, Order] = {}
        self._waiting: dict[str, tuple[ApprovedOrder, Qty]] = {}  # with what the older one had filled at its decision

    def note(self, order: Order) -> None:
        """An order that goes out, or was recalled."""
        if not order.is_entry:
            self._newest[order.card_id] = order

    def make_way(self, message: ApprovedOrder, ctx: Context) -> Order | None:
        """The older exit that `message` has to wait for, which is being cancelled; None when it may go out at once.

        An exit that says what the older one says already needs neither, and is dropped.
        """
        card = message.card_id
        older = self._newest.get(card)
        if older is None:
            return None
        if _says_the_same(older, message) and card not in self._waiting:
            return older if older.status is not LocalStatus.JOURNALED else None
        self._waiting[card] = (message, older.filled_qty)
        if older.status is not LocalStatus.JOURNALED:
            self._withdrawals.want(older, ctx)
            ctx.after(_PATIENCE_NS, ReplaceDue(card), f"replace/{card}")
        return older

    def ended(self, order: Order) -> ApprovedOrder | None:
        """The exit that waited for this order's end, for so much less as it has filled since; None if none did."""
        card = order.card_id
        if self._newest.get(card) is not order:
            return None
        del self._newest[card]
        waiting = self._waiting.pop(card, None)
        if waiting is None:
            return None
        message, before = waiting
        return replace(message, qty=Qty(message.qty - (order.filled_qty - before)))

    def overdue(self, card: str) -> ApprovedOrder | None:
        """The market exit that has waited long enough; a resting one goes on waiting."""
        waiting = self._waiting.get(card)
        if waiting is None or rests(waiting[0]):
            return None
        older = self._newest.pop(card)
        message, before = self._waiting.pop(card)
        return replace(message, qty=Qty(message.qty - (older.filled_qty - before)))


def _says_the_same(older: Order, message: ApprovedOrder) -> bool:
    request = older.request
    same = (request.side, request.type, request.price, request.trigger_price)
    if (message.side, message.type, message.price, message.trigger_price) != same:
        return False
    return request.qty - older.filled_qty == message.qty
