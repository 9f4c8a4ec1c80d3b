"""Every column that a card reads, by name, over bars that may grow: features, slower bars, parts of conditions.

A feature stands on its own timeframe, and once more on the exec axis if it is slower or a leader's. Of a condition
every largest part that the arrays decide is watched; what reads the account has no column.
"""

from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from ideacards.bars import BAR_COLUMNS, Bars, FloatArray, IntArray
from ideacards.card import Card
from ideacards.expressions.columns import Columns, is_position_free
from ideacards.expressions.nodes import Constant, Expr, NumberExpr, Series, Truth, TruthExpr, children, leaves
from ideacards.expressions.wording import text_of
from ideacards.feeds import NO_LEADERS, Feeds
from ideacards.loading.tree import Place
from ideacards.prices import feed_key, leader_price

__all__ = ["WatchedColumn", "WatchedColumns", "watched_of"]

_NOWHERE = Place("")
_TIMES = ("ts_open", "ts_close")


@attrs.frozen
class WatchedColumn:
    """A column of a card. `reads` are the names of the columns that it is made of directly."""

    name: str
    kind: str  # feature, slower bar, leader's bar or condition
    reads: tuple[str, ...]
    place: Place


@attrs.frozen
class _Part:
    name: str
    expr: NumberExpr | TruthExpr
    is_truth: bool


def watched_of(card: Card) -> tuple[WatchedColumn, ...]:
    """The columns of a card: slower bars and those of leaders first, then features, then conditions."""
    slower = tuple(card.timeframes.slower())
    kinds = dict.fromkeys(slower, "slower bar")
    kinds |= {feed_key(symbol, key): "leader's bar" for symbol in card.leaders for key in ("exec", *slower)}
    columns = (*_TIMES, *BAR_COLUMNS)
    found = [WatchedColumn(f"{key}.{name}", kind, (), _NOWHERE) for key, kind in kinds.items() for name in columns]
    homes = {name: feature.feed for feature in card.features for name in feature.column_names.values()}
    for feature in card.features:
        reads = tuple(_own_name(name, feature.feed, homes, card) for name in feature.inputs)
        for name in feature.column_names.values():
            found.append(WatchedColumn(f"features.{name}", "feature", reads, feature.place))
            if feature.feed != "exec":
                own = (f"features.{name}", f"{feature.feed}.ts_close")
                found.append(WatchedColumn(_on_exec(name), "feature", own, feature.place))
    for part in _parts_of(card):
        series = dict.fromkeys(leaf.name for leaf in leaves(part.expr) if isinstance(leaf, Series))
        reads = tuple(_own_name(name, "exec", homes, card) for name in series)
        found.append(WatchedColumn(part.name, "condition", reads, _NOWHERE))
    return tuple(found)


class WatchedColumns:
    """The watched columns of a card over bars and those of its leaders, which may be extended."""

    def __init__(self, card: Card, bars: Bars, leaders: Mapping[str, Bars] = NO_LEADERS) -> None:
        self._feeds = Feeds.build(card, bars, leaders)
        self._columns = Columns(self._feeds.column)
        self._parts = tuple(_parts_of(card))
        self._slow = tuple(key for key in self._feeds.stores if key != "exec")
        for part in self._parts:
            _ = self._columns.truth(part.expr) if part.is_truth else self._columns.number(part.expr)  # type: ignore[arg-type]
        for name in self._slow_names():
            self._feeds.column(name)
        self._columns.extend(len(bars))

    def extend(self, bars: Bars, leaders: Mapping[str, Bars] = NO_LEADERS) -> None:
        """Go on to `bars`, which begin with those known so far."""
        self._feeds.extend(bars, leaders)
        self._columns.extend(len(bars))

    def values(self) -> Iterator[tuple[str, FloatArray, IntArray | None]]:
        """Name, values, and the exec index at which each of them is known; None: value i is known at exec bar i."""
        for key in self._slow:
            store = self._feeds.stores[key]
            for column in (*_TIMES, *BAR_COLUMNS):
                yield f"{key}.{column}", np.asarray(getattr(store.bars, column), dtype=np.float64), store.closes_at
        for key, store in self._feeds.stores.items():
            for name, values in store.columns.items():
                yield f"features.{name}", values, None if key == "exec" else store.closes_at
        for name in self._slow_names():
            yield _on_exec(name), self._feeds.column(name), None
        for part in self._parts:
            yield part.name, self._part(part), None

    def value_at(self, name: str, index: int) -> float | None:
        """The value known at exec bar `index` of one column; None if it has none there."""
        for found, values, known_at in self.values():
            if found == name:
                at = index if known_at is None else int(np.searchsorted(known_at, index))
                is_there = at < len(values) and (known_at is None or int(known_at[at]) == index)
                return float(values[at]) if is_there else None
        return None

    def _slow_names(self) -> list[str]:
        return [name for key in self._slow for name in self._feeds.stores[key].columns]

    def _part(self, part: _Part) -> FloatArray:
        """A number as it is; a truth as 1, 0 and NaN for unknown."""
        if not part.is_truth:
            return np.frombuffer(self._columns.number(part.expr), dtype=np.float64).copy()  # type: ignore[arg-type]
        codes = np.frombuffer(self._columns.truth(part.expr), dtype=np.int8)  # type: ignore[arg-type]
        return np.where(codes < 0, np.nan, codes.astype(np.float64))


def _on_exec(name: str) -> str:
    return f"features.{name} on exec"


def _own_name(name: str, feed: str, homes: dict[str, str], card: Card) -> str:
    """The watched name of what is read beside the bars of `feed`: a feature there or on the exec axis, or bars."""
    if name in homes:
        return f"features.{name}" if homes[name] == feed else _on_exec(name)
    price = leader_price(name, card.leaders)
    return f"{feed}.{name}" if price is None else f"{feed_key(price[0], 'exec')}.{price[1]}"


def _parts_of(card: Card) -> Iterator[_Part]:
    for block in card.blocks:
        for number, case in enumerate(block.cases):
            for expr, is_truth in _decided_by_arrays(case.when, True):
                yield _Part(f"blocks.{block.id}.cases.{number}: {text_of(expr)}", expr, is_truth)
    for when in card.endings():
        for expr, is_truth in _decided_by_arrays(when, True):
            yield _Part(f"expires.when: {text_of(expr)}", expr, is_truth)


def _decided_by_arrays(expr: Expr, is_truth: bool) -> Iterator[tuple[NumberExpr | TruthExpr, bool]]:
    """The largest parts that read no account and are more than a number or a name."""
    if isinstance(expr, Constant | Truth | Series):
        return
    if is_position_free(expr):
        yield expr, is_truth
        return
    for child in children(expr):
        yield from _decided_by_arrays(child, _is_truth(child))


def _is_truth(expr: Expr) -> bool:
    return isinstance(expr, TruthExpr)
