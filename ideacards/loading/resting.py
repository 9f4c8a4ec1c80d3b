"""How a resting order is written: its offset by a feature, when it expires, and how it follows its price."""

from decimal import Decimal
from typing import Annotated

import attrs

from ideacards.errors import Problem
from ideacards.intents import Expiry, Follow
from ideacards.loading.clock_rules import TimeOfDay
from ideacards.loading.rules import Number, Text, Whole, WrittenPart, problem_at
from ideacards.loading.tree import ListNode, MapNode, Node, Scalar

__all__ = [
    "EXPIRY_UNITS",
    "FOLLOW_UNITS",
    "MAX_RUNGS",
    "WrittenExpiry",
    "WrittenFollow",
    "WrittenOffset",
    "check_ladder",
    "check_resting",
    "expiry_of",
    "follow_of",
]

EXPIRY_UNITS = ("bars", "until", "when")
FOLLOW_UNITS = ("ticks", "percent")
MAX_RUNGS = 20  # as many as a ladder of targets may have


@attrs.frozen
class WrittenOffset:
    """A feature's value times a signed number."""

    feature: Annotated[str, Text()]
    multiple: Annotated[Decimal, Number(at_least=-1000, at_most=1000)] = Decimal(1)


@attrs.frozen
class WrittenExpiry:
    """After so many exec bars, at a time of day in UTC, or when a condition holds: exactly one."""

    bars: Annotated[int, Whole(1, 1_000_000)] | None = None
    until: Annotated[int, TimeOfDay()] | None = None
    when: Annotated[Node, WrittenPart("condition")] | None = None


@attrs.frozen
class WrittenFollow:
    """By how much the price must have moved for the order to be moved: exactly one."""

    ticks: Annotated[int, Whole(1)] | None = None
    percent: Annotated[Decimal, Number(above=0, at_most=100)] | None = None


def expiry_of(written: WrittenExpiry | None) -> Expiry | None:
    """What it becomes; None without one, and for a condition."""
    return None if written is None or written.when is not None else Expiry(written.bars, written.until)


def follow_of(written: WrittenFollow | None) -> Follow | None:
    """What it becomes."""
    return None if written is None else Follow(written.ticks, written.percent)


def check_ladder(order: MapNode, action: str, problems: list[Problem]) -> None:
    """Check that a ladder stands in a limit entry, in the place of its price."""
    ladder, kind = order.get("ladder"), order.get("type")
    if ladder is None:
        return
    if action in ("exit", "scale_out"):
        hint = "an exit in steps is the entry's `targets`, or a case with `fraction`"
        problems.append(problem_at(ladder, "`ladder` goes with an entry", hint))
    if not isinstance(kind, Scalar) or kind.text != "limit":
        problems.append(problem_at(ladder, "a ladder is made of limit orders", "give it `type: limit`"))
    if "price" in order:
        what = "`price` and `ladder` in one order"
        problems.append(problem_at(order["price"], what, "each rung has a price of its own: leave this one away"))
    if isinstance(ladder, ListNode) and not 1 <= len(ladder) <= MAX_RUNGS:
        problems.append(problem_at(ladder, f"found {len(ladder)} rungs", f"write 1 to {MAX_RUNGS}"))


def check_resting(order: MapNode, action: str, problems: list[Problem]) -> None:
    """Check what only goes with a resting entry, one unit each."""
    kind = order.get("type")
    is_market = not isinstance(kind, Scalar) or kind.text == "market"
    for key, units in (("expires", EXPIRY_UNITS), ("follow", FOLLOW_UNITS)):
        stated = order.get(key)
        if stated is None:
            continue
        if is_market or action in ("exit", "scale_out"):
            problems.append(
                problem_at(stated, f"`{key}` goes with an entry that rests", "give it a limit or stop order")
            )
        if key == "follow" and isinstance(kind, Scalar) and kind.text == "stop_limit":
            problems.append(problem_at(stated, "a stop_limit order has two prices", "use limit or stop"))
        if isinstance(stated, MapNode) and sum(unit in stated for unit in units) != 1:
            problems.append(problem_at(stated, f"`{key}` has one unit", f"give {' or '.join(units)}"))
    is_limit = isinstance(kind, Scalar) and kind.text in ("limit", "stop_limit")
    for key in ("time_in_force", "post_only"):
        if key in order and not is_limit:
            problems.append(problem_at(order[key], f"`{key}` goes with a limit order", "give it `type: limit`"))
    tif, post = order.get("time_in_force"), order.get("post_only")
    if isinstance(tif, Scalar) and tif.text != "gtc" and isinstance(post, Scalar) and post.text.lower() == "true":
        problems.append(problem_at(order["post_only"], f"a post-only order rests, and {tif.text} does not", "keep one"))
