"""Two stories side by side: are intents, orders and fills equal, and if not, where first, and of which kind.

Kinds: `signal` (an intent or refusal that only one has), `price` and `size` (of an order), `fill` (an execution that
only one has, its price or quantity), `fee`, `timing` (the moment of an execution, or what had become of an order).
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

import attrs

from actors.app.rehearsal.stories import DecisionLine, FillLine, OrderLine, Story, as_text

__all__ = ["KINDS", "Difference", "StoryComparison", "compare"]

KINDS = ("signal", "price", "size", "fill", "fee", "timing")


@attrs.frozen
class Difference:
    """One difference: what the simulator has, and what the live stack has."""

    kind: str
    where: str
    simulated: str
    live: str


@attrs.frozen
class StoryComparison:
    """What was compared, and every difference in the order of the streams."""

    intents_equal: bool
    orders_equal: bool
    fills_equal: bool
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def counts(self) -> dict[str, int]:
        """Differences by kind."""
        return {kind: sum(one.kind == kind for one in self.differences) for kind in KINDS}


def compare(simulated: Story, live: Story) -> StoryComparison:
    """Line by line."""
    signals = list(_decisions(simulated.decisions, live.decisions))
    orders = list(_orders(simulated.orders, live.orders))
    fills = list(_fills(simulated.fills, live.fills))
    return StoryComparison(not signals, not orders, not fills, (*signals, *orders, *fills))


def _decisions(simulated: Sequence[DecisionLine], live: Sequence[DecisionLine]) -> Iterable[Difference]:
    for one, other in zip_longest(simulated, live):
        if one != other:
            line = one or other
            assert line is not None
            yield Difference("signal", f"{line.block_id} at {line.bar_close_ms}", _text(one), _text(other))


def _orders(simulated: dict[str, OrderLine], live: dict[str, OrderLine]) -> Iterable[Difference]:
    for link_id in dict.fromkeys((*simulated, *live)):
        one, other = simulated.get(link_id), live.get(link_id)
        if one is None or other is None:
            yield Difference("signal", link_id, _text(one), _text(other))
        elif one != other:
            yield Difference(_kind_of_order(one, other), link_id, _text(one), _text(other))


def _kind_of_order(one: OrderLine, other: OrderLine) -> str:
    if (one.price, one.trigger_price) != (other.price, other.trigger_price):
        return "price"
    if one.qty != other.qty:
        return "size"
    if (one.side, one.type) != (other.side, other.type):
        return "signal"
    return "fill" if one.filled_qty != other.filled_qty else "timing"


def _fills(simulated: Sequence[FillLine], live: Sequence[FillLine]) -> Iterable[Difference]:
    for one, other in zip_longest(simulated, live):
        if one != other:
            line = one or other
            assert line is not None
            yield Difference(_kind_of_fill(one, other), f"{line.link_id} at {line.time_ms}", _text(one), _text(other))


def _kind_of_fill(one: FillLine | None, other: FillLine | None) -> str:
    if one is None or other is None:
        return "fill"
    names = [name for name in attrs.fields_dict(FillLine) if getattr(one, name) != getattr(other, name)]
    if names == ["fee"]:
        return "fee"
    return "timing" if names == ["time_ms"] else "fill"


def _text(line: Any) -> str:
    return "nothing" if line is None else as_text(line)
