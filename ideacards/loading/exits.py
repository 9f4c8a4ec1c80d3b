"""Stops, targets and sizes that refer to them: how they are written, and what they become.

A level is written with one unit: `{percent: 1}`, `{atr: {feature: noise, multiple: 2}}`, `{ticks: 50}` or
`{price: swing_low}`. The names of features are checked here, where the card's names are known.
"""

from decimal import Decimal
from typing import Annotated

import attrs

from ideacards.errors import Problem
from ideacards.expressions.scope import BAR_FIELDS, Scope
from ideacards.intents import Distance, Level, LevelAt, TickDistance
from ideacards.loading.rules import Number, Text, Whole, problem_at
from ideacards.loading.tree import MapNode, Node, Scalar

__all__ = [
    "LEVEL_UNITS",
    "WrittenBreakEven",
    "WrittenLevel",
    "WrittenRisk",
    "WrittenTarget",
    "WrittenTimeStop",
    "WrittenTrail",
    "WrittenVolatility",
    "check_feature",
    "check_level",
    "level_of",
]

LEVEL_UNITS = ("percent", "atr", "ticks", "price")


@attrs.frozen
class WrittenDistance:
    """A feature's value times a number."""

    feature: Annotated[str, Text()]
    multiple: Annotated[Decimal, Number(above=0, at_most=1000)] = Decimal(1)


@attrs.frozen
class WrittenLevel:
    """A distance from the entry fill's price, or a price: exactly one of these."""

    percent: Annotated[Decimal, Number(above=0, at_most=1000)] | None = None
    atr: WrittenDistance | None = None
    ticks: Annotated[int, Whole(1)] | None = None
    price: Annotated[str, Text()] | None = None


@attrs.frozen
class WrittenRisk:
    """Percent of equity lost if the stop loss fills at its level."""

    percent: Annotated[Decimal, Number(above=0, at_most=100)]


@attrs.frozen
class WrittenVolatility:
    """Percent of equity won or lost if the price moves by the feature's value."""

    percent: Annotated[Decimal, Number(above=0, at_most=100)]
    feature: Annotated[str, Text()]


@attrs.frozen
class WrittenTarget(WrittenLevel):
    """One target of a ladder: a level, and the share of the entry that leaves there."""

    fraction: Annotated[Decimal, Number(above=0, at_most=1)] = attrs.field(kw_only=True)


@attrs.frozen
class WrittenTrail(WrittenLevel):
    """The distance at which the stop follows, and the level from which on it does."""

    activation: WrittenLevel | None = None


@attrs.frozen
class WrittenBreakEven:
    """When the stop loss moves to the entry: exactly one of `at_r` and `at_target`."""

    at_r: Annotated[Decimal, Number(above=0, at_most=1000)] | None = None
    at_target: Annotated[int, Whole(1, 20)] | None = None
    offset_ticks: Annotated[int, Whole(-1_000_000)] = 0


@attrs.frozen
class WrittenTimeStop:
    """How many exec bars the position is held at most, the entry's own included."""

    bars: Annotated[int, Whole(1, 1_000_000)]


def level_of(written: WrittenLevel | None) -> Level | None:
    """What a written level becomes, None where there is none; its units have been checked."""
    if written is None:
        return None
    if written.atr is not None:
        return Distance(written.atr.feature, written.atr.multiple)
    if written.ticks is not None:
        return TickDistance(written.ticks)
    return written.percent if written.price is None else LevelAt(written.price)


def check_level(node: Node, key: str, scope: Scope, problems: list[Problem]) -> None:
    """Check that a level has one unit, and that the feature it refers to exists."""
    if not isinstance(node, MapNode):
        return
    found = [unit for unit in LEVEL_UNITS if unit in node]
    if len(found) != 1:
        what = "no unit" if not found else " and ".join(found)
        units = ", ".join(LEVEL_UNITS)
        problems.append(problem_at(node, f"`{key}` has one unit, found {what}", f"give one of {units}"))
    distance = node.get("atr")
    if isinstance(distance, MapNode) and "feature" in distance:
        check_feature(distance["feature"], scope, problems)
    if "price" in node:
        check_feature(node["price"], scope, problems)


def check_feature(node: Node, scope: Scope, problems: list[Problem]) -> None:
    """Check that a text names a feature, not a bar column."""
    if not isinstance(node, Scalar) or not node.text:
        return
    fault = scope.fault_of(node.text) or scope.price_fault(node.text)
    if fault is None and node.text in BAR_FIELDS:
        fault = f"`{node.text}` is a bar column", "name a feature, like {use: atr, length: 14}"
    if fault is not None:
        problems.append(problem_at(node, *fault))
