"""The synthetic order book around the replayed price: seeded levels whose sizes change a few at a time.

The best levels are where a market order fills, and they show enough for the largest market order that the instrument
takes, so that what is displayed is what is traded. A level's size is a function of seed, price and a slot of time.
"""

from typing import NamedTuple

from actors.bybit.server.market.dice import between, mixed
from actors.bybit.server.market.feed import SymbolFeed
from actors.model.instrument import Instrument

__all__ = ["MAX_DEPTH", "Level", "SyntheticBook", "changes"]

MAX_DEPTH = 1000
_SLOT_MS = 2_000
_LARGEST = 10**6  # steps shown at the best level where the instrument has no limit for market orders


class Level(NamedTuple):
    """Price and size in units of the instrument; size 0 deletes."""

    price: int
    size: int


class SyntheticBook:
    """Of one symbol."""

    def __init__(self, feed: SymbolFeed) -> None:
        self._feed = feed
        self._instrument: Instrument = feed.listing.instrument
        self._seed = feed.listing.seed

    def levels(self, now_ms: int, depth: int) -> tuple[list[Level], list[Level]]:
        """Bids and asks, best first, at most `depth` of each; prices are positive."""
        bid, ask = self._feed.best(now_ms)
        return self._side(bid, -1, now_ms, depth), self._side(ask, 1, now_ms, depth)

    def _side(self, best: int, step: int, now_ms: int, depth: int) -> list[Level]:
        tick = self._instrument.tick
        prices = (best + step * tick * number for number in range(depth))
        levels = [Level(price, self._size(price, step, now_ms)) for price in prices if price > 0]
        return [Level(best, self._best_size()), *levels[1:]]

    def _best_size(self) -> int:
        instrument = self._instrument
        return min(instrument.max_market_qty, _LARGEST * instrument.step)

    def _size(self, price: int, side: int, now_ms: int) -> int:
        """Changes every few seconds, each level in slots of its own."""
        phase = mixed(self._seed, price, side) % _SLOT_MS
        steps = between(1, 5_000, self._seed, price, side, (now_ms + phase) // _SLOT_MS)
        return steps * self._instrument.step


def changes(before: list[Level], after: list[Level]) -> list[Level]:
    """The delta from one side of a book to the next: deletions of levels that left, then new and changed sizes.

    A level that leaves the depth is deleted too; only levels that were held are ever deleted.
    """
    held, now = dict(before), dict(after)
    gone = [Level(price, 0) for price in held if price not in now]
    return gone + [Level(price, size) for price, size in now.items() if held.get(price) != size]
