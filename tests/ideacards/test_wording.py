"""The text of an expression reads back as the same expression."""

import pytest

from ideacards.expressions.checker import check
from ideacards.expressions.scope import Scope
from ideacards.expressions.wording import text_of
from ideacards.sessions import Session

SCOPE = Scope(("fast", "slow"))
LONDON = Session("Europe/London", 480, 990, (0, 1, 2, 3, 4))
TEXTS = (
    "close > 100",
    "crosses_above(fast, slow) and position.flat",
    "crosses_below(fast[2], slow * 2)",
    "not (position.long or fast > slow)",
    "(fast - slow) / (high - low) >= -0.5",
    "fast - (slow - close) < 1 / (2 / close)",
    "abs(fast - slow) < max(1, min(high, low[3]))",
    "(close > open or position.short) and (true or not false)",
    "position.entry_price * 1.02 <= close",
    "-(fast + slow) * 2 > equity",
    "time.weekday <= fri and time.hour >= 8",
    "position.last_exit == stop_loss or position.last_exit != exit",
    "position.unrealised_percent > 2 and position.bars_in_trade >= 10",
    "position.bars_since_loss >= 5 and position.unrealised_r < 1",
    "rising(fast, 3) and falling(slow[1], 2)",
    "held_for(3, close > fast) or within_last(5, crosses_above(fast, slow))",
    "count_true(10, 6, close > open)",
    "bars_since(crosses_above(fast, slow)) < 4",
    "close > value_when(crosses_above(fast, slow), close)",
)


@pytest.mark.parametrize("text", TEXTS)
def test_text_and_tree_are_each_others(text: str) -> None:
    tree, complaints = check(text, SCOPE)
    assert not complaints
    assert tree is not None
    assert text_of(tree) == text
    assert check(text_of(tree), SCOPE)[0] == tree


def test_a_chain_is_told_as_its_comparisons() -> None:
    tree, _ = check("1 < fast <= slow", SCOPE)
    assert tree is not None
    assert text_of(tree) == "1 < fast and fast <= slow"


def test_a_session_is_told_by_its_times() -> None:
    tree, _ = check("session.london and close > fast", Scope(("fast",), sessions={"london": LONDON}))
    assert tree is not None
    assert text_of(tree) == "session(08:00 to 16:30 Europe/London on mon tue wed thu fri) and close > fast"
