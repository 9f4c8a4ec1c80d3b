"""The evaluation tree of a condition: three-valued, with the values, and by how much a comparison fails."""

from math import nan

import pytest

from ideacards.expressions.checker import check
from ideacards.expressions.columns import Columns
from ideacards.expressions.evaluation import Clause, evaluated
from ideacards.expressions.scope import Scope
from ideacards.feeds import Feeds
from ideacards.position_view import PositionView
from tests.ideacards.builders import a_card, bars_of

CLOSES = [10, 12, 11, 15, 14, 13, 20]
FEATURES = "features:\n  fast: {use: sma, length: 2}\n  slow: {use: sma, length: 4}"


def clause(text: str, index: int = 6, view: PositionView | None = None) -> Clause:
    feeds = Feeds.build(a_card(features=FEATURES), bars_of(CLOSES))
    columns = Columns(feeds.column)
    columns.extend(len(CLOSES))
    tree, complaints = check(text, Scope(("fast", "slow")))
    assert not complaints
    assert tree is not None
    return evaluated(tree, columns, index, PositionView() if view is None else view)


@pytest.mark.parametrize(
    ("text", "index", "holds", "detail"),
    [
        ("close > 18", 6, True, "20 > 18"),
        ("close > 25", 6, False, "20 > 25; short by 5, 20 % of the right side"),
        ("close < 20", 6, False, "20 < 20; the two are equal"),
        ("fast - slow > 3", 6, False, "1 > 3; short by 2, 66.66666667 % of the right side (with fast 16.5, slow 15.5)"),
        ("close >= slow", 2, None, "11 >= unknown; unknown: slow"),
        ("1 / (close - open) > 2", 6, None, "unknown > 2; unknown: 1 / (close - open) (a division by zero)"),
        ("position.entry_price < close", 6, None, "unknown < 20; unknown: position.entry_price"),
        ("bars_since(close > 14) >= 2", 5, True, "2 >= 2"),
        ("bars_since(close > 14) >= 3", 5, False, "2 >= 3; short by 1, 33.33333333 % of the right side"),
        ("rising(close, 2)", 6, False, "held at 1 of the last 2 bars, 2 needed"),
        ("held_for(9, close > 9)", 6, None, "held at 7 of the last 9 bars, 9 needed; unknown at 2"),
        ("position.long", 6, False, "there is no position"),
    ],
)
def test_what_a_clause_tells(text: str, index: int, holds: bool | None, detail: str) -> None:
    found = clause(text, index)
    assert (found.text, found.holds, found.detail) == (text, holds, detail)


def test_a_tree_has_its_parts_and_kleenes_values() -> None:
    found = clause("position.flat and (close > 25 or not close < slow)", 2)
    assert found.holds is None
    flat, either = found.parts
    assert (flat.holds, either.holds) == (True, None)
    above, not_below = either.parts
    assert (above.holds, not_below.holds) == (False, None)
    (below,) = not_below.parts
    assert below.detail == "11 < unknown; unknown: slow"


def test_the_account_is_told_as_it_is() -> None:
    held = PositionView(qty_sign=-1, size=-0.5, entry_price=21.25, equity=nan)
    assert clause("position.flat", view=held).detail == "the position is short, -0.5 at 21.25"
    flying = PositionView(has_entry_in_flight=True)
    found = clause("position.flat", view=flying)
    assert (found.holds, found.detail) == (False, "there is no position, but an entry is in flight")
    assert clause("close > position.entry_price", view=held).detail.startswith("20 > 21.25; short by 1.25")
