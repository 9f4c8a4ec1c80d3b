"""FeedStore: one timeframe of one card, its bars and feature columns, which grow as bars come.

Columns are filled in one batch at the start. After that each new bar adds one step to each feature; both run the same
step functions, so the bytes are those of one batch over all bars.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import numpy as np

from ideacards.alignment import SlowerGrowth, bucket_origin_ms, slower_bars
from ideacards.bars import BAR_COLUMNS, Bars, BoolArray, FloatArray, IntArray
from ideacards.errors import CardError, Problem
from ideacards.expressions.columns import number_column
from ideacards.expressions.nodes import NumberExpr
from ideacards.growing import GrowingBars, GrowingColumn
from ideacards.indicators.own_stepper import OwnStepper, StepFailure
from ideacards.indicators.steppers import Stepper, Steps
from ideacards.prices import PRICE_SOURCES, price_of

if TYPE_CHECKING:
    from ideacards.card import Feature, Timeframe

__all__ = ["TIME_COLUMNS", "FeedStore"]

Foreign = Callable[[str], tuple[FloatArray, int] | None]
TIME_COLUMNS = ("ts_open", "ts_close")  # a feature reads them as floats, exact up to 2^53 ms
_OF_BARS = (*BAR_COLUMNS, *TIME_COLUMNS, *PRICE_SOURCES)


@attrs.frozen(eq=False)
class _Stepping:
    """A feature that goes on: from bar `start` on it steps over `inputs`, and its outputs are the columns `names`."""

    feature: "Feature"
    steps: Steps
    inputs: tuple[str, ...]
    names: tuple[str, ...]
    start: int


@attrs.frozen(eq=False)
class _Arithmetic:
    """A feature written as an expression: each value is made of others, and nothing is remembered."""

    expr: NumberExpr
    inputs: tuple[str, ...]
    names: tuple[str, ...]


_Running = _Stepping | _Arithmetic


@attrs.define(eq=False)
class _SlowerGrowing:
    """What a slower store grows by."""

    growth: SlowerGrowth
    bars: GrowingBars
    closes_at: GrowingColumn
    partial: GrowingColumn


@attrs.define(eq=False)
class FeedStore:
    """One timeframe: its bars, feature columns (a value a bar of this timeframe) and where its bars close.

    `closes_at` = exec index of each close (for exec itself 0, 1, 2...); `warm` = index of a column's first defined
    value in this timeframe, which may lie beyond the last bar. `foreign` finds series that are not of these bars, laid
    on them, with their warm index. A store of a leader has the leader's bars, and `leader_at` says at which exec index
    each of the bars that it is made of becomes known.
    """

    bars: Bars
    _closes_at: IntArray | None  # None for exec, where it would be a column of bar numbers
    partial: BoolArray
    warm: dict[str, int] = attrs.field(factory=dict)
    timeframe: "Timeframe | None" = None  # None for exec
    _columns: dict[str, GrowingColumn] = attrs.field(factory=dict)
    _prices: dict[str, GrowingColumn] = attrs.field(factory=dict)  # price sources that were asked for
    _running: list[_Running] = attrs.field(factory=list)
    _slower: _SlowerGrowing | None = None
    foreign: Foreign | None = None
    leader_at: GrowingColumn | None = None

    @classmethod
    def of_exec(cls, bars: Bars, leader_at: GrowingColumn | None = None) -> "FeedStore":
        """The exec bars as they are, or those of a leader."""
        partial = np.broadcast_to(np.False_, len(bars))
        if leader_at is None:
            return cls(bars, None, partial)
        return cls(bars, leader_at.view(), partial, leader_at=leader_at)

    @classmethod
    def of_slower(cls, bars: Bars, timeframe: "Timeframe", leader_at: GrowingColumn | None = None) -> "FeedStore":
        """The settled bars of a slower timeframe."""
        slower = slower_bars(bars, timeframe.ms, bucket_origin_ms(timeframe.text))
        closes_at = slower.closes_at if leader_at is None else leader_at.view()[slower.closes_at]
        return cls(slower.bars, closes_at, slower.partial, timeframe=timeframe, leader_at=leader_at)

    @property
    def closes_at(self) -> IntArray:
        """Exec index at which each bar closes."""
        return np.arange(len(self.bars)) if self._closes_at is None else self._closes_at

    def exec_index(self, index: int) -> int | None:
        """Exec index at which one bar closes; None for a bar that is not there."""
        if index >= len(self.bars):
            return None
        return index if self._closes_at is None else int(self._closes_at[index])

    @property
    def columns(self) -> dict[str, FloatArray]:
        """The feature columns by name."""
        return {name: column.view() for name, column in self._columns.items()}

    def column(self, name: str) -> FloatArray:
        """One feature column, read-only."""
        column: FloatArray = self._columns[name].view()
        return column

    def source(self, name: str) -> tuple[FloatArray, int] | None:
        """A feature column, bar column or price source with its warm index; None if there is none (yet)."""
        if name in self._columns:
            return self.column(name), self.warm[name]
        if name in _OF_BARS:
            return self.bar_column(name), 0
        return None if self.foreign is None else self.foreign(name)

    def bar_column(self, name: str) -> FloatArray:
        """A bar column or price source."""
        if name not in PRICE_SOURCES:
            column: FloatArray = getattr(self.bars, name)
            return column
        if name not in self._prices:
            self._prices[name] = GrowingColumn(price_of(name, self.bar_column))
        price: FloatArray = self._prices[name].view()
        return price

    def _bar_value(self, name: str, index: int) -> float:
        if name in PRICE_SOURCES:
            price: float = price_of(name, lambda column: float(getattr(self.bars, column)[index]))
            return price
        return float(getattr(self.bars, name)[index] if name in _OF_BARS else self._input(name)[index])

    def add_feature(self, feature: "Feature") -> bool:
        """Compute a feature's columns from its source's first warm value on; False while its source is missing."""
        sources = {name: self.source(name) for name in feature.inputs}
        known = {name: source for name, source in sources.items() if source is not None}
        if len(known) < len(sources):
            return False
        one = self._running_of(feature, max((warm for _, warm in known.values()), default=0))
        warm = feature.warm_index(lambda name: known[name][1])
        for (output, name), column in zip(feature.column_names.items(), self._computed(one, 0), strict=True):
            self._columns[name] = GrowingColumn(column)
            self.warm[name] = warm[output]
        self._running.append(one)
        return True

    def _running_of(self, feature: "Feature", start: int) -> _Running:
        names = tuple(feature.column_names.values())
        if feature.expr is not None:
            return _Arithmetic(feature.expr, feature.inputs, names)
        steps = (
            Stepper(feature.kind, feature.params, feature.restart) if feature.own is None else OwnStepper(feature.own)
        )
        return _Stepping(feature, steps, feature.inputs, names, start)

    def _computed(self, one: _Running, known: int) -> list[FloatArray]:
        """The columns of a feature from bar `known` on, many bars at once."""
        count = len(self.bars)
        if isinstance(one, _Arithmetic):
            return [number_column(one.expr, self._input, known, count)]
        first = min(max(known, one.start), count)
        try:
            computed = one.steps.batch(*(self._input(name)[first:] for name in one.inputs)).values()
        except StepFailure as failure:
            raise self._failed(one.feature, first + failure.index, failure) from failure
        if first == known:
            return list(computed)
        return [np.concatenate((np.full(first - known, np.nan), column)) for column in computed]

    def extend(self, exec_bars: Bars, start: int) -> None:
        """Go on with the bars from `start` on: their own store gains them, a slower one those that they settle."""
        if self.timeframe is not None:
            self._extend_slower(exec_bars, start)
            return
        self.bars = exec_bars
        self._closes_at = None if self.leader_at is None else self.leader_at.view()
        self.partial = np.broadcast_to(np.False_, len(exec_bars))
        self._grow_features(start)

    def _extend_slower(self, exec_bars: Bars, start: int) -> None:
        """Gain the bars that exec bars from `start` on settle."""
        slower, known = self._slower_growing(exec_bars, start), len(self.bars)
        is_grown = False
        for index in range(start, len(exec_bars)):
            for each in slower.growth.add(exec_bars, index):
                slower.bars.append(each.ts_open, each.prices, each.volume)
                slower.closes_at.append(index if self.leader_at is None else self.leader_at.view()[index])
                slower.partial.append(each.is_partial)
                is_grown = True
        if is_grown:
            self.bars, self._closes_at = slower.bars.newest(), slower.closes_at.view()
            self.partial = slower.partial.view()
            self._grow_features(known)

    def _slower_growing(self, exec_bars: Bars, start: int) -> _SlowerGrowing:
        if self._slower is None:
            assert self.timeframe is not None
            assert self._closes_at is not None
            growth = SlowerGrowth(exec_bars.head(start), self.timeframe.ms, bucket_origin_ms(self.timeframe.text))
            self._slower = _SlowerGrowing(
                growth, GrowingBars.of(self.bars), GrowingColumn(self._closes_at), GrowingColumn(self.partial)
            )
        return self._slower

    def _grow_features(self, known: int) -> None:
        """Step every feature over the bars from `known` on, sources before what reads them."""
        count = len(self.bars)
        for name, prices in self._prices.items():
            prices.extend(price_of(name, lambda column: getattr(self.bars, column)[known:]))
        if count - known == 1:
            self._step_features(known)
            return
        for one in self._running:
            for name, column in zip(one.names, self._computed(one, known), strict=True):
                self._columns[name].extend(column)

    def _step_features(self, index: int) -> None:
        now: dict[str, float] = {}  # of this bar, by column name
        for one in self._running:
            for name, value in zip(one.names, self._stepped(one, index, now), strict=True):
                now[name] = value
                self._columns[name].append(value)

    def _stepped(self, one: _Running, index: int, now: dict[str, float]) -> tuple[float, ...]:
        if isinstance(one, _Arithmetic):
            return (float(number_column(one.expr, self._input, index, index + 1)[0]),)
        if index < one.start:
            return (np.nan,) * len(one.names)
        for name in one.inputs:
            if name not in now:
                now[name] = self._bar_value(name, index)
        try:
            return one.steps.step(*[now[name] for name in one.inputs])
        except StepFailure as failure:
            raise self._failed(one.feature, index, failure) from failure

    def _failed(self, feature: "Feature", index: int, failure: StepFailure) -> CardError:
        """A user's own feature that has no value at a bar, at its place in the card."""
        place, opened = feature.place, int(self.bars.ts_open[index])
        what = f"`{feature.use}` {failure} at bar {index} of {feature.timeframe}, which opens at {opened} ms UTC"
        hint = "return a number at every bar, nan where the value is unknown"
        return CardError([Problem(place.file, place.line, place.column, f"features.{feature.name}", what, hint)])

    def _input(self, name: str) -> FloatArray:
        found = self.source(name)
        assert found is not None, name
        return found[0]
