"""The store against naive sets: each execution once, holes known, and the oldest ended orders forgotten."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, Order, OrderRequest, OrderType, Side
from actors.orders import store
from actors.orders.store import OrderStore

FILL = Fill("e", 1, "", "", "BTCUSDT", Side.BUY, Price(1), Qty(1), Money(0), is_maker=False, time_ms=0)


def an_order(number: int) -> Order:
    request = OrderRequest(f"ours{number}", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1))
    return Order(request, "card", "block", LocalStatus.FILLED, 0)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(1, 12), max_size=40))
def test_an_execution_is_new_once_and_a_hole_is_known_until_it_is_filled(sequence: list[int]) -> None:
    books, seen = OrderStore(), set[int]()
    for seq in sequence:
        fill = msgspec.structs.replace(FILL, seq=seq, time_ms=10 * seq)
        assert books.is_new(fill) is (seq not in seen)
        seen.add(seq)
        whole = next(last for last in range(len(seen) + 1) if last + 1 not in seen)
        assert books.last_seq == whole
        assert bool(books.ahead) is (max(seen) > whole)
        assert books.last_fill_ms == 10 * max(seen)


def test_ended_orders_are_forgotten_in_the_order_in_which_they_ended() -> None:
    books = OrderStore()
    kept, more = store._MAX_ENDED, 5
    for number in range(kept + more):
        order = an_order(number)
        books.add(order)
        books.learn_id(order, f"theirs{number}")
        books.ended(order)
        books.ended(order)  # an ending told twice is one
    assert not books.open
    for number in range(more):
        assert books.find(f"ours{number}") is books.find("", f"theirs{number}") is None
    for number in (more, kept + more - 1):
        found = books.find("", f"theirs{number}")
        assert found is not None
        assert found is books.find(f"ours{number}")
