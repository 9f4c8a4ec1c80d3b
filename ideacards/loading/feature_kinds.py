"""The kind of each feature's columns (a price, a ratio...), from its indicator and its source.

An indicator that stands in no list may be anything: no comparison with it is refused.
"""

from collections.abc import Iterable, Mapping

from ideacards.card import Feature
from ideacards.expressions.kinds import BAR_KINDS, NumberKind, kind_of
from ideacards.store import TIME_COLUMNS

__all__ = ["kinds_of"]

# Of their source's kind, or of a price where they take no source.
_OF_SOURCE = """
sma ema wma rma hma dema tema trima kama alma vwma vwap anchored_vwap rolling_vwap macd mom bbands keltner donchian
stdev highest lowest median linreg atr true_range supertrend psar ichimoku chandelier
swing trend_state zigzag fibonacci structure_break order_block fair_value_gap equal_levels zone previous_day
previous_week session_range window_extremes
"""
_RATIOS = """
rsi stoch stochrsi ppo cci roc cmo tsi williams_r mfi adx aroon vortex natr zscore historical_volatility cmf
relative_volume percentile_rank correlation skew
"""
_TABLE: dict[str, NumberKind | None] = {
    **dict.fromkeys(_OF_SOURCE.split()),
    **dict.fromkeys(_RATIOS.split(), NumberKind.RATIO),
    **dict.fromkeys(("argmax_age", "argmin_age"), NumberKind.COUNT),
    "volume_sma": NumberKind.QUANTITY,
}
_COUNTS = "state label kind is_change touches is_open age high_age low_age pivot_age sweep_age"
_TIMES = "confirmed_at high_confirmed_at low_confirmed_at"
# Outputs that are of another kind than their indicator.
_OUTPUTS = {
    "direction": NumberKind.COUNT,  # 1 or -1
    "width": NumberKind.RATIO,
    "percent_b": NumberKind.RATIO,
    "r2": NumberKind.RATIO,
    **dict.fromkeys(_COUNTS.split(), NumberKind.COUNT),
    **dict.fromkeys(_TIMES.split(), NumberKind.TIME),
}


def kinds_of(features: Iterable[Feature], leaders: Iterable[str] = ()) -> dict[str, NumberKind]:
    """The kind of each column of the features, and of each price of the leaders, by name."""
    waiting = list(features)
    kinds: dict[str, NumberKind] = BAR_KINDS | dict.fromkeys(TIME_COLUMNS, NumberKind.TIME)
    kinds |= {f"{symbol}.{price}": kind for symbol in leaders for price, kind in BAR_KINDS.items()}
    while waiting:
        later = [one for one in waiting if any(name not in kinds for name in one.inputs)]
        if len(later) == len(waiting):
            break  # their sources have faults of their own
        for one in waiting:
            if one not in later:
                for output, column in one.column_names.items():
                    kinds[column] = _OUTPUTS.get(output) or _kind_of(one, kinds)
        waiting = later
    return kinds


def _kind_of(feature: Feature, kinds: Mapping[str, NumberKind]) -> NumberKind:
    if feature.expr is not None:
        return kind_of(feature.expr, kinds)
    if feature.use not in _TABLE:
        return NumberKind.ANY
    return _TABLE[feature.use] or (kinds[feature.of] if feature.of else NumberKind.PRICE)
