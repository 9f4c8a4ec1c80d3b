"""The kinds of momentum."""

from ideacards.indicators.kind import UNKNOWN, Indicator, Param, ParamKind, Params, table_of
from ideacards.indicators.momentum.convergence import MACD_SIZE
from ideacards.indicators.momentum.strength import RSI_SIZE

__all__ = ["MOMENTUM"]

_AT = "indicators.momentum"
_LENGTH = Param("length")
_SEED = Param("seed", ParamKind.SEED, "first")


def _macd_warm(params: Params) -> dict[str, int]:
    line = params["slow"] - 1
    signal = params["slow"] + params["signal"] - 2
    return {"line": line, "signal": signal, "histogram": signal}


def _fast_is_shorter(params: Params) -> str | None:
    if params["fast"] >= params["slow"]:
        return f"fast ({params['fast']}) must be shorter than slow ({params['slow']})"
    return None


MOMENTUM = table_of(
    Indicator(
        "rsi",
        f"{_AT}.strength:rsi",
        (_LENGTH, Param("flat", ParamKind.FLAT, UNKNOWN)),
        warm_index=lambda p: {"value": p["length"]},
        state_size=lambda p: RSI_SIZE,
        is_recursive=True,
    ),
    Indicator(
        "macd",
        f"{_AT}.convergence:macd",
        (Param("fast", default=12), Param("slow", default=26), Param("signal", default=9), _SEED),
        warm_index=_macd_warm,
        state_size=lambda p: MACD_SIZE,
        outputs=("line", "signal", "histogram"),
        check=_fast_is_shorter,
        is_recursive=True,
    ),
)
