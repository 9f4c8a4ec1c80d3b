"""Position arithmetic: what is realised and what is held always add up to the cash that moved."""

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.position import FLAT, apply_fill

FILLS = st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 1000)), max_size=30)


@settings(deadline=None, max_examples=300)
@given(FILLS)
def test_realised_minus_cost_is_the_cash_that_moved(fills: list[tuple[int, int]]) -> None:
    position, cash, realised = FLAT, 0, 0
    for signed_qty, price in fills:
        value = abs(signed_qty) * price
        position, gain = apply_fill(position, signed_qty, value)
        realised += gain
        cash += -value if signed_qty > 0 else value
        assert cash == realised - position.cost
        assert position.qty or position.cost == 0


@settings(deadline=None, max_examples=300)
@given(FILLS)
def test_quantity_is_the_sum_and_opening_realises_nothing(fills: list[tuple[int, int]]) -> None:
    position = FLAT
    for signed_qty, price in fills:
        before = position.qty
        position, gain = apply_fill(position, signed_qty, abs(signed_qty) * price)
        assert position.qty == before + signed_qty
        if before == 0 or (before > 0) == (signed_qty > 0):
            assert gain == 0


def test_a_flip_closes_at_the_old_cost_and_opens_at_the_new_price() -> None:
    long, _ = apply_fill(FLAT, 2, 200)
    short, gain = apply_fill(long, -5, 550)
    assert gain == 20
    assert (short.qty, short.cost) == (-3, -330)
