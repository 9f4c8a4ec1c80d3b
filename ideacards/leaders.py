"""Leaders: other symbols that a card reads and does not trade, and where on the exec axis their bars become known.

A leader's bar is known from the first exec bar on that closes at or after its own close, and stands until the next one.
A bar that comes when that exec bar has been decided on already is known from the next exec bar on: what was decided
keeps what it saw.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs
import numpy as np

from ideacards.bars import Bars, IntArray
from ideacards.growing import GrowingColumn
from ideacards.prices import feed_key
from ideacards.store import FeedStore

if TYPE_CHECKING:
    from ideacards.card import Timeframe

__all__ = ["NO_LEADERS", "Leader", "until"]

NO_LEADERS: Mapping[str, Bars] = MappingProxyType({})


def until(bars: Bars, exec_closes: IntArray) -> Bars:
    """The bars of a leader that close by the last exec close."""
    last_ms = int(exec_closes[-1]) if len(exec_closes) else 0
    return bars.head(int(np.searchsorted(bars.ts_close, last_ms, side="right")))


@attrs.define(eq=False)
class Leader:
    """The stores of one leader, by the names of the card's timeframes."""

    symbol: str
    stores: dict[str, FeedStore]
    _known_at: GrowingColumn

    @classmethod
    def build(cls, symbol: str, bars: Bars, exec_closes: IntArray, slower: Mapping[str, "Timeframe"]) -> "Leader":
        """Over the bars that close by the last exec close."""
        bars = until(bars, exec_closes)
        known_at = GrowingColumn(_known_at(bars.ts_close, exec_closes))
        stores = {"exec": FeedStore.of_exec(bars, known_at)}
        for name, timeframe in slower.items():
            stores[name] = FeedStore.of_slower(bars, timeframe, known_at)
        return cls(symbol, stores, known_at)

    @property
    def count(self) -> int:
        """How many of its bars are known."""
        return len(self.stores["exec"].bars)

    def keyed(self) -> Iterator[tuple[str, FeedStore]]:
        """Its stores by `feed_key`."""
        for name, store in self.stores.items():
            yield feed_key(self.symbol, name), store

    def extend(self, bars: Bars, exec_closes: IntArray, decided: int) -> None:
        """Go on to `bars`, which begin with those known so far; the first `decided` exec bars keep what they saw."""
        known, bars = self.count, until(bars, exec_closes)
        if len(bars) > known:
            self._known_at.extend(_known_at(bars.ts_close[known:], exec_closes, decided))
            for store in self.stores.values():
                store.extend(bars, known)


def _known_at(closes: IntArray, exec_closes: IntArray, decided: int = 0) -> IntArray:
    return np.maximum(np.searchsorted(exec_closes, closes), decided).astype(np.int64)
