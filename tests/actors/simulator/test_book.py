"""The next order that the price reaches is the one a linear scan finds, for any book and any leg."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.errors import InvariantError
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, Side, TriggerDirection
from actors.model.origins import Origin
from actors.simulator.matching.book import PendingOrderBook
from actors.simulator.matching.pending import PendingOrder

Spec = tuple[int, bool, bool]  # level, is a trigger, is met by a falling price


def an_order(number: int, spec: Spec) -> PendingOrder:
    level, is_trigger, is_falling = Price(spec[0]), spec[1], spec[2]
    if is_trigger:
        direction = TriggerDirection.FALL if is_falling else TriggerDirection.RISE
        request = OrderRequest(
            f"id-{number}", "X", Side.BUY, OrderType.MARKET, Qty(1), trigger_price=level, trigger_direction=direction
        )
    else:
        side = Side.BUY if is_falling else Side.SELL
        request = OrderRequest(f"id-{number}", "X", side, OrderType.LIMIT, Qty(1), price=level)
    order = PendingOrder(request, f"o{number}", 0, Origin.USER)
    order.number = number
    return order


def scanned(orders: list[PendingOrder], specs: dict[int, Spec], through: int, start: int, end: int) -> object:
    """All orders looked at, one by one: who is met, and where."""
    met = []
    for order in orders:
        level, is_trigger, is_falling = specs[order.number]
        needed = 0 if is_trigger else through
        if is_falling and min(start, end) <= level - needed:
            met.append((start - level, order.number, order, min(level, start)))
        if not is_falling and max(start, end) >= level + needed:
            met.append((level - start, order.number, order, max(level, start)))
    if not met:
        return None
    _, _, order, price = min(met, key=lambda each: each[:2])
    return order, price


specs = st.tuples(st.integers(1, 40), st.booleans(), st.booleans())


@given(
    st.lists(specs, max_size=12),
    st.lists(st.integers(0, 11), max_size=4),
    st.integers(0, 3),
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=8),
)
def test_the_next_meeting_is_a_linear_scans(
    orders: list[Spec], removed: list[int], through: int, legs: list[tuple[int, int]]
) -> None:
    book = PendingOrderBook(through)
    inside = [an_order(number, spec) for number, spec in enumerate(orders)]
    for order in reversed(inside):
        book.add(order)
    for number in removed:
        gone = next((order for order in inside if order.number == number), None)
        if gone is not None:
            book.remove(gone)
            inside.remove(gone)
    assert book.size == len(inside)
    for start, end in legs:
        expected = scanned(inside, dict(enumerate(orders)), through, start, end)
        met = book.next_met(start, end)
        assert (None if met is None else tuple(met)) == expected
        if met is not None:
            assert book.fall_level >= min(start, end) or book.rise_level <= max(start, end)


def test_an_order_that_is_not_there_cannot_be_taken_out() -> None:
    book = PendingOrderBook(1)
    book.add(an_order(1, (10, False, True)))
    with pytest.raises(InvariantError, match="o2"):
        book.remove(an_order(2, (10, False, True)))
