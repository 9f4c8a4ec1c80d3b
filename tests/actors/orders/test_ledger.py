"""The ledger against a slow one: position, wallet and orders in flight of a revision agree after any events."""

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.backend import PositionReport
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, Order, OrderRequest, OrderType, Side
from actors.model.origins import ExecType
from actors.model.position import FLAT, Position
from actors.orders.ledger import Ledger
from actors.orders.messages import Reconciled
from tests.actors.builders import an_instrument

BTC, ETH = an_instrument(), an_instrument(symbol="ETHUSDT", qty_digits=2, step=Qty(1))
# Money of both counts alike: ETH's rate has a digit more, as the files' instruments are made to agree.
ETH = msgspec.structs.replace(ETH, rate_digits=6)
START = Money(10**15)


def a_ledger() -> Ledger:
    ledger = Ledger({"BTCUSDT": BTC, "ETHUSDT": ETH})
    for symbol in ("BTCUSDT", "ETHUSDT"):
        assert ledger.reconcile(stated(symbol)) == ""
    ledger.revise()
    return ledger


def stated(symbol: str = "BTCUSDT", qty: int = 0, wallet: int = START, time_ms: int = 0) -> Reconciled:
    position = Position(Qty(qty), Money(qty)) if qty else FLAT
    return Reconciled(PositionReport(symbol, position, None, None, time_ms), Money(wallet), time_ms)


def a_fill(number: int, signed: int, price: int = 10_000, symbol: str = "BTCUSDT", **changes: object) -> Fill:
    side = Side.BUY if signed >= 0 else Side.SELL
    fill = Fill(f"e{number}", "o", "", symbol, side, Price(price), Qty(abs(signed)), Money(7), False, 1_000 * number)
    return msgspec.structs.replace(fill, **changes)


def an_order(link_id: str = "ours", status: LocalStatus = LocalStatus.SENT) -> Order:
    request = OrderRequest(link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(5), Price(9_000))
    return Order(request, "card", "block", status, 60_000, is_entry=True)


FILLS = st.lists(
    st.tuples(st.integers(-9, 9), st.integers(1, 2_000), st.sampled_from(["BTCUSDT", "ETHUSDT"])), max_size=40
)


@settings(deadline=None)
@given(FILLS)
def test_wallet_and_positions_equal_those_of_exact_fractions(fills: list[tuple[int, int, str]]) -> None:
    """Cash in and out: wallet + the cost of what is held is the start less all that was paid, to the last unit."""
    ledger, cash, held = a_ledger(), Fraction(START), {"BTCUSDT": 0, "ETHUSDT": 0}
    for number, (signed, price, symbol) in enumerate(fills):
        instrument = BTC if symbol == "BTCUSDT" else ETH
        ledger.book(a_fill(number, signed, price, symbol), None)
        cash -= 7 + signed * Fraction(instrument.value(price, 1))
        held[symbol] += signed
        (changed,) = ledger.revise()
        assert (changed.symbol, changed.position.qty) == (symbol, held[symbol])
        costs = sum(ledger.as_it_is(name).position.cost for name in held)
        assert changed.wallet == cash + costs
        assert changed.last_fill_ms == 1_000 * number


def test_no_change_makes_no_revision_and_each_change_makes_one() -> None:
    ledger = a_ledger()
    before = ledger.as_it_is("BTCUSDT").revision
    assert ledger.revise() == ()
    ledger.book(a_fill(1, 2), None)
    ledger.book(a_fill(2, 3), None)
    (changed,) = ledger.revise()
    assert (changed.revision, [fill.exec_id for fill in changed.fills]) == (before + 1, ["e1", "e2"])
    assert ledger.revise() == ()
    assert ledger.as_it_is("BTCUSDT").fills == ()


def test_a_revision_of_two_symbols_is_two_messages_with_one_number_and_one_wallet() -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, 2), None)
    ledger.book(a_fill(1, 2, symbol="ETHUSDT"), None)
    one, two = ledger.revise()
    assert (one.symbol, two.symbol) == ("BTCUSDT", "ETHUSDT")
    assert (one.revision, one.wallet) == (two.revision, two.wallet)


def test_a_fill_its_order_and_what_is_in_flight_agree_in_one_revision() -> None:
    ledger, order = a_ledger(), an_order()
    ledger.add(order)
    assert [flying.is_resting for flying in ledger.as_it_is("BTCUSDT").in_flight] == [False]
    order.status = LocalStatus.WORKING
    ledger.changed(order)
    (resting,) = ledger.revise()
    assert [flying.is_resting for flying in resting.in_flight] == [True]
    ledger.book(a_fill(1, 5, link_id="ours"), order)
    order.status = LocalStatus.FILLED
    ledger.changed(order)
    (filled,) = ledger.revise()
    assert filled.in_flight == ()
    assert filled.position.qty == 5
    assert [(done.status, done.filled_qty) for done in filled.orders] == [(LocalStatus.FILLED, 5)]
    assert resting.orders[0].status is LocalStatus.WORKING, "what was told stays as it was"


def test_the_entry_whose_levels_count_is_known_with_its_newest_price_until_its_position_is_gone() -> None:
    ledger, order = a_ledger(), an_order()
    order.stop_loss = Decimal(1)
    ledger.add(order)
    for number, price in ((1, 9_000), (2, 8_990)):
        ledger.book(a_fill(number, 1, price, link_id="ours"), order)
        protected = ledger.as_it_is("BTCUSDT").protected
        assert protected is not None
        assert protected.last_price == price
    ledger.book(a_fill(3, -1), None)
    assert ledger.as_it_is("BTCUSDT").protected is not None, "one unit is left"
    ledger.book(a_fill(4, -1), None)
    assert ledger.as_it_is("BTCUSDT").protected is None


def test_a_payment_moves_the_wallet_alone() -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, 4, fee=Money(-11), exec_type=ExecType.FUNDING), None)
    (changed,) = ledger.revise()
    assert (changed.position, changed.wallet) == (FLAT, START + 11)


@pytest.mark.parametrize("known", range(4))
def test_a_position_of_any_moment_between_the_newest_executions_is_no_drift(known: int) -> None:
    ledger = a_ledger()
    signed = [5, -2, 4]
    for number, qty in enumerate(signed):
        ledger.book(a_fill(number, qty, time_ms=10_000 + number), None)
    wallet = ledger.wallet
    assert ledger.reconcile(stated(qty=sum(signed[:known]), wallet=wallet, time_ms=10_001)) == ""
    assert ledger.as_it_is("BTCUSDT").position.qty == 7, "our own exact count stays"


def test_a_position_that_no_execution_explains_is_a_drift_in_words_and_is_not_taken_over() -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, 5), None)
    drift = ledger.reconcile(stated(qty=6, wallet=ledger.wallet, time_ms=1_000))
    assert drift == "the venue holds 0.006 BTCUSDT, the executions come to 0.005"
    assert ledger.reconcile(stated(qty=0, wallet=ledger.wallet, time_ms=9_000)) != "", "long after the execution"
    assert ledger.as_it_is("BTCUSDT").position.qty == 5
    ledger.adopt(Position(Qty(6), Money(60)), "BTCUSDT")
    assert ledger.as_it_is("BTCUSDT").position == Position(Qty(6), Money(60))


def test_a_wallet_of_a_moment_between_the_newest_executions_is_ours_and_any_other_is_the_venues() -> None:
    ledger = a_ledger()
    ledger.book(a_fill(1, 5), None)
    ledger.book(a_fill(2, -5, 10_100), None)
    ours = ledger.wallet
    for symbol in ("BTCUSDT", "ETHUSDT"):
        ledger.reconcile(stated(symbol, wallet=START - 7, time_ms=2_000))
    assert ledger.wallet == ours
    for symbol in ("BTCUSDT", "ETHUSDT"):
        ledger.reconcile(stated(symbol, wallet=START + 500, time_ms=2_000))
    assert ledger.wallet == START + 500, "transfers and interest come without an execution"


def test_the_first_statement_is_taken_over_unless_the_symbol_trades_meanwhile() -> None:
    ledger = Ledger({"BTCUSDT": BTC})
    ledger.book(a_fill(1, 2), None)
    assert "for the first time" in ledger.reconcile(stated(qty=9, time_ms=1_500))
    assert ledger.reconcile(stated(qty=9, time_ms=5_000)) == ""
    told = ledger.as_it_is("BTCUSDT")
    assert (told.position.qty, told.wallet) == (9, START)


def test_a_quarantine_is_told_once_and_ends_once() -> None:
    ledger = a_ledger()
    ledger.quarantine("BTCUSDT", "why")
    (changed,) = ledger.revise()
    assert changed.quarantine == "why"
    ledger.quarantine("BTCUSDT", "why")
    assert ledger.revise() == ()
    ledger.quarantine("BTCUSDT", "")
    assert ledger.revise()[0].quarantine == ""


def test_a_restart_begins_where_the_checkpoint_ends() -> None:
    ledger, order = a_ledger(), an_order()
    ledger.add(order)
    ledger.book(a_fill(1, 5, link_id="ours"), order)
    again = Ledger({"BTCUSDT": BTC, "ETHUSDT": ETH})
    again.recall_order(order)
    again.recall_execution(a_fill(1, 5))
    again.recall(ledger.checkpoint("BTCUSDT"))
    one, two = ledger.as_it_is("BTCUSDT"), again.as_it_is("BTCUSDT")
    assert (one.position, one.wallet, one.last_fill_ms) == (two.position, two.wallet, two.last_fill_ms)
    assert not again.is_new(a_fill(1, 5))
    assert again.view("BTCUSDT").complete_ms == ledger.view("BTCUSDT").complete_ms
    assert again.reconcile(stated(qty=5, wallet=ledger.wallet, time_ms=1_000)) == ""


def test_a_checkpoint_of_a_symbol_that_is_not_traded_any_more_is_left_aside() -> None:
    ledger = a_ledger()
    ledger.recall(msgspec.structs.replace(ledger.checkpoint("BTCUSDT"), symbol="DOGEUSDT", wallet=Money(1)))
    assert ledger.wallet == START


def test_the_time_up_to_which_executions_are_complete_never_goes_back() -> None:
    ledger = a_ledger()
    for time_ms in (5_000, 3_000):
        ledger.reconcile(stated(time_ms=time_ms))
    assert ledger.view("BTCUSDT").complete_ms == 5_000


def test_adopting_a_flat_position_forgets_whose_levels_it_should_have_and_any_other_does_not() -> None:
    for qty, is_kept in ((5, True), (0, False)):
        ledger, order = a_ledger(), an_order()
        order.stop_loss = Decimal(1)
        ledger.add(order)
        ledger.book(a_fill(1, 5, link_id="ours"), order)
        ledger.adopt(Position(Qty(qty), Money(qty)), "BTCUSDT")
        assert (ledger.as_it_is("BTCUSDT").protected is not None) is is_kept


def test_a_first_position_is_told_in_a_revision() -> None:
    ledger = Ledger({"BTCUSDT": BTC})
    ledger.reconcile(stated(qty=9))
    (changed,) = ledger.revise()
    assert changed.position.qty == 9


@settings(deadline=None)
@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=5))
def test_executions_out_of_order_and_again_come_to_the_same_order_position_and_wallet(
    sequence: list[int], again: list[int]
) -> None:
    """Five fills of one order, each at its price, in every order and some of them twice."""
    stories = []
    for numbers in (range(5), [*sequence, *again]):
        ledger, order = a_ledger(), an_order()
        ledger.add(order)
        for number in numbers:
            fill = a_fill(number, 1, 9_000 + number, link_id="ours")
            if ledger.is_new(fill):
                ledger.book(fill, order)
        told = ledger.as_it_is("BTCUSDT")
        stories.append((told.position, told.wallet, told.last_fill_ms, order.filled_qty, order.filled_value))
    assert stories[0] == stories[1]
    assert stories[0][3] == 5
