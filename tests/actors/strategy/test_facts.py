"""What fills come to: the position's opening, how trades ended, the drawdown; and what a restart knows of them."""

from decimal import Decimal
from math import inf, isnan
from typing import Any

import msgspec
import pytest

from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, Order, OrderRequest, OrderType, Side
from actors.model.origins import CreateType, ExecType, StopOrderType
from actors.model.position import FLAT, Position, apply_fill
from actors.orders.messages import LedgerChanged
from actors.strategy.facts import TRADES_TOPIC, AccountFacts, TradeRecord
from ideacards.position_view import ExitReason, PositionView
from runtime.journal.messages import Recalled
from runtime.messages import Remember
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.actors.strategy.test_actor import CARD, SYMBOL, Desk

PLACE = an_instrument()
ONE = 10**PLACE.money_digits
START = Money(10_000 * ONE)
CLOSES = [100.0, 104.0, 98.0, 101.0, 110.0, 90.0, 95.0, 95.0]
BARS = a_market([(close, close + 2, close - 3, close) for close in CLOSES])
STOPPED: dict[str, Any] = {
    "create_type": CreateType.BY_STOP_LOSS,
    "stop_order_type": StopOrderType.STOP_LOSS,
}


class Account:
    """A ledger in the hand: fills go in, revisions reach the facts."""

    def __init__(self, facts: AccountFacts | None = None) -> None:
        self.facts = facts or AccountFacts(PLACE, is_alone=True)
        self.facts.look_at(BARS)
        self.position, self.wallet, self.number, self.last_ms = FLAT, START, 1, 0

    def begin(self, record: TradeRecord | None = None, **changes: Any) -> None:
        self.facts.record = record or TradeRecord()
        self.facts.begin(self.revision(**changes), self.last_ms)

    def revision(self, **changes: Any) -> LedgerChanged:
        known: dict[str, Any] = {"wallet": self.wallet, "position": self.position, "last_fill_ms": self.last_ms}
        return LedgerChanged(self.number, SYMBOL, in_flight=(), **(known | changes))

    def fill(
        self,
        bar: float,
        side: Side,
        qty: int,
        price: float,
        *,
        entry: str = "",
        stop: str | None = None,
        fee: int = 0,
        **kind: Any,
    ) -> bool:
        """One execution so many bars after the first open; whether the facts have changed."""
        self.number += 1
        self.last_ms = int(bar * MINUTE_MS)
        at = Price(round(price * 100))
        fill = Fill(f"x{self.number}", "v", entry, SYMBOL, side, at, Qty(qty), Money(fee), False, self.last_ms, **kind)
        orders: tuple[Order, ...] = ()
        if entry:
            request = OrderRequest(entry, SYMBOL, side, OrderType.MARKET, Qty(qty))
            loss = None if stop is None else Decimal(stop)
            orders = (Order(request, CARD, "entry", LocalStatus.FILLED, 0, is_entry=True, stop_loss=loss),)
        realised = Money(0)
        if fill.traded_qty:
            self.position, realised = apply_fill(self.position, side * qty, PLACE.value(at, qty))
        self.wallet = Money(self.wallet + realised - fee)
        return self.facts.follow(self.revision(fills=(fill,), orders=orders), self.last_ms)

    def view(self) -> PositionView:
        view = PositionView()
        self.facts.show(view)
        return view


def begun() -> Account:
    account = Account()
    account.begin()
    return account


def test_before_the_first_trade_nothing_is_known_and_any_cooldown_is_over() -> None:
    view = begun().view()
    assert isnan(view.entry_bar)
    assert (view.exit_bar, view.loss_bar, view.last_exit) == (-inf, -inf, None)
    assert isnan(view.last_result)
    assert isnan(view.moving.best_price(3))
    assert view.moving.entries_today(3) == 0


def test_a_long_knows_its_entry_bar_its_risk_and_the_extremes_since() -> None:
    account = begun()
    assert account.fill(2, Side.BUY, 1000, 104, entry="a", stop="1.5")
    view = account.view()
    assert view.entry_bar == 1, "the last bar that had closed: at the close of bar 2 it is one bar old"
    assert view.risk_percent == 1.5
    assert isnan(view.moving.best_price(1))
    assert [view.moving.best_price(index) for index in (2, 3, 4, 5)] == [100.0, 103.0, 112.0, 112.0]
    assert [view.moving.worst_price(index) for index in (5, 4)] == [87.0, 95.0], "in any order"


def test_of_a_short_the_lowest_price_is_the_best() -> None:
    account = begun()
    account.fill(2, Side.SELL, 1000, 104, entry="a")
    view = account.view()
    assert (view.moving.best_price(4), view.moving.worst_price(4)) == (95.0, 112.0)
    assert isnan(view.risk_percent)


def test_an_addition_keeps_the_opening_and_counts_as_an_entry_once() -> None:
    account = begun()
    account.fill(1, Side.BUY, 1000, 104, entry="a", stop="2")
    account.fill(2, Side.BUY, 500, 98, entry="b", stop="7")
    account.fill(2.5, Side.BUY, 500, 98, entry="b", stop="7")
    view = account.view()
    assert (view.entry_bar, view.risk_percent, view.moving.entries_today(4)) == (0, 2.0, 2)


def test_entries_of_yesterday_do_not_count_today() -> None:
    facts = AccountFacts(PLACE, is_alone=True)
    facts.look_at(a_market([(100.0, 100.0, 100.0, 100.0)] * 2, 86_400_000 - 2 * MINUTE_MS))
    facts.record = TradeRecord(entries=(86_400_000 - 1, 86_400_000))
    assert [facts.entries_today(index) for index in (0, 1)] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({}, ExitReason.EXIT),
        (STOPPED, ExitReason.STOP_LOSS),
        ({"create_type": CreateType.BY_TAKE_PROFIT, "stop_order_type": StopOrderType.TAKE_PROFIT}, "take_profit"),
        ({"create_type": CreateType.BY_LIQ, "exec_type": ExecType.BUST_TRADE}, ExitReason.LIQUIDATION),
    ],
)
def test_the_end_of_a_trade_has_a_bar_a_reason_and_a_result_net_of_fees(kind: dict[str, Any], reason: str) -> None:
    account = begun()
    account.fill(1, Side.BUY, 2000, 100, entry="a", fee=ONE // 2)
    account.fill(2, Side.SELL, 1000, 98, fee=ONE // 4)
    assert account.view().exit_bar == -inf, "a part is no end"
    account.fill(3, Side.BUY, 1000, 50, fee=ONE, exec_type=ExecType.FUNDING)
    account.fill(4.5, Side.SELL, 1000, 101, fee=ONE // 4, **kind)
    view = account.view()
    assert (view.exit_bar, view.loss_bar, view.last_exit) == (3, 3, reason)
    assert view.last_result == -2 + 1 - 0.5 - 0.25 - 1 - 0.25
    assert isnan(view.entry_bar)


def test_a_flip_ends_one_trade_and_opens_the_next() -> None:
    account = begun()
    account.fill(1, Side.BUY, 1000, 100, entry="a", stop="1")
    account.fill(3, Side.SELL, 3000, 110, entry="b", stop="4")
    view = account.view()
    assert (view.exit_bar, view.entry_bar, view.risk_percent, view.loss_bar) == (2, 2, 4.0, -inf)
    assert view.last_result == 10


def test_the_drawdown_is_from_the_highest_equity_at_a_close() -> None:
    account = begun()
    account.fill(1, Side.BUY, 100_000, 100, entry="a")
    equities = [START + Money(PLACE.value(round(close * 100), 100_000)) - account.position.cost for close in CLOSES]
    shown = [account.facts.drawdown(index, Money(equities[index])) for index in range(1, 6)]
    assert shown == pytest.approx([0, 600 / 10_400 * 100, 300 / 10_400 * 100, 0, 2_000 / 11_000 * 100])
    jumped = begun()
    jumped.fill(1, Side.BUY, 100_000, 100, entry="a")
    assert jumped.facts.drawdown(5, Money(equities[5])) == shown[-1], "whichever bars it was asked at"
    jumped.fill(6, Side.SELL, 100_000, 90)
    assert jumped.facts.drawdown(7, jumped.wallet) == pytest.approx(2_000 / 11_000 * 100)


def test_a_restart_with_the_remembered_record_knows_the_same() -> None:
    account = begun()
    account.fill(1, Side.BUY, 1000, 100, entry="a", stop="1")
    account.fill(2, Side.SELL, 1000, 104, **STOPPED)
    account.fill(3, Side.SELL, 1000, 98, entry="b", stop="3")
    account.facts.drawdown(4, account.wallet)
    again = Account()
    again.position, again.wallet, again.last_ms = account.position, account.wallet, account.last_ms
    assert account.facts.record is not None
    kept = msgspec.json.decode(msgspec.json.encode(account.facts.record), type=TradeRecord)
    again.begin(kept)
    mine, theirs = account.view(), again.view()
    for name in ("entry_bar", "risk_percent", "exit_bar", "loss_bar", "last_exit", "last_result"):
        assert getattr(mine, name) == getattr(theirs, name), name
    assert mine.moving.best_price(5) == theirs.moving.best_price(5) == 87.0
    equity = Money(account.wallet - 5)
    assert account.facts.drawdown(6, equity) == again.facts.drawdown(6, equity)


def test_a_fill_that_was_missed_is_known_by_its_time_alone() -> None:
    account = begun()
    account.fill(1, Side.BUY, 1000, 100, entry="a", stop="1")
    kept = account.facts.record
    ended = Account()
    ended.last_ms = 3 * MINUTE_MS
    ended.begin(kept)
    view = ended.view()
    assert (view.exit_bar, view.last_exit, view.loss_bar) == (2, ExitReason.OTHER, -inf)
    assert isnan(view.last_result)
    opened = Account()
    opened.last_ms, opened.position = 3 * MINUTE_MS, Position(Qty(1000), Money(PLACE.value(10_000, 1000)))
    opened.begin()
    assert (opened.view().entry_bar, opened.view().moving.entries_today(4)) == (2, 1)


def test_a_strategy_whose_card_reads_trades_recalls_them_and_remembers_each_change() -> None:
    desk = Desk(starts=False, reads_trades=True)
    desk.harness.answer(desk.asked[TRADES_TOPIC], Recalled(TRADES_TOPIC, ()))
    desk.begin(0, LedgerChanged(1, SYMBOL, START, FLAT, ()))
    desk.harness.remembered()
    account = Account()
    account.begin()
    account.fill(3, Side.BUY, 1000, 100, entry="a")
    fill = Fill("x", "v", "a", SYMBOL, Side.BUY, Price(10_000), Qty(1000), Money(0), False, 3 * MINUTE_MS)
    desk.tell(LedgerChanged(2, SYMBOL, START, account.position, (), fills=(fill,), last_fill_ms=3 * MINUTE_MS))
    (kept,) = [each for each in desk.harness.remembered() if each.topic == TRADES_TOPIC]
    assert kept == Remember(TRADES_TOPIC, CARD, kept.value)
    assert (kept.value.side, kept.value.opened_ms) == (1, 3 * MINUTE_MS)
