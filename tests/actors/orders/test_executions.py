"""An execution is booked once, however often, by whichever way and in whatever order it comes."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, Side
from actors.orders.executions import BookedExecutions, key_of

FILL = Fill("e", "o", "ours", "BTCUSDT", Side.BUY, Price(1), Qty(2), Money(0), is_maker=False, time_ms=0)


def a_fill(number: int, **changes: object) -> Fill:
    return msgspec.structs.replace(FILL, exec_id=f"e{number}", time_ms=10 * number, **changes)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["BTCUSDT", "ETHUSDT"])), max_size=60))
def test_an_execution_is_new_once_and_ids_are_per_symbol(sequence: list[tuple[int, str]]) -> None:
    known, seen = BookedExecutions(), list[tuple[int, str]]()
    for number, symbol in sequence:
        fill = a_fill(number, symbol=symbol)
        assert known.is_new(fill) is ((number, symbol) not in seen)
        if known.is_new(fill):
            assert known.add(fill) == ""
        seen.append((number, symbol))


def test_the_oldest_is_forgotten_and_whatever_is_older_still_counts_as_known() -> None:
    known = BookedExecutions(capacity=3)
    forgotten = [known.add(a_fill(number)) for number in (1, 2, 3, 4, 5)]
    assert forgotten == ["", "", "", "linear/BTCUSDT/e1", "linear/BTCUSDT/e2"]
    assert not known.is_new(a_fill(1)), "forgotten, and older than the oldest"
    assert not known.is_new(a_fill(4))
    assert known.is_new(a_fill(6))
    assert key_of(a_fill(6)) == "linear/BTCUSDT/e6"


def test_what_an_order_of_the_venues_own_has_executed_is_counted_and_bounded() -> None:
    known = BookedExecutions(capacity=2)
    for number in (1, 2):
        known.add(a_fill(number, link_id="", order_id="stop"))
    known.add(a_fill(3))
    assert (known.executed_qty("stop"), known.executed_qty("o")) == (4, 0)
    for number in (4, 5):
        known.add(a_fill(number, link_id="", order_id=f"stop{number}"))
    assert known.executed_qty("stop") == 0
