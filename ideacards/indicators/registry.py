"""What kinds of features exist, by name. Data only; each family's table stands beside its arithmetic."""

from ideacards.indicators.averages.table import AVERAGES
from ideacards.indicators.kind import FLATS, SEEDS, UNKNOWN, Indicator, Param, ParamKind, Params
from ideacards.indicators.momentum.table import MOMENTUM
from ideacards.indicators.statistics.table import STATISTICS
from ideacards.indicators.volatility.table import VOLATILITY
from ideacards.indicators.volume.table import VOLUME
from ideacards.structures.table import STRUCTURES

__all__ = ["FAMILIES", "FLATS", "INDICATORS", "SEEDS", "UNKNOWN", "Indicator", "Param", "ParamKind", "Params"]

FAMILIES: dict[str, dict[str, Indicator]] = {
    "averages": AVERAGES,
    "momentum": MOMENTUM,
    "volatility": VOLATILITY,
    "volume": VOLUME,
    "statistics": STATISTICS,
    "structures": STRUCTURES,
}
INDICATORS: dict[str, Indicator] = {name: kind for table in FAMILIES.values() for name, kind in table.items()}
