"""Which executions are booked: known by category, symbol and the venue's execution id, however they come.

The newest few thousand are remembered, here and in the journal. An execution older than the newest one forgotten counts
as booked: it is far older than any that a reconciliation asks for.
"""

from collections import OrderedDict

from actors.model.order import Fill

__all__ = ["BookedExecutions"]

_MAX_KNOWN = 2_000


class BookedExecutions:
    """The executions booked so far, at most `capacity` of them."""

    def __init__(self, capacity: int = _MAX_KNOWN) -> None:
        self._capacity = capacity
        self._known: OrderedDict[str, Fill] = OrderedDict()  # in the order in which they were booked
        self._floor_ms = 0
        self._own_qty: OrderedDict[str, int] = OrderedDict()  # by order id, of the venue's own orders

    def is_new(self, fill: Fill) -> bool:
        """Whether this execution has not been booked."""
        return key_of(fill) not in self._known and fill.time_ms >= self._floor_ms

    def add(self, fill: Fill) -> str:
        """Remember an execution; returns the key of the one forgotten for it, or ""."""
        self._known[key_of(fill)] = fill
        if not fill.link_id:
            self._own_qty[fill.order_id] = self._own_qty.get(fill.order_id, 0) + fill.traded_qty
            if len(self._own_qty) > self._capacity:
                self._own_qty.popitem(last=False)
        if len(self._known) <= self._capacity:
            return ""
        key, oldest = self._known.popitem(last=False)
        self._floor_ms = max(self._floor_ms, oldest.time_ms)
        return key

    def executed_qty(self, order_id: str) -> int:
        """Booked quantity of an order that the venue placed itself; 0 if unknown."""
        return self._own_qty.get(order_id, 0)


def key_of(fill: Fill) -> str:
    """The key under which an execution is remembered."""
    return f"{fill.category}/{fill.symbol}/{fill.exec_id}"
