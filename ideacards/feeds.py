"""Feeds: a card's bars and feature columns, and the snapshots through which decisions read them.

A FeedStore holds one timeframe of one card, Feeds all of them laid on the exec axis, a Snapshot what is known at one
exec close. Columns are filled in one batch at the start (live will append and step the same functions); a slower
feed's value changes only at its close. Nothing here evaluates a card.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import attrs
import msgspec
import numpy as np

from ideacards.alignment import bucket_origin_ms, forward_fill, newest_closed, slower_bars
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
from ideacards.growing import GrowingBars
from ideacards.indicators.compute import compute, compute_known
from ideacards.indicators.registry import INDICATORS
from ideacards.reach import compile_scan, first_in_reach, first_in_trail

if TYPE_CHECKING:
    from ideacards.card import Card, Feature, Fresh, Timeframe

__all__ = [
    "BAR_COLUMNS",
    "CLOSES",
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


CLOSES = "ts_close"  # the series of close times (UTC ms), which no card can name


@attrs.frozen(eq=False)
class FeedStore:
    """One timeframe: its bars, feature columns (a value a bar of this timeframe) and where its bars close.

    `closes_at` = exec index of each close (for exec itself 0, 1, 2...); `warm` = index of a column's first defined
    value in this timeframe, which may lie beyond the last bar.
    """

    bars: Bars
    _closes_at: IntArray | None  # None for exec, where it would be a column of bar numbers
    partial: BoolArray
    columns: dict[str, FloatArray] = attrs.field(factory=dict)
    warm: dict[str, int] = attrs.field(factory=dict)

    @classmethod
    def of_exec(cls, bars: Bars) -> "FeedStore":
        """The exec bars as they are."""
        return cls(bars, None, np.broadcast_to(np.False_, len(bars)))

    @property
    def closes_at(self) -> IntArray:
        """Exec index at which each bar closes."""
        return np.arange(len(self.bars)) if self._closes_at is None else self._closes_at

    def exec_index(self, index: int) -> int | None:
        """Exec index at which one bar closes; None for a bar that is not there."""
        if index >= len(self.bars):
            return None
        return index if self._closes_at is None else int(self._closes_at[index])

    @classmethod
    def of_slower(cls, bars: Bars, timeframe: "Timeframe") -> "FeedStore":
        """The settled bars of a slower timeframe."""
        slower = slower_bars(bars, timeframe.ms, bucket_origin_ms(timeframe.text))
        return cls(slower.bars, slower.closes_at, slower.partial)

    def source(self, name: str) -> tuple[FloatArray, int] | None:
        """A bar column or feature column with its warm index; None if there is none of that name (yet)."""
        if name in BAR_COLUMNS:
            column: FloatArray = getattr(self.bars, name)
            return column, 0
        return (self.columns[name], self.warm[name]) if name in self.columns else None

    def add_feature(self, feature: "Feature") -> bool:
        """Compute a feature's columns from its source's first warm value on; False while its source is missing."""
        indicator = INDICATORS[feature.use]
        sources = [self.source(name) for name in indicator.bar_inputs or (feature.of,)]
        known = [source for source in sources if source is not None]
        if len(known) < len(sources):
            return False
        start = max(warm for _, warm in known)
        run = compute if not feature.of or feature.of in BAR_COLUMNS else compute_known
        computed = run(feature.use, feature.params, *(column[start:] for column, _ in known))
        warm_index = indicator.warm_index(feature.params)
        for output, name in indicator.column_names(feature.name).items():
            column = computed[output]
            if start:
                column = np.full(len(self.bars), np.nan)
                column[start:] = computed[output]
                column.flags.writeable = False
            self.columns[name] = column
            self.warm[name] = start + warm_index[output]
        return True


@attrs.frozen(eq=False)
class Feeds:
    """All feed stores of a card by the names of their timeframes; `column` lays any value on the exec axis."""

    stores: dict[str, FeedStore]
    _home: dict[str, str] = attrs.field(factory=dict)  # column name -> store key
    _fresh: dict[str, "Fresh"] = attrs.field(factory=dict)  # column name -> how old its value may be
    _aligned: dict[str, FloatArray] = attrs.field(factory=dict)
    close_times: "memoryview[int]" = attrs.field(init=False)  # of the exec bars, UTC ms; the fast way to one of them

    @close_times.default
    def _close_times(self) -> "memoryview[int]":
        return self.stores["exec"].bars.ts_close.data

    @classmethod
    def build(cls, card: "Card", bars: Bars) -> "Feeds":
        """Every feature of the card over `bars`; ValueError if the bars are not the card's exec timeframe."""
        timeframes = card.timeframes
        if bars.timeframe_ms != timeframes.exec.ms:
            raise ValueError(f"bars of {bars.timeframe_ms} ms for a card of {timeframes.exec.ms} ms")
        stores = {"exec": FeedStore.of_exec(bars)}
        for key, timeframe in timeframes.slower().items():
            stores[key] = FeedStore.of_slower(bars, timeframe)
        waiting = list(card.features)
        while waiting:
            later = [feature for feature in waiting if not stores[feature.timeframe].add_feature(feature)]
            if len(later) == len(waiting):
                raise ValueError(f"features without a source: {', '.join(feature.name for feature in later)}")
            waiting = later
        home = {name: key for key, store in stores.items() for name in store.columns}
        fresh = {name: one.fresh for one in card.features if one.fresh is not None for name in one.columns()}
        return cls(stores, home, fresh)

    @property
    def bars(self) -> Bars:
        """The exec bars."""
        return self.stores["exec"].bars

    def column(self, name: str) -> FloatArray:
        """`close`... of exec, CLOSES, or a feature (`bb.upper`): read-only, a value an exec bar, NaN = undefined."""
        if name in BAR_COLUMNS:
            column: FloatArray = getattr(self.bars, name)
            return column
        if name == CLOSES and name not in self._aligned:
            self._aligned[name] = self.bars.ts_close.astype(np.float64)
        if name not in self._aligned:
            store = self.stores[self._home[name]]
            values = store.columns[name]
            if store is not self.stores["exec"]:
                newest = newest_closed(store.closes_at, len(self.bars))
                values = forward_fill(values, newest)
                if name in self._fresh:
                    values[~self._is_fresh(self._fresh[name], store, newest)] = np.nan
                values.flags.writeable = False
            self._aligned[name] = values
        return self._aligned[name]

    def _is_fresh(self, fresh: "Fresh", store: FeedStore, newest: IntArray) -> BoolArray:
        """Where the newest closed bar of a store is no older than the bound; `newest` is its index, -1 for none."""
        if not len(store.bars):
            return np.zeros(len(newest), dtype=bool)
        if fresh.age is not None:
            age = self.bars.ts_close - store.bars.ts_close[newest]
            return np.asarray(age <= fresh.age.ms)
        return np.asarray(np.arange(len(newest)) - store.closes_at[newest] <= (fresh.bars or 0))

    def warm_at(self, name: str) -> int:
        """First exec index at which the column is defined; the number of bars if it never is."""
        if name in BAR_COLUMNS:
            return 0
        store = self.stores[self._home[name]]
        index = store.exec_index(store.warm[name])
        return len(self.bars) if index is None else index

    @property
    def readiness(self) -> int:
        """First exec index at which every feature is defined; the number of bars if one never is."""
        return max((self.warm_at(name) for name in self._home), default=0)

    @property
    def never_warm(self) -> tuple[str, ...]:
        """Feature columns that these bars are too few to warm up."""
        return tuple(name for name in self._home if self.warm_at(name) == len(self.bars))


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
    wakes), where the card reads those.
    """

    flat: BoolArray
    long: BoolArray
    short: BoolArray
    resting: BoolArray
    narrow: Callable[[WakeState, bytes, float, float | None, tuple[float, ...]], WakeColumn] | None = None

    def column(self, state: WakeState) -> BoolArray:
        """The column of one trading state."""
        column: BoolArray = getattr(self, state.value)
        return column
