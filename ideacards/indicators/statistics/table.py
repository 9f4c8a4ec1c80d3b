"""The kinds of statistics."""

from ideacards.indicators.kind import Indicator, Param, table_of
from ideacards.indicators.rings import ring_size

__all__ = ["STATISTICS"]

_AT = "indicators.statistics"
_LENGTH = Param("length")

STATISTICS = table_of(
    Indicator(
        "highest",
        f"{_AT}.extremes:highest",
        (_LENGTH,),
        warm_index=lambda p: {"value": p["length"] - 1},
        state_size=lambda p: ring_size(p["length"]),
        default_of="high",
    ),
    Indicator(
        "lowest",
        f"{_AT}.extremes:lowest",
        (_LENGTH,),
        warm_index=lambda p: {"value": p["length"] - 1},
        state_size=lambda p: ring_size(p["length"]),
        default_of="low",
    ),
)
