"""Our records of orders and executions: what is open, what has ended, and which fills are booked.

Ended orders are kept for late fills, the newest thousand of them; the journal forgets an order when we do. Of
executions it keeps the last checkpoint: what they come to, never each of them.
"""

from collections import deque

from msgspec.structs import replace

from actors.model.fixed import Money, Qty
from actors.model.order import Fill, LocalStatus, Order
from actors.orders.drafting import rests
from actors.orders.messages import Booked, InFlight, InFlightOrder, LocalOrder, LocalView

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
        self.last_seq = 0
        self.last_fill_ms = 0
        self.protected: Order | None = None
        self._net = 0
        self.ahead: dict[int, bool] = {}  # executions that came before an earlier one that is still missing

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

    def is_new(self, fill: Fill) -> bool:
        """Whether this execution has not been booked; counts it as booked."""
        seq, ahead = fill.seq, self.ahead
        if seq <= self.last_seq or seq in ahead:
            return False
        if fill.time_ms > self.last_fill_ms:
            self.last_fill_ms = fill.time_ms
        if seq > self.last_seq + 1:
            ahead[seq] = True
            return True
        self.last_seq = seq
        while ahead and ahead.pop(self.last_seq + 1, False):
            self.last_seq += 1
        return True

    def follow(self, signed_qty: int, order: Order | None) -> None:
        """Follow the net position through a fill; `protected` is the entry whose levels the position should have.

        It is forgotten when the position returns to zero or changes side.
        """
        before = self._net
        net = self._net = before + signed_qty
        if net == 0 or before * net < 0:
            self.protected = None
        if order is not None and order.is_entry and order.has_levels and net * signed_qty > 0:
            self.protected = order

    def checkpoint(self, fills: tuple[Fill, ...]) -> Booked:
        """All that a restart has to know of the executions so far, of which `fills` are the last."""
        protected = None if self.protected is None else replace(self.protected)
        return Booked(fills, self.last_seq, tuple(self.ahead), self.last_fill_ms, self._net, protected)

    def recall(self, booked: Booked) -> None:
        """Where the executions had come to before a restart; the orders have been recalled already."""
        self.last_seq, self.last_fill_ms, self._net = booked.last_seq, booked.last_fill_ms, Qty(booked.net)
        self.ahead = dict.fromkeys(booked.ahead, True)
        entry = booked.protected
        self.protected = entry and (self.find(entry.request.link_id) or replace(entry))

    def recall_order(self, order: Order) -> None:
        """An order of before a restart, filled as far as its executions were booked."""
        order = replace(order)
        order.status = _after_restart(order.status)
        self.add(order)
        self.learn_id(order, order.order_id)
        if order.carries:
            self.carry(order)
        if order.status.has_ended:
            self.ended(order)

    def in_flight(self) -> InFlight:
        """What has not ended, for whoever counts it."""
        orders = self.open.values()
        return InFlight(
            tuple(InFlightOrder(o.card_id, o.block_id, o.bar_close_ms, o.is_entry, rests(o.request)) for o in orders),
            self.last_fill_ms,
        )

    def book(self, order: Order, fill: Fill, value: int) -> None:
        """Add an execution to its order."""
        order.filled_qty = Qty(order.filled_qty + fill.qty)
        order.filled_value = Money(order.filled_value + value)

    def is_filled(self, order: Order) -> bool:
        """Believed when executions sum to the order's quantity, or to what the venue says was filled."""
        wanted = order.awaited_qty
        if wanted is None:
            wanted = order.request.qty if order.raised_to is None else order.raised_to
        return order.filled_qty >= wanted

    def view(self) -> LocalView:
        """For reconciliation."""
        orders = tuple(LocalOrder(key, order.status, order.filled_qty) for key, order in self.open.items())
        return LocalView(orders, self.last_seq)


def _after_restart(status: LocalStatus) -> LocalStatus:
    """What we meant to send may have been sent: its outcome is a question."""
    return LocalStatus.UNKNOWN if status in (LocalStatus.JOURNALED, LocalStatus.SENT) else status
