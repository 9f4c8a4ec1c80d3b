"""Our records of orders: what is open, and what has ended.

Ended orders are kept for late fills, the newest thousand of them; the journal forgets an order when we do.
"""

from collections import deque

from msgspec.structs import replace

from actors.model.order import LocalStatus, Order

__all__ = ["OrderStore"]

_MAX_ENDED = 1_000


class OrderStore:
    """By our id; the venue's id is an index into it."""

    def __init__(self) -> None:
        self.open: dict[str, Order] = {}
        self._ended: dict[str, Order] = {}
        self._ended_in_turn: deque[str] = deque()
        self._link_of: dict[str, str] = {}
        self._carrier: dict[str, str] = {}  # our id of the order by the id of the newer decision that it carries

    def add(self, order: Order) -> None:
        """A new order, or one recalled from the journal."""
        self.open[order.request.link_id] = order

    def find(self, link_id: str, order_id: str = "") -> Order | None:
        """By our id, else by the venue's; None for what is not ours."""
        if not link_id:
            link_id = self._link_of.get(order_id, "")
        return self.open.get(link_id) or self._ended.get(link_id)

    def learn_id(self, order: Order, order_id: str) -> None:
        """The venue's id of this order."""
        if order_id:
            order.order_id = order_id
            self._link_of[order_id] = order.request.link_id

    def carry(self, order: Order) -> None:
        """The order stands for a newer decision than the one it was sent for."""
        self._carrier[order.carries] = order.request.link_id

    def of_decision(self, link_id: str) -> Order | None:
        """The order that was sent for this decision, or that carries it."""
        return self.find(link_id) or self.find(self._carrier.get(link_id, ""))

    def ended(self, order: Order) -> str:
        """Move from open to ended; when there are too many the oldest is forgotten, whose id comes back (else "")."""
        link_id = order.request.link_id
        self.open.pop(link_id, None)
        if link_id not in self._ended:
            self._ended_in_turn.append(link_id)
        self._ended[link_id] = order
        if len(self._ended) <= _MAX_ENDED:
            return ""
        oldest = self._ended_in_turn.popleft()
        forgotten = self._ended.pop(oldest)
        self._link_of.pop(forgotten.order_id, None)
        self._carrier.pop(forgotten.carries, None)
        return oldest

    def recall_order(self, order: Order) -> Order:
        """An order of before a restart, filled as far as its executions were booked; our record of it comes back."""
        order = replace(order)
        order.status = _after_restart(order.status)
        self.add(order)
        self.learn_id(order, order.order_id)
        if order.carries:
            self.carry(order)
        if order.status.has_ended:
            self.ended(order)
        return order

    def is_filled(self, order: Order) -> bool:
        """Believed when executions sum to the order's quantity, or to what the venue says was filled."""
        wanted = order.awaited_qty
        if wanted is None:
            wanted = order.request.qty if order.raised_to is None else order.raised_to
        return order.filled_qty >= wanted


def _after_restart(status: LocalStatus) -> LocalStatus:
    """What we meant to send may have been sent: its outcome is a question."""
    return LocalStatus.UNKNOWN if status in (LocalStatus.JOURNALED, LocalStatus.SENT) else status
