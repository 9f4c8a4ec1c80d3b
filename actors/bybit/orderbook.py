"""One order book, kept from a stream of snapshots and deltas, in fixed point.

A snapshot replaces the book, also one that comes unasked, and so does any frame with u = 1: the venue has restarted. A
delta must continue the last `u` by one; a gap, or a book deeper than its topic, makes the book invalid until the next
snapshot, and the caller subscribes anew. `seq` orders events across topics and says nothing about gaps.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from enum import Enum

from actors.bybit.numbers import read_number
from actors.bybit.wire.market import PriceLevel
from actors.bybit.wire.streams import BookFrame
from actors.bybit.wire.values import WireFrameType

__all__ = ["BookSide", "BookUpdate", "Level", "OrderBook"]

Level = tuple[int, int]
"""Price and quantity, in units of the book's digits."""

_AFTER_RESTART = 1


class BookUpdate(Enum):
    """What a frame did to the book."""

    REPLACED = "replaced"
    CHANGED = "changed"
    REPEATED = "repeated"  # a snapshot of the same u: nothing has changed
    GAP = "gap"  # the book is invalid: subscribe anew
    TOO_DEEP = "too deep"  # the book is invalid: subscribe anew
    NO_BOOK = "no book"  # a delta before any snapshot, or after a gap


class BookSide:
    """Levels of one side, best first; `sign` is 1 for asks (lowest first) and -1 for bids."""

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._order: list[int] = []  # prices x sign, rising
        self._sizes: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._order)

    @property
    def best(self) -> Level | None:
        """The best level, or None of an empty side."""
        return self._level(self._order[0]) if self._order else None

    def levels(self, count: int | None = None) -> tuple[Level, ...]:
        """The `count` best levels, or all."""
        return tuple(self._level(key) for key in self._order[:count])

    def put(self, price: int, size: int) -> None:
        """Set the size of a level; size 0 removes it, whether it is known or not."""
        key = price * self._sign
        if size:
            if price not in self._sizes:
                insort(self._order, key)
            self._sizes[price] = size
        elif self._sizes.pop(price, None) is not None:
            del self._order[bisect_left(self._order, key)]

    def clear(self) -> None:
        """No levels."""
        self._order.clear()
        self._sizes.clear()

    def _level(self, key: int) -> Level:
        price = key * self._sign
        return price, self._sizes[price]


class OrderBook:
    """The book of one topic; `depth` is the topic's, levels a side."""

    def __init__(self, depth: int, price_digits: int, qty_digits: int) -> None:
        self.bids, self.asks = BookSide(-1), BookSide(1)
        self.is_valid = False
        self.u = 0
        self.seq = 0
        self.matched_ms = 0  # the matching engine's time, UTC ms; 0 where the frame does not say
        self._depth = depth
        self._price_digits = price_digits
        self._qty_digits = qty_digits

    def apply(self, frame: BookFrame) -> BookUpdate:
        """Take a frame in. Raises WireError for numbers off the grid; the book is invalid then."""
        data = frame.data
        is_snapshot = frame.type is WireFrameType.SNAPSHOT or data.u == _AFTER_RESTART
        if is_snapshot and self.is_valid and data.u == self.u and data.u != _AFTER_RESTART:
            return BookUpdate.REPEATED
        if not is_snapshot and not self.is_valid:
            return BookUpdate.NO_BOOK
        if not is_snapshot and data.u != self.u + 1:
            self._invalidate()
            return BookUpdate.GAP
        if is_snapshot:
            self._invalidate()
        self.is_valid = False
        self._put(self.bids, data.b)
        self._put(self.asks, data.a)
        if max(len(self.bids), len(self.asks)) > self._depth:
            self._invalidate()
            return BookUpdate.TOO_DEEP
        self.is_valid = True
        self.u, self.seq, self.matched_ms = data.u, data.seq, frame.cts or 0
        return BookUpdate.REPLACED if is_snapshot else BookUpdate.CHANGED

    def _put(self, side: BookSide, levels: Iterable[PriceLevel]) -> None:
        for price_text, size_text in levels:
            price = read_number(price_text, self._price_digits, "price")
            size = read_number(size_text, self._qty_digits, "size")
            side.put(price or 0, size or 0)

    def _invalidate(self) -> None:
        self.is_valid = False
        self.bids.clear()
        self.asks.clear()
