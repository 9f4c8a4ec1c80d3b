"""The kinds of statistics."""

from ideacards.indicators.kind import OF, WITH, Indicator, Param, all_from, at_least, table_of, value_from
from ideacards.indicators.rings import ring_size

__all__ = ["STATISTICS"]

_AT = "indicators.statistics"
_LENGTH = Param("length")
_LINE = ("value", "slope", "r2")


def _extreme(name: str, of: str) -> Indicator:
    return Indicator(
        name,
        f"{_AT}.extremes:{name}",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        default_of=of,
    )


STATISTICS = table_of(
    _extreme("highest", "high"),
    _extreme("lowest", "low"),
    _extreme("argmax_age", "high"),
    _extreme("argmin_age", "low"),
    Indicator(
        "percentile_rank",
        f"{_AT}.order:percentile_rank",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"]),
        state_size=lambda p: ring_size(p["length"] + 1),
    ),
    Indicator(
        "median",
        f"{_AT}.order:median",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]) + p["length"],
    ),
    Indicator(
        "linreg",
        f"{_AT}.moments:linreg",
        (_LENGTH,),
        warm_index=all_from(_LINE, lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        outputs=_LINE,
        check=at_least("length", 2),
    ),
    Indicator(
        "correlation",
        f"{_AT}.moments:correlation",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: 2 * ring_size(p["length"]),
        inputs=(OF, WITH),
        check=at_least("length", 2),
    ),
    Indicator(
        "skew",
        f"{_AT}.moments:skew",
        (_LENGTH,),
        warm_index=value_from(lambda p: p["length"] - 1),
        state_size=lambda p: ring_size(p["length"]),
        check=at_least("length", 2),
    ),
)
