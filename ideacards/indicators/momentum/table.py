"""The kinds of momentum."""

from ideacards.indicators.kind import (
    UNKNOWN,
    Indicator,
    Param,
    ParamKind,
    Params,
    all_from,
    at_least,
    table_of,
    value_from,
)
from ideacards.indicators.momentum.changes import TSI_SIZE
from ideacards.indicators.momentum.convergence import MACD_SIZE
from ideacards.indicators.momentum.strength import RSI_SIZE
from ideacards.indicators.momentum.trend import ADX_SIZE, PSAR_SIZE, SUPERTREND_SIZE
from ideacards.indicators.rings import ring_size

__all__ = ["MOMENTUM"]

_AT = "indicators.momentum"
_LENGTH = Param("length")
_SEED = Param("seed", ParamKind.SEED, "first")
_FLAT = Param("flat", ParamKind.FLAT, UNKNOWN)
_CONVERGENCE = (Param("fast", default=12), Param("slow", default=26), Param("signal", default=9), _SEED)
_LINES = ("line", "signal", "histogram")
_HLC = ("high", "low", "close")
_AROON = ("up", "down", "oscillator")


def _macd_warm(params: Params) -> dict[str, int]:
    line = params["slow"] - 1
    signal = params["slow"] + params["signal"] - 2
    return {"line": line, "signal": signal, "histogram": signal}


def _fast_is_shorter(params: Params) -> str | None:
    if params["fast"] >= params["slow"]:
        return f"fast ({params['fast']}) must be shorter than slow ({params['slow']})"
    return None


def _converging(name: str) -> Indicator:
    return Indicator(
        name,
        f"{_AT}.convergence:{name}",
        _CONVERGENCE,
        warm_index=_macd_warm,
        state_size=lambda p: MACD_SIZE,
        outputs=_LINES,
        check=_fast_is_shorter,
        is_recursive=True,
    )


def _stoch_warm(params: Params) -> dict[str, int]:
    k = params["length"] + params["smooth"] - 2
    return {"k": k, "d": k + params["signal"] - 1}


def _stochrsi_warm(params: Params) -> dict[str, int]:
    k = params["length"] + params["window"] + params["smooth"] - 2
    return {"k": k, "d": k + params["signal"] - 1}


def _tsi_warm(params: Params) -> dict[str, int]:
    line = params["long"] + params["short"] - 1
    return {"line": line, "signal": line + params["signal"] - 1}


def _adx_warm(params: Params) -> dict[str, int]:
    length = params["length"]
    return {"adx": 2 * length - 1, "plus_di": length, "minus_di": length}


def _ichimoku_warm(params: Params) -> dict[str, int]:
    conversion, base, span = (params[name] - 1 for name in ("conversion", "base", "span"))
    first, moved = max(conversion, base), params["displacement"] - 1
    return {
        "conversion": conversion,
        "base": base,
        "span_a": first,
        "span_b": span,
        "cloud_a": first + moved,
        "cloud_b": span + moved,
    }


def _ichimoku_size(params: Params) -> int:
    longest = max(params["conversion"], params["base"], params["span"])
    return 2 * ring_size(longest) + 2 * ring_size(params["displacement"])


def _psar_check(params: Params) -> str | None:
    if params["step"] > params["maximum"]:
        return f"step ({params['step']}) must be at most maximum ({params['maximum']})"
    return None


def _after(name: str, module: str, **more: object) -> Indicator:
    """A kind of n + 1 values with one output."""
    return Indicator(
        name,
        f"{_AT}.{module}:{name}",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: ring_size(p["length"] + 1),
        **more,  # type: ignore[arg-type]
    )


MOMENTUM = table_of(
    Indicator(
        "rsi",
        f"{_AT}.strength:rsi",
        (_LENGTH, _FLAT),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: RSI_SIZE,
        is_recursive=True,
    ),
    Indicator(
        "stoch",
        f"{_AT}.ranges:stoch",
        (_LENGTH, Param("smooth", default=3), Param("signal", default=3), _FLAT),
        warm_index=_stoch_warm,
        state_size=lambda p: 2 * ring_size(p["length"]) + ring_size(p["smooth"]) + ring_size(p["signal"]),
        inputs=_HLC,
        default_of=None,
        outputs=("k", "d"),
    ),
    Indicator(
        "stochrsi",
        f"{_AT}.ranges:stochrsi",
        (_LENGTH, Param("window", default=14), Param("smooth", default=3), Param("signal", default=3), _FLAT),
        warm_index=_stochrsi_warm,
        state_size=lambda p: RSI_SIZE + ring_size(p["window"]) + ring_size(p["smooth"]) + ring_size(p["signal"]),
        outputs=("k", "d"),
        is_recursive=True,
    ),
    _converging("macd"),
    _converging("ppo"),
    Indicator(
        "cci",
        f"{_AT}.changes:cci",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        inputs=_HLC,
        default_of=None,
        check=at_least("length", 2),
    ),
    _after("roc", "changes"),
    _after("mom", "changes"),
    _after("cmo", "changes"),
    Indicator(
        "tsi",
        f"{_AT}.changes:tsi",
        (Param("long", default=25), Param("short", default=13), Param("signal", default=13), _SEED),
        warm_index=_tsi_warm,
        state_size=lambda p: TSI_SIZE,
        outputs=("line", "signal"),
        is_recursive=True,
    ),
    Indicator(
        "williams_r",
        f"{_AT}.ranges:williams_r",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: 2 * ring_size(p["length"]),
        inputs=_HLC,
        default_of=None,
    ),
    Indicator(
        "mfi",
        f"{_AT}.changes:mfi",
        (_LENGTH, _FLAT),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: 2 * ring_size(p["length"]) + 2,
        inputs=(*_HLC, "volume"),
        default_of=None,
    ),
    Indicator(
        "adx",
        f"{_AT}.trend:adx",
        (_LENGTH,),
        warm_index=_adx_warm,
        state_size=lambda p: ADX_SIZE,
        inputs=_HLC,
        default_of=None,
        outputs=("adx", "plus_di", "minus_di"),
        check=at_least("length", 2),
        is_recursive=True,
    ),
    Indicator(
        "aroon",
        f"{_AT}.changes:aroon",
        (_LENGTH,),
        warm_index=all_from(_AROON, lambda p: p["length"]),
        state_size=lambda p: 2 * ring_size(p["length"] + 1),
        inputs=("high", "low"),
        default_of=None,
        outputs=_AROON,
    ),
    Indicator(
        "vortex",
        f"{_AT}.trend:vortex",
        (_LENGTH,),
        warm_index=all_from(("plus", "minus"), lambda p: p["length"]),
        state_size=lambda p: 3 * ring_size(p["length"]) + 4,
        inputs=_HLC,
        default_of=None,
        outputs=("plus", "minus"),
    ),
    Indicator(
        "supertrend",
        f"{_AT}.trend:supertrend",
        (Param("length", default=10), Param("multiplier", ParamKind.NUMBER, 3.0)),
        warm_index=all_from(("value", "direction"), lambda p: p["length"]),
        state_size=lambda p: SUPERTREND_SIZE,
        inputs=_HLC,
        default_of=None,
        outputs=("value", "direction"),
        is_recursive=True,
    ),
    Indicator(
        "psar",
        f"{_AT}.trend:psar",
        (Param("step", ParamKind.NUMBER, 0.02), Param("maximum", ParamKind.NUMBER, 0.2)),
        warm_index=all_from(("value", "direction"), lambda p: 1),
        state_size=lambda p: PSAR_SIZE,
        inputs=("high", "low"),
        default_of=None,
        outputs=("value", "direction"),
        check=_psar_check,
        is_recursive=True,
    ),
    Indicator(
        "ichimoku",
        f"{_AT}.ranges:ichimoku",
        (
            Param("conversion", default=9),
            Param("base", default=26),
            Param("span", default=52),
            Param("displacement", default=26),
        ),
        warm_index=_ichimoku_warm,
        state_size=_ichimoku_size,
        inputs=("high", "low"),
        default_of=None,
        outputs=("conversion", "base", "span_a", "span_b", "cloud_a", "cloud_b"),
    ),
)
