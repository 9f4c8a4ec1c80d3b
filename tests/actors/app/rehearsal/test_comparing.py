"""Two stories side by side: every kind of difference is found and named."""

from decimal import Decimal
from typing import Any

import attrs
import pytest

from actors.app.rehearsal.comparing import KINDS, compare
from actors.app.rehearsal.stories import DecisionLine, FillLine, OrderLine, Story

DECISION = DecisionLine("card", "entry", 60_000, "enter_long", Decimal(100))
ORDER = OrderLine("a1", "BUY", "LIMIT", Decimal(1), Decimal(100), None, "FILLED", Decimal(1))
FILL = FillLine("a1", 61_000, "BUY", Decimal(1), Decimal(100), Decimal("0.02"), True, "user")


def a_story(**changes: Any) -> Story:
    """One decision, its order and its fill, with some fields changed: `order_price=…`, `fill_fee=…`."""
    lines: dict[str, Any] = {"decision": DECISION, "order": ORDER, "fill": FILL}
    for name, value in changes.items():
        what, _, field = name.partition("_")
        lines[what] = attrs.evolve(lines[what], **{field: value})
    return Story([lines["decision"]], {lines["order"].link_id: lines["order"]}, [lines["fill"]])


def test_equal_stories_have_no_difference() -> None:
    found = compare(a_story(), a_story())
    assert found.is_equal
    assert (found.intents_equal, found.orders_equal, found.fills_equal) == (True, True, True)
    assert found.counts() == dict.fromkeys(KINDS, 0)


@pytest.mark.parametrize(
    ("changes", "kind", "equal"),
    [
        ({"decision_action": "enter_short"}, "signal", (False, True, True)),
        ({"decision_refusal": "POSITION_OPEN"}, "signal", (False, True, True)),
        ({"order_price": Decimal(101)}, "price", (True, False, True)),
        ({"order_trigger_price": Decimal(101)}, "price", (True, False, True)),
        ({"order_qty": Decimal(2)}, "size", (True, False, True)),
        ({"order_side": "SELL"}, "signal", (True, False, True)),
        ({"order_filled_qty": Decimal("0.5")}, "fill", (True, False, True)),
        ({"order_status": "WORKING"}, "timing", (True, False, True)),
        ({"fill_price": Decimal("100.1")}, "fill", (True, True, False)),
        ({"fill_qty": Decimal("0.9")}, "fill", (True, True, False)),
        ({"fill_fee": Decimal("0.021")}, "fee", (True, True, False)),
        ({"fill_time_ms": 61_001}, "timing", (True, True, False)),
    ],
)
def test_a_difference_has_its_kind(changes: dict[str, Any], kind: str, equal: tuple[bool, bool, bool]) -> None:
    found = compare(a_story(), a_story(**changes))
    assert (found.intents_equal, found.orders_equal, found.fills_equal) == equal
    assert found.counts() == dict.fromkeys(KINDS, 0) | {kind: 1}
    (difference,) = found.differences
    assert difference.simulated != difference.live


@pytest.mark.parametrize("is_simulated", [True, False])
def test_a_line_that_only_one_has_is_a_difference(is_simulated: bool) -> None:
    empty, full = Story(), a_story()
    found = compare(full, empty) if is_simulated else compare(empty, full)
    assert found.counts() == dict.fromkeys(KINDS, 0) | {"signal": 2, "fill": 1}
    assert all("nothing" in (one.simulated, one.live) for one in found.differences)
