"""The text of an expression reads back as the same expression."""

import pytest

from ideacards.expressions.checker import check
from ideacards.expressions.scope import Scope
from ideacards.expressions.wording import text_of

SCOPE = Scope(("fast", "slow"))
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
