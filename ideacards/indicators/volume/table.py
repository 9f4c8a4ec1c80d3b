"""The kinds of volume."""

from ideacards.indicators.averages.exponential import EMA_SIZE
from ideacards.indicators.kind import OF, Indicator, Param, ParamKind, table_of, value_from
from ideacards.indicators.rings import ring_size

__all__ = ["VOLUME"]

_AT = "indicators.volume.flow"
_LENGTH = Param("length")
_SEED = Param("seed", ParamKind.SEED, "first")
_HLCV = ("high", "low", "close", "volume")

VOLUME = table_of(
    Indicator(
        "obv",
        f"{_AT}:obv",
        (),
        warm_index=value_from(lambda p: 0),
        state_size=lambda p: 3,
        inputs=(OF, "volume"),
        is_recursive=True,
    ),
    Indicator(
        "adl",
        f"{_AT}:adl",
        (),
        warm_index=value_from(lambda p: 0),
        state_size=lambda p: 1,
        inputs=_HLCV,
        default_of=None,
        is_recursive=True,
    ),
    Indicator(
        "cmf",
        f"{_AT}:cmf",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: 2 * ring_size(p["length"]),
        inputs=_HLCV,
        default_of=None,
    ),
    Indicator(
        "force_index",
        f"{_AT}:force_index",
        (_LENGTH, _SEED),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: 2 + EMA_SIZE,
        inputs=(OF, "volume"),
        is_recursive=True,
    ),
    Indicator(
        "volume_sma",
        f"{_AT}:volume_sma",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        inputs=("volume",),
        default_of=None,
    ),
    Indicator(
        "relative_volume",
        f"{_AT}:relative_volume",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: ring_size(p["length"] + 1),
        inputs=("volume",),
        default_of=None,
    ),
)
