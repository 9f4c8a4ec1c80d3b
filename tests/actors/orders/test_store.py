"""The store drops the oldest ended orders together with their ids."""

from actors.model.fixed import Qty
from actors.model.order import LocalStatus, Order, OrderRequest, OrderType, Side
from actors.orders import store
from actors.orders.store import OrderStore


def an_order(number: int) -> Order:
    request = OrderRequest(f"ours{number}", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1))
    return Order(request, "card", "block", LocalStatus.FILLED, 0)


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
