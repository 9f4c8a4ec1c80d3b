"""Feeds: a card's bars and feature columns, and the snapshots through which decisions read them.

A FeedStore holds one timeframe of one card or of a leader, Feeds all of them laid on the exec axis, a Snapshot what is
known at one exec close. Columns are filled in one batch at the start and grow by a step a bar; a slower feed's value,
and a leader's, changes only at its close. Nothing here evaluates a card.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import attrs
import msgspec
import numpy as np

from ideacards.alignment import forward_fill, newest_closed
from ideacards.bars import (
    BAR_COLUMNS,
    Bars,
    BoolArray,
    FloatArray,
    IntArray,
    data_digest,
    gap_places,
    gaps_of,
    has_exact_floats,
)
from ideacards.growing import GrowingBars, GrowingColumn
from ideacards.leaders import NO_LEADERS, Leader
from ideacards.prices import feed_key, leader_price
from ideacards.reach import compile_scan, first_in_reach, first_in_trail
from ideacards.store import FeedStore

if TYPE_CHECKING:
    from ideacards.card import Card, Feature, Fresh

__all__ = [
    "BAR_COLUMNS",
    "NEVER",
    "NO_LEADERS",
    "Bars",
    "BoolArray",
    "FeedStore",
    "Feeds",
    "FloatArray",
    "GrowingBars",
    "IntArray",
    "Snapshot",
    "WakeColumn",
    "WakeSet",
    "WakeState",
    "compile_scan",
    "data_digest",
    "first_in_reach",
    "first_in_trail",
    "gap_places",
    "gaps_of",
    "has_exact_floats",
]


NEVER = 2**62  # the index of a first value that has not come yet


@attrs.define(eq=False)
class Feeds:
    """All feed stores of a card by `feed_key`; `column` lays any value on the exec axis.

    `extend` takes in bars that have come since; columns and snapshots that were given out keep what they showed.
    """

    stores: dict[str, FeedStore]
    _features: "Sequence[Feature]"
    _leaders: dict[str, Leader] = attrs.field(factory=dict)
    _home: dict[str, str] = attrs.field(factory=dict)  # column name -> store key
    _fresh: dict[str, "Fresh"] = attrs.field(factory=dict)  # column name -> how old its value may be
    _aligned: dict[str, GrowingColumn] = attrs.field(factory=dict)  # of other stores, as far as they were asked for
    _awaited: dict[str, None] = attrs.field(factory=dict)  # of other stores, what exec features read without value yet
    close_times: "memoryview[int]" = attrs.field(init=False)  # of the exec bars, UTC ms; the fast way to one of them

    @close_times.default
    def _close_times(self) -> "memoryview[int]":
        return self.stores["exec"].bars.ts_close.data

    @classmethod
    def build(cls, card: "Card", bars: Bars, leaders: Mapping[str, Bars] = NO_LEADERS) -> "Feeds":
        """Every feature of the card over `bars` and those of its leaders.

        ValueError if bars are not of the card's exec timeframe, or there are none of a leader.
        """
        timeframes = card.timeframes
        for each in (bars, *leaders.values()):
            if each.timeframe_ms != timeframes.exec.ms:
                raise ValueError(f"bars of {each.timeframe_ms} ms for a card of {timeframes.exec.ms} ms")
        stores = {"exec": FeedStore.of_exec(bars)}
        for key, timeframe in timeframes.slower().items():
            stores[key] = FeedStore.of_slower(bars, timeframe)
        slower = timeframes.slower()
        led: dict[str, Leader] = {}
        for symbol in card.leaders:
            if symbol not in leaders:
                raise ValueError(f"no bars of the leader {symbol}")
            led[symbol] = Leader.build(symbol, leaders[symbol], bars.ts_close, slower)
            stores |= led[symbol].keyed()
        fresh = {
            name: one.fresh for one in card.features if one.fresh is not None for name in one.column_names.values()
        }
        home = {name: one.feed for one in card.features for name in one.column_names.values()}
        feeds = cls(stores, card.features, led, home, fresh)
        feeds._add_features(card.features)
        return feeds

    def _add_features(self, features: "Sequence[Feature]") -> None:
        self.stores["exec"].foreign = self._elsewhere
        waiting = list(features)
        while waiting:
            later = [feature for feature in waiting if not self.stores[feature.feed].add_feature(feature)]
            if len(later) == len(waiting):
                raise ValueError(f"features without a source: {', '.join(feature.name for feature in later)}")
            waiting = later

    @property
    def bars(self) -> Bars:
        """The exec bars."""
        return self.stores["exec"].bars

    def column(self, name: str) -> FloatArray:
        """A feature (`bb.upper`), `close`, `hl2`... of exec, or `BTCUSDT.close` of a leader.

        Read-only, a value an exec bar, NaN unknown.
        """
        home, inner = self._place(name)
        store = self.stores[home]
        if home == "exec":
            return store.column(name) if name in self._home else store.bar_column(name)
        if name not in self._aligned:
            self._aligned[name] = GrowingColumn(self._aligned_from(name, store, inner, 0, self.bars))
        aligned: FloatArray = self._aligned[name].view()
        return aligned

    def _place(self, name: str) -> tuple[str, str]:
        """The key of the store of a series, and what it is called there."""
        if name in self._home:
            return self._home[name], name
        found = leader_price(name, self._leaders) if self._leaders else None
        return ("exec", name) if found is None else (feed_key(found[0], "exec"), found[1])

    def _elsewhere(self, name: str) -> tuple[FloatArray, int] | None:
        """A series of a leader or a slower timeframe on the exec axis, and the index of its first value; None for no
        such, or one to be made.
        """
        home, inner = self._place(name)
        store = self.stores[home]
        if home == "exec" or store.source(inner) is None:
            return None
        first = store.exec_index(store.warm.get(inner, 0))
        if first is None:
            self._awaited[name] = None
        return self.column(name), NEVER if first is None else first

    def extend(self, bars: Bars, leaders: Mapping[str, Bars] = NO_LEADERS) -> None:
        """Go on to `bars`, which begin with the bars known so far: each new one is a step of each feature."""
        known = len(self.bars)
        for symbol, leader in self._leaders.items():
            leader.extend(leaders[symbol], bars.ts_close, known)
        for key, store in self.stores.items():
            if key != "exec" and store.leader_at is None:
                store.extend(bars, known)
        for name, aligned in self._aligned.items():
            home, inner = self._place(name)
            aligned.extend(self._aligned_from(name, self.stores[home], inner, known, bars))
        come = [name for name in self._awaited if self._has_come(name)]
        for name in come:
            del self._awaited[name]
        if come:  # exec features that wait for its first value begin only now
            self.stores["exec"] = FeedStore.of_exec(bars)
            self._add_features([one for one in self._features if one.feed == "exec"])
        else:
            self.stores["exec"].extend(bars, known)
        self.close_times = bars.ts_close.data

    def _has_come(self, name: str) -> bool:
        home, inner = self._place(name)
        return self.stores[home].exec_index(self.stores[home].warm.get(inner, 0)) is not None

    def _aligned_from(self, name: str, store: FeedStore, inner: str, start: int, bars: Bars) -> FloatArray:
        """A column of another store on the exec bars from `start` on."""
        if start:
            newest = np.searchsorted(store.closes_at, np.arange(start, len(bars)), side="right") - 1
        else:
            newest = newest_closed(store.closes_at, len(bars))
        found = store.source(inner)
        assert found is not None, name
        values = forward_fill(found[0], newest)
        if name in self._fresh and len(store.bars):
            values[~_is_fresh(self._fresh[name], store, newest, bars, start)] = np.nan
        return values

    def warm_at(self, name: str) -> int:
        """First exec index at which the column is defined; the number of bars if it never is."""
        home, inner = self._place(name)
        if home == "exec" and name not in self._home:
            return 0
        store = self.stores[home]
        index = store.exec_index(store.warm.get(inner, 0))
        return len(self.bars) if index is None else index

    @property
    def readiness(self) -> int:
        """First exec index at which every feature is defined; the number of bars if one never is."""
        return max((self.warm_at(name) for name in self._home), default=0)

    @property
    def never_warm(self) -> tuple[str, ...]:
        """Feature columns that these bars are too few to warm up."""
        return tuple(name for name in self._home if self.warm_at(name) == len(self.bars))


def _is_fresh(fresh: "Fresh", store: FeedStore, newest: IntArray, bars: Bars, start: int) -> BoolArray:
    """Where the newest closed bar of a store is no older than the bound; `newest` is its index, -1 for none."""
    if fresh.age is not None:
        age_ms = bars.ts_close[start:] - store.bars.ts_close[newest]
        return np.asarray(age_ms <= fresh.age.ms)
    return np.asarray(np.arange(start, len(bars)) - store.closes_at[newest] <= (fresh.bars or 0))


class Snapshot(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What is known at the close of exec bar `stop - 1`; later bars cannot be read."""

    _feeds: Feeds
    stop: int

    def __post_init__(self) -> None:
        if not 1 <= self.stop <= len(self._feeds.close_times):
            raise ValueError(f"stop {self.stop} is not within 1..{len(self._feeds.close_times)}")

    @property
    def index(self) -> int:
        """Index of the newest exec bar in it."""
        return self.stop - 1

    @property
    def ts_close(self) -> int:
        """Its close, UTC ms."""
        return self._feeds.close_times[self.stop - 1]

    def value(self, name: str, bars_ago: int = 0) -> float | None:
        """A bar column's or feature's value now or `bars_ago` exec bars back; None if undefined."""
        if bars_ago < 0:
            raise ValueError("a snapshot does not see the future")
        at = self.stop - 1 - bars_ago
        value = float(self._feeds.column(name)[at]) if at >= 0 else np.nan
        return None if np.isnan(value) else value


class WakeState(StrEnum):
    """The trading state of a card, which decides at which bars it must be called."""

    FLAT = "flat"  # no position, no resting order
    LONG = "long"
    SHORT = "short"
    RESTING = "resting"  # no position, an entry rests at the venue


class WakeColumn(Protocol):
    """One byte per bar, 1 where the card must be called; `bytes` fits this protocol."""

    def find(self, byte: int, start: int, stop: int, /) -> int:
        """The first bar of [start, stop) with this byte, -1 if there is none."""


@attrs.frozen(eq=False)
class WakeSet:
    """Exec bars at which a strategy must be called: one column per trading state. All others may be skipped.

    A bar outside, if delivered, changes nothing. `flat` holds `resting` too, for an entry may be on its way. `narrow`
    makes a smaller column of a held position's out of its size, entry price and further constants (`HELD_FACTS` of the
    wakes), where the card reads those. `is_watched`: an actor also watches exits of the card's entries, and says itself
    from when on it needs every bar.
    """

    flat: BoolArray
    long: BoolArray
    short: BoolArray
    resting: BoolArray
    narrow: Callable[[WakeState, bytes, float, float | None, tuple[float, ...]], WakeColumn] | None = None
    is_watched: bool = False

    def column(self, state: WakeState) -> BoolArray:
        """The column of one trading state."""
        column: BoolArray = getattr(self, state.value)
        return column
