"""Readiness: the first exec bar at which everything a card reads is warm; a problem if the bars are too few.

Every feature counts, by the outputs that are read (all of them if none is); `x[k]` adds k and a cross 1, which the
lags of the core language already say, and a window of n bars adds n - 1. Computed from warm indices and close times,
never from where NaNs end: a structure that the data never make holds nothing up.
"""

from collections.abc import Iterator
from functools import partial

from ideacards.card import Card, Feature
from ideacards.errors import Problem
from ideacards.expressions.nodes import CountTrue, Expr, Series, children
from ideacards.feeds import NEVER, Feeds
from ideacards.intents import references_of, series_of_size
from ideacards.prices import leader_price

__all__ = ["bars_to_be_ready", "readiness_of", "shortages"]


def readiness_of(card: Card, feeds: Feeds) -> int:
    """An exec index; at or beyond the number of bars if these bars are too few."""
    lags = _lags(card)
    ready = max(lags.values(), default=0)
    for feature in card.features:
        ready = max([ready, *(feeds.warm_at(name) + lags.get(name, 0) for name in _read_of(feature, lags))])
    return max([ready, *(feeds.warm_at(name) + lag for name, lag in lags.items() if leader_price(name, card.leaders))])


def bars_to_be_ready(card: Card) -> int:
    """Exec bars that warm everything the card reads, wherever they begin in the buckets of slower timeframes."""
    lags, needs = _lags(card), _needs(card)
    needed = max(lags.values(), default=0) + 1
    for feature in card.features:
        needed = max([needed, *(needs[name] + lags.get(name, 0) for name in _read_of(feature, lags))])
    return needed


def _needs(card: Card) -> dict[str, int]:
    """Exec bars that give each column of a feature its first value, if each leader has a bar at each of them."""
    warm: dict[str, int] = {}  # index of the first value among the bars that the feature is computed over
    needs: dict[str, int] = {}
    feeds = {name: feature.feed for feature in card.features for name in feature.column_names.values()}
    waiting = list(card.features)
    while waiting:
        feature = waiting.pop(0)
        if any(name in feeds and name not in warm for name in feature.inputs):
            waiting.append(feature)
            continue
        first = {name: warm[name] if feeds[name] == feature.feed else needs[name] - 1 for name in feeds if name in warm}
        indices = feature.warm_index(partial(_first_of, first))
        ratio = card.timeframes.named(feature.timeframe).ms // card.timeframes.exec.ms
        first_partial = 0 if ratio == 1 else 1
        for output, name in feature.column_names.items():
            warm[name] = indices[output]
            needs[name] = (indices[output] + 1 + first_partial) * ratio
    return needs


def _first_of(first: dict[str, int], name: str) -> int:
    return first.get(name, 0)


def shortages(card: Card, feeds: Feeds) -> tuple[Problem, ...]:
    """One problem for each feature that these bars are too few to warm up, at its place in the card."""
    lags = _lags(card)
    problems: list[Problem] = []
    for feature in card.features:
        store = feeds.stores[feature.feed]
        needs = max(store.warm[name] for name in _read_of(feature, lags)) + 1
        if needs > len(store.bars):
            place, unit = feature.place, card.timeframes.named(feature.timeframe).text
            whose = f" of {feature.symbol}" if feature.symbol else ""
            what = f"`{feature.name}` needs {needs} bars of {unit}{whose}, and there are {len(store.bars)}"
            if needs > NEVER:
                what = f"`{feature.name}` reads {_late_source(feature, card)} by the card's last close"
            hint = "give more bars or a shorter length"
            problems.append(Problem(place.file, place.line, place.column, f"features.{feature.name}", what, hint))
    return tuple(problems)


def _late_source(feature: Feature, card: Card) -> str:
    own = {name: one for one in card.features for name in one.column_names.values()}
    read = [own.get(name) for name in feature.inputs]
    is_led = any(one is None or one.symbol for one in read) and bool(card.leaders)
    return "a leader that has no bar" if is_led else "a slower feature that has no value"


def _read_of(feature: Feature, lags: dict[str, int]) -> tuple[str, ...]:
    names = tuple(feature.column_names.values())
    return tuple(name for name in names if name in lags) or names


def _lags(card: Card) -> dict[str, int]:
    """How far back each series is read, by conditions, prices and features."""
    lags: dict[str, int] = {name: 0 for feature in card.features for name in feature.inputs}
    for emit in card.emits():
        for name in references_of(emit.metadata):
            lags.setdefault(name, 0)
        for series in series_of_size(emit.metadata.size):
            lags[series.name] = max(lags.get(series.name, 0), series.lag)
    for when in card.conditions():
        for name, back in _looks_back(when, 0):
            lags[name] = max(lags.get(name, 0), back)
    return lags


def _looks_back(expr: Expr, window: int) -> Iterator[tuple[str, int]]:
    """Each series in it, and how many bars back it is read within windows of so many bars around it."""
    if isinstance(expr, Series):
        yield expr.name, expr.lag + window
    if isinstance(expr, CountTrue):
        window += expr.bars - 1
    for child in children(expr):
        yield from _looks_back(child, window)
