"""orderLinkId: its format, its bounds, and that it is a pure function of the decision."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.orders.link_id import PREFIX, base36, card_code, link_id

LAST_MS = 36**9 - 1


@settings(deadline=None, max_examples=200)
@given(st.text(min_size=1), st.integers(0, 1295), st.integers(0, LAST_MS), st.integers(0, 35))
def test_an_id_is_short_plain_and_repeatable(card: str, block: int, close_ms: int, revision: int) -> None:
    ours = link_id("simu", card_code(card), block, 0, close_ms, revision)
    assert ours == link_id("simu", card_code(card), block, 0, close_ms, revision)
    assert len(ours) <= 36
    assert ours.startswith(PREFIX + "simu")
    assert set(ours) <= set(string.ascii_lowercase + string.digits)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 1295), st.integers(0, LAST_MS)), min_size=2, max_size=2, unique=True))
def test_different_decisions_have_different_ids(decisions: list[tuple[int, int]]) -> None:
    (block_a, close_a), (block_b, close_b) = decisions
    code = card_code("card")
    assert link_id("simu", code, block_a, 0, close_a) != link_id("simu", code, block_b, 0, close_b)


def test_an_id_is_written_as_documented() -> None:
    ours = link_id("simu", "abc123", 1, 0, 1733007600000, 2)
    assert ours == "cfsimu" + "abc123" + "01" + "0" + base36(1733007600000, 9) + "2"
    assert int(base36(1733007600000, 9), 36) == 1733007600000


@pytest.mark.parametrize(("value", "width"), [(36, 1), (-1, 3), (36**9, 9)])
def test_a_number_that_does_not_fit_is_refused(value: int, width: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        base36(value, width)
