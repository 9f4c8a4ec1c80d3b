"""The kinds of volatility."""

from ideacards.indicators.kind import Indicator, Param, ParamKind, table_of
from ideacards.indicators.rings import ring_size
from ideacards.indicators.volatility.ranges import ATR_SIZE

__all__ = ["VOLATILITY"]

_AT = "indicators.volatility"
_LENGTH = Param("length")
_HLC = ("high", "low", "close")

VOLATILITY = table_of(
    Indicator(
        "atr",
        f"{_AT}.ranges:atr",
        (_LENGTH,),
        warm_index=lambda p: {"value": p["length"]},
        state_size=lambda p: ATR_SIZE,
        inputs=_HLC,
        default_of=None,
        is_recursive=True,
    ),
    Indicator(
        "bbands",
        f"{_AT}.bands:bbands",
        (_LENGTH, Param("multiplier", ParamKind.NUMBER, 2.0)),
        warm_index=lambda p: dict.fromkeys(("upper", "middle", "lower"), p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        outputs=("upper", "middle", "lower"),
    ),
)
