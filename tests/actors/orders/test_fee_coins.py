"""A fee in another coin than the wallet's: base coin comes off what was received, a third coin is named."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Category, Fill, Side
from actors.orders.ledger import Ledger
from actors.orders.messages import DriftFound
from tests.actors.builders import an_instrument
from tests.actors.orders.desk import Desk, opened

SPOT = an_instrument(category="spot")
ONE = SPOT.base_unit  # one unit of quantity on Money's grid
BUY = Fill(
    "e1", "o1", "", "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(7), False, 61_000, category=Category.SPOT,
)  # fmt: skip


def a_ledger() -> Ledger:
    ledger = Ledger({"BTCUSDT": SPOT})
    assert ledger.reconcile(opened(wallet=10**15)) == ""
    return ledger


def a_fill(number: int, **changes: object) -> Fill:
    return msgspec.structs.replace(BUY, exec_id=f"e{number}", **changes)


def test_the_coins_of_an_instrument() -> None:
    assert (SPOT.base_coin, SPOT.settle_coin) == ("BTC", "USDT")
    assert SPOT.base_unit * 10**SPOT.qty_digits == 10**SPOT.money_digits, "one coin"


@pytest.mark.parametrize("coin", ["", "USDT"])
def test_a_fee_in_the_settle_coin_is_paid_from_the_wallet(coin: str) -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, fee_currency=coin), None)
    assert (ledger.as_it_is("BTCUSDT").position.qty, ledger.wallet) == (5, 10**15 - 7)


def test_a_spot_buy_that_pays_in_base_coin_receives_less_and_costs_what_it_cost() -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, qty=Qty(1_000), fee=Money(ONE), fee_currency="BTC"), None)
    told = ledger.as_it_is("BTCUSDT")
    assert told.position.qty == 999, "all of it, and no more, can be sold"
    assert told.position.cost == SPOT.value(9_000, 1_000)
    assert told.wallet == 10**15


def test_the_whole_received_quantity_can_be_sold_again() -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, qty=Qty(1_000), fee=Money(ONE), fee_currency="BTC"), None)
    ledger.book(a_fill(2, side=Side.SELL, qty=Qty(999), fee=Money(3), fee_currency="USDT"), None)
    told = ledger.as_it_is("BTCUSDT")
    assert (told.position.qty, told.position.cost) == (0, 0)
    assert told.wallet == 10**15 - SPOT.value(9_000, 1) - 3, "the fee is the value of the quantity not received"


FILLS = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 2 * ONE), st.booleans()), max_size=30)


@settings(deadline=None)
@given(FILLS)
def test_many_fees_that_are_parts_of_a_unit_are_exact(fills: list[tuple[int, int, bool]]) -> None:
    """Position and rest are the coins that exist; wallet and cost together are the money that moved."""
    ledger, coins, money = a_ledger(), Fraction(0), 10**15
    for number, (qty, fee, is_buy) in enumerate(fills):
        side = Side.BUY if is_buy else Side.SELL
        ledger.book(a_fill(number, side=side, qty=Qty(qty), fee=Money(fee), fee_currency="BTC"), None)
        coins += side * qty - Fraction(fee, ONE)
        money -= side * SPOT.value(9_000, qty)
        told, rest = ledger.as_it_is("BTCUSDT"), ledger.checkpoint("BTCUSDT").base_rest
        assert told.position.qty + Fraction(rest, ONE) == coins
        assert 0 <= rest < ONE
        assert told.wallet - told.position.cost == money


def test_the_rest_of_a_unit_is_known_after_a_restart() -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, fee=Money(ONE // 4), fee_currency="BTC"), None)
    booked = ledger.checkpoint("BTCUSDT")
    assert (booked.position.qty, booked.base_rest) == (4, ONE * 3 // 4)
    again = Ledger({"BTCUSDT": SPOT})
    again.recall(booked)
    again.book(a_fill(2, fee=Money(ONE // 4), fee_currency="BTC"), None)
    assert (again.as_it_is("BTCUSDT").position.qty, again.checkpoint("BTCUSDT").base_rest) == (9, ONE // 2)


def test_a_fee_in_a_third_coin_moves_neither_wallet_nor_position_and_is_named() -> None:
    desk = Desk()
    before = desk.ledger()
    odd = msgspec.structs.replace(BUY, category=Category.LINEAR, fee_currency="MNT", fee=Money(12 * 10**10))
    desk.said = desk.harness.deliver(PrivateFrame((odd,)))
    told = desk.revision()
    assert (told.position.qty, told.wallet) == (5, before.wallet)
    whats = [message.what for message in desk.noted() if isinstance(message, DriftFound)]
    assert whats == ["execution e1 has a fee of 12 MNT, which the wallet does not count"]
