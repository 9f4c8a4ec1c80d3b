"""The processor's state: the newest revision of each symbol, and approved orders not acknowledged yet."""

from decimal import Decimal
from typing import Any

import pytest

from actors.intents.actor import IntentProcessor
from actors.intents.messages import IntentRefused
from actors.intents.processor import RiskLimits
from actors.model.fixed import Money, Price, Qty
from actors.model.order import LocalStatus, Order, OrderRequest, OrderType, Side
from actors.model.position import FLAT, Position
from actors.model.result import RejectReason
from actors.orders.messages import ApprovedOrder, InFlightOrder, LedgerChanged, LedgerQuery
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from actors.strategy.messages import Decided, Facts
from ideacards.intents import Action, Intent, IntentMetadata, OrderKind, OrderSpec, PriceRef, Size, SizeKind
from runtime.messages import Ref
from runtime.testing import ActorHarness
from tests.actors.builders import an_instrument

BTC, ETH = an_instrument(), an_instrument(symbol="ETHUSDT")
HELD = Position(Qty(1000), Money(BTC.value(10_000, 1000)))
CARDS = {"card": BTC, "other": ETH}
BLOCKS = {(card, block): number for card in CARDS for number, block in enumerate(("in", "out"))}


def a_revision(revision: int, **changes: Any) -> LedgerChanged:
    facts: dict[str, Any] = {"symbol": "BTCUSDT", "wallet": Money(10**15), "position": FLAT, "in_flight": ()} | changes
    return LedgerChanged(revision, **facts)


class Desk:
    """The processor in the hand, up, with two cards of two symbols."""

    def __init__(self, state: TradingState = TradingState.ACTIVE, **ledger: Any) -> None:
        refs = {card: Ref(card) for card in CARDS}
        build = lambda: IntentProcessor(Ref("orders"), Ref("safety"), refs, BLOCKS, CARDS, RiskLimits())  # noqa: E731
        self.harness = ActorHarness(build, others=("orders", "safety", *CARDS))
        questions = {(type(m), getattr(m, "symbol", "")): number for _, m, number in self.harness.take()}
        started = []
        for kind, answer in (
            ((LedgerQuery, "BTCUSDT"), a_revision(1, **ledger)),
            ((TradingStateQuery, ""), TradingStateChanged(state, "planted")),
            ((LedgerQuery, "ETHUSDT"), a_revision(1, symbol="ETHUSDT")),
        ):
            started.append(self.harness.is_started)
            self.harness.answer(questions[kind], answer)
        assert [*started, self.harness.is_started] == [False, False, False, True]

    def decide(
        self, action: Action, bar: int = 1, *, card: str = "card", kind: OrderKind = OrderKind.MARKET, **facts: Any
    ) -> Any:
        """What it answers to an intent: an order to orders, or a refusal to the card."""
        price = None if kind is OrderKind.MARKET else PriceRef("close", offset_ticks=-1)
        size = Size(SizeKind.QUANTITY, Decimal(1))
        metadata = IntentMetadata(size, OrderSpec(kind, price))
        block = "out" if action is Action.EXIT else "in"
        intent = Intent(action, card, block, bar * 60_000, metadata)
        known: dict[str, Any] = {"close": Price(10_000), "equity": Money(10**15), "position": FLAT} | facts
        ((_, answer, _),) = self.harness.deliver(Decided(intent, Facts(**known)))
        return answer

    def refusal(self, *args: Any, **facts: Any) -> RejectReason | None:
        answer = self.decide(*args, **facts)
        return answer.refusal if isinstance(answer, IntentRefused) else None

    def tell(self, message: Any) -> None:
        assert self.harness.deliver(message) == []


def flying(bar: int, *, is_entry: bool = True, may_rest: bool = False) -> InFlightOrder:
    return InFlightOrder("card", "in" if is_entry else "out", bar * 60_000, is_entry, may_rest)


def ended(bar: int) -> Order:
    request = OrderRequest("ours", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1000))
    return Order(request, "card", "in", LocalStatus.REJECTED, bar * 60_000, is_entry=True)


def test_an_approved_entry_refuses_the_next_until_a_revision_says_that_it_has_ended() -> None:
    desk = Desk()
    assert isinstance(desk.decide(Action.ENTER_LONG), ApprovedOrder)
    for revision in (None, a_revision(2), a_revision(3, in_flight=(flying(1),))):
        if revision is not None:
            desk.tell(revision)
        assert desk.refusal(Action.ENTER_LONG, 2) is RejectReason.ENTRY_IN_FLIGHT
    desk.tell(a_revision(4, orders=(ended(1),)))
    assert desk.refusal(Action.ENTER_LONG, 3) is None


def test_an_entry_that_ended_before_any_revision_showed_it_in_flight_is_acknowledged_by_its_end() -> None:
    desk = Desk()
    desk.decide(Action.ENTER_LONG)
    desk.tell(a_revision(2, orders=(ended(1),)))
    assert desk.refusal(Action.ENTER_LONG, 2) is None


@pytest.mark.parametrize(("kind", "is_refused"), [(OrderKind.MARKET, True), (OrderKind.LIMIT, False)])
def test_an_exit_at_market_refuses_another_and_a_resting_one_does_not(kind: OrderKind, is_refused: bool) -> None:
    desk = Desk(position=HELD)
    assert desk.refusal(Action.EXIT, 1, kind=kind, position=HELD) is None
    wanted = RejectReason.EXIT_IN_FLIGHT if is_refused else None
    assert desk.refusal(Action.EXIT, 2, kind=kind, position=HELD) is wanted
    exit_ = flying(1, is_entry=False, may_rest=not is_refused)
    desk.tell(a_revision(2, position=HELD, in_flight=(exit_,)))
    assert desk.refusal(Action.EXIT, 3, kind=kind, position=HELD) is wanted


def test_facts_older_than_the_ledger_are_judged_by_the_ledgers_position() -> None:
    desk = Desk()
    desk.tell(a_revision(2, position=HELD))
    assert desk.refusal(Action.ENTER_LONG, position=FLAT) is RejectReason.POSITION_OPEN
    order = desk.decide(Action.EXIT, position=FLAT)
    assert (order.side, order.qty) == (Side.SELL, 1000)
    desk.tell(a_revision(3))
    assert desk.refusal(Action.EXIT, 2, position=HELD) is RejectReason.NO_POSITION


def test_an_older_revision_is_ignored() -> None:
    desk = Desk()
    desk.tell(a_revision(5, position=HELD))
    desk.tell(a_revision(4))
    assert desk.refusal(Action.ENTER_LONG, position=HELD) is RejectReason.POSITION_OPEN


def test_orders_in_flight_of_one_card_do_not_block_another() -> None:
    desk = Desk()
    desk.decide(Action.ENTER_LONG)
    order = desk.decide(Action.ENTER_LONG, card="other")
    assert (order.symbol, order.card_id) == ("ETHUSDT", "other")


def test_a_quarantine_blocks_entries_of_its_symbol_and_no_exit() -> None:
    desk = Desk(position=HELD)
    desk.tell(a_revision(2, position=HELD, quarantine="the venue holds more"))
    answer = desk.decide(Action.ENTER_LONG, position=HELD)
    assert (answer.refusal, answer.reason) == (RejectReason.QUARANTINED, "the venue holds more")
    assert desk.refusal(Action.EXIT, 2, position=HELD) is None
    assert desk.refusal(Action.ENTER_LONG, card="other") is None
    desk.tell(a_revision(3))
    assert desk.refusal(Action.ENTER_LONG, 3) is None


@pytest.mark.parametrize("decides_again", [True, False])
def test_after_a_new_life_of_orders_what_died_on_its_way_is_forgotten_and_what_was_approved_since_is_not(
    decides_again: bool,
) -> None:
    desk = Desk()
    desk.decide(Action.ENTER_LONG)
    desk.harness.kernel.kill(Ref("orders"))
    desk.harness.kernel.pump()
    questions = {message.symbol: number for _, message, number in desk.harness.take()}
    assert set(questions) == {"BTCUSDT", "ETHUSDT"}
    if decides_again:
        desk.tell(a_revision(2, orders=(ended(1),)))
        desk.decide(Action.ENTER_LONG, 2)
    desk.harness.answer(questions["BTCUSDT"], a_revision(1 << 33))
    assert desk.refusal(Action.ENTER_LONG, 3) is (RejectReason.ENTRY_IN_FLIGHT if decides_again else None)


def test_a_question_for_the_ledger_goes_on_to_orders_behind_what_was_approved() -> None:
    desk = Desk()
    number = desk.harness.kernel.ask(None, desk.harness.ref, LedgerQuery("BTCUSDT"), 10**9)
    desk.harness.kernel.pump()
    ((ref, question, correlation),) = desk.harness.take()
    assert (ref, question) == ("orders", LedgerQuery("BTCUSDT"))
    desk.harness.answer(correlation, a_revision(2))
    assert desk.harness.kernel.outside_answers[number] == a_revision(2)


@pytest.mark.parametrize(
    ("state", "entry", "exit_"),
    [
        (TradingState.ACTIVE, RejectReason.POSITION_OPEN, None),
        (TradingState.REDUCING, RejectReason.HALTED, None),
        (TradingState.HALTED, RejectReason.HALTED, RejectReason.HALTED),
    ],
)
def test_the_trading_state_lets_through_what_it_says(
    state: TradingState, entry: RejectReason, exit_: RejectReason | None
) -> None:
    desk = Desk(state, position=HELD)
    assert desk.refusal(Action.ENTER_LONG, position=HELD) is entry
    assert desk.refusal(Action.EXIT, position=HELD) is exit_
