"""The kinds of volatility."""

from ideacards.indicators.kind import OF, Indicator, Param, ParamKind, Params, all_from, at_least, table_of, value_from
from ideacards.indicators.rings import ring_size
from ideacards.indicators.volatility.ranges import ATR_SIZE, KELTNER_SIZE

__all__ = ["VOLATILITY"]

_AT = "indicators.volatility"
_LENGTH = Param("length")
_MULTIPLIER = Param("multiplier", ParamKind.NUMBER, 2.0)
_HLC = ("high", "low", "close")
_BANDS = ("upper", "middle", "lower")
_BOLLINGER = (*_BANDS, "width", "percent_b")


def _of_range(name: str) -> Indicator:
    """An average true range."""
    return Indicator(
        name,
        f"{_AT}.ranges:{name}",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: ATR_SIZE,
        inputs=_HLC,
        default_of=None,
        is_recursive=True,
    )


def _of_window(name: str) -> Indicator:
    return Indicator(
        name,
        f"{_AT}.bands:{name}",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        check=at_least("length", 2) if name == "zscore" else lambda params: None,
    )


def _keltner_warm(params: Params) -> dict[str, int]:
    middle = params["length"] - 1
    width = max(middle, params["atr_length"])
    return {"upper": width, "middle": middle, "lower": width}


VOLATILITY = table_of(
    _of_range("atr"),
    _of_range("natr"),
    Indicator(
        "true_range",
        f"{_AT}.ranges:true_range",
        (),
        warm_index=value_from(lambda p: 1),
        state_size=lambda p: 2,
        inputs=_HLC,
        default_of=None,
    ),
    Indicator(
        "bbands",
        f"{_AT}.bands:bbands",
        (_LENGTH, _MULTIPLIER),
        warm_index=all_from(_BOLLINGER, lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        outputs=_BOLLINGER,
    ),
    Indicator(
        "keltner",
        f"{_AT}.ranges:keltner",
        (_LENGTH, _MULTIPLIER, Param("atr_length", default=10), Param("seed", ParamKind.SEED, "first")),
        warm_index=_keltner_warm,
        state_size=lambda p: KELTNER_SIZE,
        inputs=(OF, *_HLC),
        outputs=_BANDS,
        is_recursive=True,
    ),
    Indicator(
        "donchian",
        f"{_AT}.ranges:donchian",
        (_LENGTH,),
        warm_index=all_from(_BANDS, lambda p: p["length"] - 1),
        state_size=lambda p: 2 * ring_size(p["length"]),
        inputs=("high", "low"),
        default_of=None,
        outputs=_BANDS,
    ),
    _of_window("stdev"),
    _of_window("zscore"),
    Indicator(
        "chandelier",
        f"{_AT}.ranges:chandelier",
        (_LENGTH, Param("multiplier", ParamKind.NUMBER, 3.0)),
        warm_index=all_from(("long", "short"), lambda p: p["length"]),
        state_size=lambda p: 2 * ring_size(p["length"]) + ATR_SIZE,
        inputs=_HLC,
        default_of=None,
        outputs=("long", "short"),
        is_recursive=True,
    ),
    Indicator(
        "historical_volatility",
        f"{_AT}.bands:historical_volatility",
        (_LENGTH, Param("per_year", default=365)),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: ring_size(p["length"]) + 1,
    ),
)
