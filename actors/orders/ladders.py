"""Ladders of entries: once the position that a ladder has built has ended, what still rests of the ladder is cancelled.

Else an order that was meant to add to a position would open a new one. It is judged from the orders and the position
alone, so a restart loses nothing.
"""

from collections.abc import Iterator

from actors.model.order import Order
from actors.orders.ledger import Ledger
from actors.orders.link_id import ladder_of

__all__ = ["Ladders"]


class Ladders:
    """The orders of each ladder that has open ones, by what their ids share."""

    def __init__(self) -> None:
        self._orders: dict[str, list[Order]] = {}

    @property
    def are_open(self) -> bool:
        """Whether there is a ladder that may have open orders."""
        return bool(self._orders)

    def note(self, order: Order) -> None:
        """Remember an order of a ladder that is sent, held or recalled."""
        if order.rung:
            self._orders.setdefault(ladder_of(order.request.link_id), []).append(order)

    def left_over(self, ledger: Ledger) -> Iterator[Order]:
        """The open orders of ladders of which something has filled, and whose position is gone."""
        for ladder, orders in tuple(self._orders.items()):
            rest = [order for order in orders if not order.status.has_ended]
            if not rest:
                del self._orders[ladder]
                continue
            request = orders[0].request
            is_held = ledger.held(request.symbol) * request.side > 0
            if not is_held and any(order.filled_qty for order in orders):
                yield from rest
