"""The kinds of average."""

from ideacards.indicators.arithmetic import root_down
from ideacards.indicators.averages.adaptive import ANCHORS, VWAP_SIZE
from ideacards.indicators.averages.exponential import EMA_SIZE
from ideacards.indicators.kind import OF, Indicator, Param, ParamKind, Params, at_least, table_of, value_from
from ideacards.indicators.rings import ring_size

__all__ = ["AVERAGES"]

_AT = "indicators.averages"
_LENGTH = Param("length")
_SEED = Param("seed", ParamKind.SEED, "first")


def _window(name: str, step: str, *params: Param, **more: object) -> Indicator:
    """A kind whose state is one window of `length` values."""
    return Indicator(
        name,
        f"{_AT}.windowed:{step}",
        (_LENGTH, *params),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        **more,  # type: ignore[arg-type]
    )


def _alma_check(params: Params) -> str | None:
    return None if params["offset"] <= 1 else f"offset ({params['offset']}) must be at most 1"


def _kama_check(params: Params) -> str | None:
    if params["fast"] >= params["slow"]:
        return f"fast ({params['fast']}) must be shorter than slow ({params['slow']})"
    return None


AVERAGES = table_of(
    _window("sma", "sma"),
    Indicator(
        "ema",
        f"{_AT}.exponential:ema",
        (_LENGTH, _SEED),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: EMA_SIZE,
        is_recursive=True,
    ),
    _window("wma", "wma"),
    Indicator(
        "rma",
        f"{_AT}.exponential:rma",
        (_LENGTH, Param("seed", ParamKind.SEED, "sma")),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: EMA_SIZE,
        is_recursive=True,
    ),
    Indicator(
        "hma",
        f"{_AT}.windowed:hma",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 2 + root_down(p["length"])),
        state_size=lambda p: ring_size(p["length"]) + ring_size(root_down(p["length"])),
        check=at_least("length", 2),
    ),
    Indicator(
        "dema",
        f"{_AT}.exponential:dema",
        (_LENGTH, _SEED),
        warm_index=value_from(lambda p: 2 * (p["length"] - 1)),
        state_size=lambda p: 2 * EMA_SIZE,
        is_recursive=True,
    ),
    Indicator(
        "tema",
        f"{_AT}.exponential:tema",
        (_LENGTH, _SEED),
        warm_index=value_from(lambda p: 3 * (p["length"] - 1)),
        state_size=lambda p: 3 * EMA_SIZE,
        is_recursive=True,
    ),
    _window("trima", "trima"),
    Indicator(
        "kama",
        f"{_AT}.adaptive:kama",
        (_LENGTH, Param("fast", default=2), Param("slow", default=30)),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: ring_size(p["length"] + 1) + 1,
        check=_kama_check,
        is_recursive=True,
    ),
    Indicator(
        "alma",
        f"{_AT}.windowed:alma",
        (_LENGTH, Param("offset", ParamKind.NUMBER, 0.85), Param("sigma", ParamKind.NUMBER, 6.0)),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]) + p["length"],
        check=_alma_check,
    ),
    Indicator(
        "vwma",
        f"{_AT}.windowed:vwma",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: 2 * ring_size(p["length"]),
        inputs=(OF, "volume"),
    ),
    Indicator(
        "vwap",
        f"{_AT}.adaptive:vwap",
        (Param("anchor", ParamKind.WORD, "day", ANCHORS),),
        warm_index=value_from(lambda p: 0),
        state_size=lambda p: VWAP_SIZE,
        inputs=(OF, "volume", "ts_open"),
        default_of="hlc3",
        is_recursive=True,
    ),
    Indicator(
        "anchored_vwap",
        f"{_AT}.adaptive:anchored_vwap",
        (Param("since", ParamKind.TIME),),
        warm_index=value_from(lambda p: 0),
        state_size=lambda p: VWAP_SIZE,
        inputs=(OF, "volume", "ts_open"),
        default_of="hlc3",
        is_recursive=True,
    ),
    Indicator(
        "rolling_vwap",
        f"{_AT}.windowed:rolling_vwap",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: 2 * ring_size(p["length"]),
        inputs=(OF, "volume"),
        default_of="hlc3",
    ),
)
