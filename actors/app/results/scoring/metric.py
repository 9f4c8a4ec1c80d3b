"""A metric: its name, its unit, the definition shown beside its value, and the function that computes it.

`catalog.py` lists them.
"""

from collections.abc import Callable
from enum import StrEnum

import attrs

from actors.app.results.scoring.facts import ScoreFacts

__all__ = ["Metric", "MetricGroup", "MetricUnit", "Value"]

Value = float | None


class MetricUnit(StrEnum):
    """The unit in which a value is shown."""

    PERCENT = "percent"  # the value is a fraction
    QUOTE = "quote"  # quote coin
    NUMBER = "number"
    COUNT = "count"
    BARS = "bars"
    DAYS = "days"


class MetricGroup(StrEnum):
    """The heading under which a metric is shown."""

    RETURN = "Return"
    RISK = "Risk"
    BENCHMARK = "Against buy and hold"
    TRIPS = "Round trips"
    ACTIVITY = "Activity and costs"


@attrs.frozen
class Metric:
    """One metric; `of` returns None where it is undefined."""

    key: str
    label: str
    group: MetricGroup
    unit: MetricUnit
    definition: str
    of: Callable[[ScoreFacts], Value]
