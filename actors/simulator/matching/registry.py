"""Every order of the run: its number, its queue or book, the margin it reserves, and its reports.

An open order is in one of four queues: `due` (meets the market at once, or at the next open), `waiting` (the rest of a
partial fill, until the next trade), `late` (arrived at a close that has not been performed yet), or the book. The
matching engine decides; the registry only moves orders.
"""

from bisect import insort
from collections.abc import Iterable
from copy import copy

from actors.model.order import Fill, OrderReport, OrderRequest, VenueStatus
from actors.model.origins import Origin
from actors.simulator.margin.account import Account
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.matching.trailing import Trail
from actors.simulator.prices.lines import PriceLine, PriceLines

__all__ = ["OrderRegistry"]

_USER = Origin.USER


class OrderRegistry:
    """`open` holds the orders that have not ended, oldest first; `ended` holds the final reports of those that have.

    `protection` holds the position's stop loss, take profit and trailing stop, `partial` those for parts of it by order
    id; none of them has a link id. `events` collects the reports and fills to publish.
    """

    def __init__(self, lines: PriceLines, account: Account, events: list[OrderReport | Fill]) -> None:
        self.ended: dict[str, OrderReport] = {}
        self.open: dict[str, PendingOrder] = {}
        self.reduce_only: dict[str, PendingOrder] = {}  # open reduce-only orders, by order id
        self.protection: dict[Origin, PendingOrder] = {}
        self.partial: dict[str, PendingOrder] = {}
        self.untriggered_count = 0
        self.due: list[PendingOrder] = []
        self.waiting: list[PendingOrder] = []
        self.late: list[PendingOrder] = []
        self.events = events
        self._lines = lines
        self._account = account
        self._orders_made = 0
        self._numbers_given = 0

    def new_order(self, request: OrderRequest, now_ms: int, origin: Origin = _USER) -> PendingOrder:
        """Open an order; it is not queued yet."""
        self._orders_made += 1
        order = PendingOrder(request, f"o{self._orders_made}", now_ms, origin)
        self._numbers_given += 1
        order.number = self._numbers_given
        if origin is not _USER:
            return order
        self.open[request.link_id] = order
        self.untriggered_count += order.is_untriggered
        if request.reduce_only:
            self.reduce_only[order.order_id] = order
        return order

    def take_over(self, other: "OrderRegistry", bar: int) -> None:
        """Copy another registry's open orders into the same queues and books here, as they are when `bar` begins."""
        mine, theirs = self._lines, other._lines
        line_of = dict(zip(theirs.all, mine.all, strict=True))
        ours = (*other.open.values(), *other.protection.values(), *other.partial.values())
        copies = {order: copy(order) for order in ours}
        self.open = {link_id: copies[order] for link_id, order in other.open.items()}
        self.reduce_only = {key: copies[order] for key, order in other.reduce_only.items()}
        self.protection = {origin: copies[order] for origin, order in other.protection.items()}
        self.partial = {key: copies[order] for key, order in other.partial.items()}
        self.untriggered_count = other.untriggered_count
        self._orders_made, self._numbers_given = other._orders_made, other._numbers_given
        self.due, self.waiting, self.late = (
            [copies[order] for order in queue] for queue in (other.due, other.waiting, other.late)
        )
        for order, copied in copies.items():
            copied.oco_sibling = None if order.oco_sibling is None else copies.get(order.oco_sibling)
            if copied.line is None:
                continue
            copied.line = line_of[copied.line]
            if order is theirs.last.book.trailing:
                copied.line.book.follow(copied)
                copied.line.walk.trail = theirs.last.walk.trail_before(bar)
            elif copied.is_in_book:
                copied.line.book.add(copied)

    def renew(self, order: PendingOrder, request: OrderRequest) -> None:
        """Give an order new terms and the lowest time priority."""
        self._numbers_given += 1
        order.number = self._numbers_given
        order.request, order.qty = request, request.qty

    def wait(self, order: PendingOrder) -> None:
        """Queue an order until the path reaches its `live_point`; then it returns to its book."""
        order.line = self._lines.of(order)
        insort(self.waiting, order, key=_live_at)

    def put(self, order: PendingOrder) -> None:
        """Add an order to its book."""
        if order.origin is Origin.TRAILING_STOP and not order.is_untriggered:
            line = order.line = self._lines.last  # also where it will trade against quotes
            line.book.follow(order)
            line.walk.trail = Trail(order.request.side < 0, order.trail_distance, line.walk.price)
            order.is_in_book = True
        else:
            line = order.line = self._lines.of(order)
            line.book.add(order)

    def take_out(self, order: PendingOrder) -> None:
        """Remove an order from its book."""
        line = order.line
        assert line is not None
        if line.book.trailing is order:
            line.book.follow(None)
            line.walk.trail = None
            order.is_in_book = False
        else:
            line.book.remove(order)

    def forget(self, link_ids: Iterable[str]) -> None:
        """Drop ended orders: a server that runs for weeks keeps records of its own."""
        for link_id in link_ids:
            self.ended.pop(link_id, None)

    def withdraw(self, order: PendingOrder) -> None:
        """Remove an order from its queue or book and release its margin."""
        self.release(order)
        if order.is_in_book:
            self.take_out(order)
            return
        for queue in (self.due, self.waiting, self.late):
            if order in queue:
                queue.remove(order)

    def reserve(self, order: PendingOrder, last: int) -> None:
        """Reserve margin for an order; a market order is valued at the last price."""
        price = last if order.is_market or order.request.price is None else order.request.price
        order.reserved_qty = order.left
        order.reserved = price * order.reserved_qty
        self._account.reserve(order.request.side, order.reserved_qty, order.reserved)

    def release(self, order: PendingOrder) -> None:
        """Release the margin that an order reserves."""
        if order.reserved:
            self._account.release(order.request.side, order.reserved_qty, order.reserved)
            order.reserved = 0

    def admit_waiting(self, line: PriceLine, number: int) -> None:
        """A path has reached point `number`: return to the book the orders that waited for it or an earlier one."""
        waiting = self.waiting
        self.waiting = [order for order in waiting if order.line is not line or order.live_point > number]
        for order in waiting:
            if order.line is line and order.live_point <= number:
                self.put(order)

    def admit_late(self) -> None:
        """The bar has closed: queue for the next open what arrived at its very close, and the rest of partial fills."""
        late, self.late = self.late, []
        for order in late:
            if order.is_untriggered or order.rests:
                self.put(order)
            else:
                self.due.append(order)

    def tell(self, order: PendingOrder, status: VenueStatus, time_ms: int) -> None:
        """Report an order's (new) status."""
        order.status, order.updated_ms = status, time_ms
        self.events.append(order.report())

    def end(self, order: PendingOrder, status: VenueStatus, reason: str, time_ms: int) -> None:
        """End an order that is in no queue or book any more, and report it."""
        if order.reserved:
            self.release(order)
        order.reason, order.status, order.updated_ms = reason, status, time_ms
        report = order.report()
        self.events.append(report)
        if order.origin is not _USER:
            if self.partial.pop(order.order_id, None) is None:
                del self.protection[order.origin]
            return
        del self.open[report.link_id]
        self.ended[report.link_id] = report
        self.untriggered_count -= order.is_untriggered
        if order.request.reduce_only:
            del self.reduce_only[order.order_id]

    def knows(self, link_id: str) -> bool:
        """Whether this run has used this link id."""
        return link_id in self.ended or link_id in self.open

    def report_of(self, link_id: str) -> OrderReport | None:
        """Latest report of an order, or None for an unknown one."""
        order = self.open.get(link_id)
        return self.ended.get(link_id) if order is None else order.report()

    def mark_triggered(self, order: PendingOrder) -> None:
        """The order's trigger has acted: it is active."""
        order.is_untriggered = False
        self.untriggered_count -= 1

    @property
    def active_count(self) -> int:
        """Open orders that do not wait for a trigger."""
        return len(self.open) - self.untriggered_count


def _live_at(order: PendingOrder) -> tuple[int, int]:
    assert order.line is not None
    return order.line.walk.point_ms(order.live_point), order.live_point
