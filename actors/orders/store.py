"""Our records of orders, open and ended.

The newest thousand ended orders are kept for late fills; the journal drops an order when this store does.
"""

from collections import deque
from collections.abc import Iterator

from msgspec.structs import replace

from actors.model.order import LocalStatus, Order

__all__ = ["OrderStore"]

_MAX_ENDED = 1_000


class OrderStore:
    """Orders by our id, with an index by the venue's id."""

    def __init__(self) -> None:
        self.open: dict[str, Order] = {}
        self._ended: dict[str, Order] = {}
        self._ended_in_turn: deque[str] = deque()
        self._link_of: dict[str, str] = {}
        self._carrier: dict[str, str] = {}  # our id of an amended order, by the id of the decision it was amended for

    def add(self, order: Order) -> None:
        """Add a new order, or one recalled from the journal."""
        self.open[order.request.link_id] = order

    def find(self, link_id: str, order_id: str = "") -> Order | None:
        """The order with our `link_id`, or if that is empty with the venue's `order_id`; None if it is not ours."""
        if not link_id:
            link_id = self._link_of.get(order_id, "")
        return self.open.get(link_id) or self._ended.get(link_id)

    def all(self) -> Iterator[Order]:
        """Every order that is known, the ended ones first."""
        yield from self._ended.values()
        yield from self.open.values()

    def learn_id(self, order: Order, order_id: str) -> None:
        """Note the venue's id of an order; an empty one is ignored."""
        if order_id:
            order.order_id = order_id
            self._link_of[order_id] = order.request.link_id

    def carry(self, order: Order) -> None:
        """Note that an order was amended for a newer decision (`order.carries`) than the one it was sent for."""
        self._carrier[order.carries] = order.request.link_id

    def of_decision(self, link_id: str) -> Order | None:
        """The order that was sent or amended for this decision, or None."""
        return self.find(link_id) or self.find(self._carrier.get(link_id, ""))

    def newest_entry(self, symbol: str, held: int) -> Order | None:
        """The newest entry of a symbol that has filled on the side of the position `held`, or None."""
        fitting = [
            order
            for order in self.all()
            if order.is_entry and order.filled_qty and order.request.symbol == symbol and order.request.side * held > 0
        ]
        return max(fitting, key=lambda order: order.opened_ms, default=None)

    def ended(self, order: Order) -> str:
        """Move an order from open to ended; returns the id of the ended order dropped for it, or ""."""
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
        """Add an order from before a restart, and return our record of it."""
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
        """Whether the booked executions add up to the order's quantity, or to what the venue reported as filled."""
        wanted = order.awaited_qty
        if wanted is None:
            wanted = order.request.qty if order.raised_to is None else order.raised_to
        return order.filled_qty >= wanted


def _after_restart(status: LocalStatus) -> LocalStatus:
    """An order that was journaled or sent before a restart may be at the venue: its status is unknown."""
    return LocalStatus.UNKNOWN if status in (LocalStatus.JOURNALED, LocalStatus.SENT) else status
