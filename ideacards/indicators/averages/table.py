"""The kinds of average."""

from ideacards.indicators.averages.exponential import EMA_SIZE
from ideacards.indicators.kind import Indicator, Param, ParamKind, table_of
from ideacards.indicators.rings import ring_size

__all__ = ["AVERAGES"]

_AT = "indicators.averages"
_LENGTH = Param("length")
_SEED = Param("seed", ParamKind.SEED, "first")

AVERAGES = table_of(
    Indicator(
        "sma",
        f"{_AT}.windowed:sma",
        (_LENGTH,),
        warm_index=lambda p: {"value": p["length"] - 1},
        state_size=lambda p: ring_size(p["length"]),
    ),
    Indicator(
        "ema",
        f"{_AT}.exponential:ema",
        (_LENGTH, _SEED),
        warm_index=lambda p: {"value": p["length"] - 1},
        state_size=lambda p: EMA_SIZE,
        is_recursive=True,
    ),
)
