"""The kind of each feature's columns (a price, a ratio...), from its indicator and its source.

An indicator that stands in neither list, and an output of another name, may be anything: no comparison with it is
refused.
"""

from collections.abc import Iterable, Mapping

from ideacards.card import Feature
from ideacards.expressions.kinds import BAR_KINDS, NumberKind
from ideacards.indicators.registry import INDICATORS

__all__ = ["kinds_of"]

# Indicators whose outputs are of their source's kind, or of a price where they take no source.
_OF_SOURCE = """
sma ema wma rma hma dema tema kama alma vwma highest lowest bbands keltner donchian macd mom median stdev atr
true_range supertrend psar ichimoku vwap chandelier
"""
_RATIOS = """
rsi stoch stochrsi ppo cci roc tsi williams_r mfi adx aroon vortex natr zscore percentile_rank correlation skew cmf
relative_volume
"""
_TABLE: dict[str, NumberKind | None] = dict.fromkeys(_OF_SOURCE.split()) | dict.fromkeys(
    _RATIOS.split(), NumberKind.RATIO
)
_OUTPUTS = ("value", "upper", "middle", "lower", "line", "signal", "histogram")


def kinds_of(features: Iterable[Feature]) -> dict[str, NumberKind]:
    """The kind of each column of the features, by name."""
    waiting = list(features)
    kinds: dict[str, NumberKind] = dict(BAR_KINDS)
    while waiting:
        later = [one for one in waiting if one.of and one.of not in kinds]
        if len(later) == len(waiting):
            break  # their sources have faults of their own
        for one in waiting:
            if one not in later:
                for output, column in INDICATORS[one.use].column_names(one.name).items():
                    kinds[column] = _kind_of(one, kinds) if output in _OUTPUTS else NumberKind.ANY
        waiting = later
    return kinds


def _kind_of(feature: Feature, kinds: Mapping[str, NumberKind]) -> NumberKind:
    if feature.use not in _TABLE:
        return NumberKind.ANY
    return _TABLE[feature.use] or (kinds[feature.of] if feature.of else NumberKind.PRICE)
