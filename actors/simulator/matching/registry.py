"""Every order of the run: its number, the place where it lies, the margin it holds, and the reports about it.

An open order lies in one of four places: `due` (to be judged at once, or at the next open), `waiting` (what is left of
a partial fill, until the next trade), `late` (arrived at a close that is not yet performed), or the book. Nothing is
decided here; the matching engine decides and moves them.
"""

from bisect import insort
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
    """`open` holds the orders that have not ended, oldest first, `ended` the last reports of those that have.

    `protection` holds the position's stop and target and trailing stop, `partial` those of parts of it, by order id:
    none of them has a link id. `events` is what is to be told.
    """

    def __init__(self, lines: PriceLines, account: Account, events: list[OrderReport | Fill]) -> None:
        self.ended: dict[str, OrderReport] = {}
        self.open: dict[str, PendingOrder] = {}
        self.reduce_only: dict[str, PendingOrder] = {}  # the open ones of these, by order id
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
        """Open an order; it does not lie anywhere yet."""
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

    def take_over(self, other: "OrderRegistry") -> None:
        """Begin with copies of another's open orders, lying where they lie there."""
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
            [copies[order] for order in place] for place in (other.due, other.waiting, other.late)
        )
        for order, copied in copies.items():
            copied.oco_sibling = None if order.oco_sibling is None else copies.get(order.oco_sibling)
            if copied.line is None:
                continue
            copied.line = line_of[copied.line]
            if order is theirs.last.book.trailing:
                copied.line.book.follow(copied)
                copied.line.walk.trail = copy(theirs.last.walk.trail)
            elif copied.is_in_book:
                copied.line.book.add(copied)

    def renew(self, order: PendingOrder, request: OrderRequest) -> None:
        """Give an order (new) terms and the lowest time priority."""
        self._numbers_given += 1
        order.number = self._numbers_given
        order.request, order.qty = request, request.qty

    def wait(self, order: PendingOrder) -> None:
        """Back into its book when the path comes to the point from which the order is live."""
        order.line = self._lines.of(order)
        insort(self.waiting, order, key=_live_at)

    def put(self, order: PendingOrder) -> None:
        """Into its book."""
        if order.origin is Origin.TRAILING_STOP and not order.is_untriggered:
            line = order.line = self._lines.last  # also where its order will trade against quotes
            line.book.follow(order)
            line.walk.trail = Trail(order.request.side < 0, order.trail_distance, line.walk.price)
            order.is_in_book = True
        else:
            line = order.line = self._lines.of(order)
            line.book.add(order)

    def take_out(self, order: PendingOrder) -> None:
        """Out of its book."""
        line = order.line
        assert line is not None
        if line.book.trailing is order:
            line.book.follow(None)
            line.walk.trail = None
            order.is_in_book = False
        else:
            line.book.remove(order)

    def withdraw(self, order: PendingOrder) -> None:
        """Take an order away from wherever it lies, with the margin it holds."""
        self.release(order)
        if order.is_in_book:
            self.take_out(order)
            return
        for place in (self.due, self.waiting, self.late):
            if order in place:
                place.remove(order)

    def reserve(self, order: PendingOrder, last: int) -> None:
        """Hold margin for it, a market order's at the last price."""
        price = last if order.is_market or order.request.price is None else order.request.price
        order.reserved_qty = order.left
        order.reserved = price * order.reserved_qty
        self._account.reserve(order.request.side, order.reserved_qty, order.reserved)

    def release(self, order: PendingOrder) -> None:
        """Hold no margin for it any longer."""
        if order.reserved:
            self._account.release(order.request.side, order.reserved_qty, order.reserved)
            order.reserved = 0

    def admit_waiting(self, line: PriceLine, number: int) -> None:
        """A path has come to a point that orders wait for; whoever waits for a later one goes on waiting."""
        waiting = self.waiting
        self.waiting = [order for order in waiting if order.line is not line or order.live_point > number]
        for order in waiting:
            if order.line is line and order.live_point <= number:
                self.put(order)

    def admit_late(self) -> None:
        """The bar has closed: what arrived at its very close is in time for the next open, and the rest of a fill."""
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
        """Report the end of an order that lies nowhere any more."""
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
        """Whether an order of the run has had this id."""
        return link_id in self.ended or link_id in self.open

    def report_of(self, link_id: str) -> OrderReport | None:
        """What is or was last to be said of an order; None for an unknown one."""
        order = self.open.get(link_id)
        return self.ended.get(link_id) if order is None else order.report()

    def disarm(self, order: PendingOrder) -> None:
        """Its trigger has acted."""
        order.is_untriggered = False
        self.untriggered_count -= 1

    @property
    def active_count(self) -> int:
        """Open orders that do not wait for a trigger."""
        return len(self.open) - self.untriggered_count


def _live_at(order: PendingOrder) -> tuple[int, int]:
    assert order.line is not None
    return order.line.walk.point_ms(order.live_point), order.live_point
