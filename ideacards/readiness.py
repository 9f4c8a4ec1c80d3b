"""Readiness: the first exec bar at which everything a card reads is warm.

Every feature counts, by the outputs that are read (all of them if none is); `x[k]` adds k and a cross 1, which the
lags of the core language already say. Computed from warm indices and close times, never from where NaNs end.
"""

from ideacards.card import Card
from ideacards.expressions.nodes import Series, leaves
from ideacards.feeds import Feeds
from ideacards.indicators.registry import INDICATORS

__all__ = ["readiness_of"]


def readiness_of(card: Card, feeds: Feeds) -> int:
    """An exec index; at or beyond the number of bars if these bars are too few."""
    lags = _lags(card)
    ready = max((lag for name, lag in lags.items()), default=0)
    for feature in card.features:
        names = tuple(INDICATORS[feature.use].column_names(feature.name).values())
        read = tuple(name for name in names if name in lags) or names
        ready = max([ready, *(feeds.warm_at(name) + lags.get(name, 0) for name in read)])
    return ready


def _lags(card: Card) -> dict[str, int]:
    """How far back each series is read, by conditions, prices and features."""
    lags: dict[str, int] = {feature.of: 0 for feature in card.features}
    cases = [case for block in card.blocks for case in block.cases]
    emits = [*(case.emit for case in cases), *(block.otherwise for block in card.blocks)]
    prices = [emit.metadata.order.price for emit in emits if emit is not None]
    lags |= {price.ref: 0 for price in prices if price is not None}
    for case in cases:
        for leaf in leaves(case.when):
            if isinstance(leaf, Series):
                lags[leaf.name] = max(lags.get(leaf.name, 0), leaf.lag)
    return lags
