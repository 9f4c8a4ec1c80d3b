"""`seconds_unprotected`: how long positions that should have a stop had none at the venue, from the recorded stream.

A position should have a stop from the fill of an entry whose card gives one, until it is zero or changes side. It has
one from the fill on if the order brought it along, else from the time its setting is acknowledged; it has none from the
time the venue reports that it ended while the position stands, or a reconciliation finds it missing.
"""

from collections.abc import Iterable

from actors.model.order import Fill, Order
from actors.orders.messages import FillBooked, OrderUpdated
from actors.protection.messages import StopSeen
from runtime.kernel.recorder import Record

__all__ = ["unprotected_ms"]


def unprotected_ms(stream: Iterable[Record], symbol: str, end_ms: int) -> int:
    """Milliseconds of market time up to `end_ms`, of the position in one symbol."""
    orders: dict[str, Order] = {}
    events: list[tuple[int, int, Fill | StopSeen]] = []
    for number, record in enumerate(stream):
        message = record.message
        if isinstance(message, OrderUpdated):
            orders[message.order.request.link_id] = message.order
        elif isinstance(message, FillBooked) and message.fill.symbol == symbol:
            events.append((message.fill.time_ms, number, message.fill))
        elif isinstance(message, StopSeen) and message.symbol == symbol:
            events.append((message.time_ms, number, message))
    if all(order.stop_loss is None for order in orders.values()):
        return 0  # no position should have had a stop
    account = _Watched(orders)
    for time_ms, _, event in sorted(events, key=lambda each: each[:2]):
        account.reach(min(time_ms, end_ms))
        if isinstance(event, StopSeen):
            account.is_standing = event.is_standing
        else:
            account.fill(event)
    account.reach(end_ms)
    return account.total_ms


class _Watched:
    """The position as its executions tell it, whether it should have a stop, and whether one stands."""

    def __init__(self, orders: dict[str, Order]) -> None:
        self._orders = orders
        self._net = 0
        self._is_wanted = False
        self._time_ms = 0
        self.is_standing = False
        self.total_ms = 0

    def reach(self, time_ms: int) -> None:
        """Advance to a later time."""
        if self._is_wanted and not self.is_standing:
            self.total_ms += max(0, time_ms - self._time_ms)
        self._time_ms = max(self._time_ms, time_ms)

    def fill(self, fill: Fill) -> None:
        """Book one execution."""
        signed = fill.side * fill.traded_qty
        before, self._net = self._net, self._net + signed
        if self._net == 0 or before * self._net < 0:
            self._is_wanted = self.is_standing = False
        order = self._orders.get(fill.link_id)
        if order is None or not order.is_entry or order.stop_loss is None or self._net * signed <= 0:
            return
        self._is_wanted = True
        terms = order.request.protection
        if terms is not None and terms.stop_loss is not None:
            self.is_standing = True
