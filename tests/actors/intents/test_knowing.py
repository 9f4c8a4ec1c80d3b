"""What the processor waits for at its start, what acknowledges an order, and what a quarantine blocks."""

from itertools import permutations
from typing import Any

import pytest

from actors.intents.actor import IntentProcessor
from actors.intents.processor import InFlightView, RiskLimits, process
from actors.model.position import FLAT, Position
from actors.model.result import RejectReason
from actors.orders.messages import LedgerQuery
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from ideacards.intents import Action
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from tests.actors.intents.test_actor import BLOCKS, CARDS, Desk, a_revision, flying
from tests.actors.intents.test_quotes import HELD, PLACE, decided

Question = tuple[type, str]
ANSWERS: dict[Question, Any] = {
    (LedgerQuery, "BTCUSDT"): a_revision(1),
    (LedgerQuery, "ETHUSDT"): a_revision(1, symbol="ETHUSDT"),
    (TradingStateQuery, ""): TradingStateChanged(TradingState.ACTIVE, ""),
}


def starting() -> tuple[ActorHarness, dict[Question, int]]:
    """The processor before any answer, and the correlation of each question."""
    refs = {card: Ref(card) for card in CARDS}
    build = lambda: IntentProcessor(Ref("orders"), Ref("safety"), refs, BLOCKS, CARDS, RiskLimits())  # noqa: E731
    harness = ActorHarness(build, others=("orders", "safety", *CARDS))
    return harness, {(type(m), getattr(m, "symbol", "")): number for _, m, number in harness.take()}


@pytest.mark.parametrize("order", list(permutations(ANSWERS)))
def test_it_has_started_with_the_last_answer_in_any_order(order: tuple[Question, ...]) -> None:
    harness, asked = starting()
    for question in order:
        assert not harness.is_started
        harness.answer(asked[question], ANSWERS[question])
    assert harness.is_started


@pytest.mark.parametrize("silent", list(ANSWERS))
def test_no_answer_to_a_start_query_is_a_crash(silent: Question) -> None:
    harness, asked = starting()
    for question in ANSWERS:
        if question != silent:
            harness.answer(asked[question], ANSWERS[question])
    harness.advance(60 * SECOND_NS - 1)
    assert harness.kernel.life.outcome is None
    harness.advance(1)
    assert harness.kernel.life.outcome is not None


def test_a_crash_of_orders_does_not_crash_the_processor() -> None:
    desk = Desk()
    life = desk.harness.incarnation
    for _ in range(2):  # the second while the questions of the first are open
        desk.harness.kernel.kill(Ref("orders"))
        desk.harness.kernel.pump()
        assert len(desk.harness.take()) == 2
    assert desk.harness.incarnation == life


def test_once_a_revision_shows_an_order_in_flight_the_ledger_alone_says_when_it_ends() -> None:
    desk = Desk()
    desk.decide(Action.ENTER_LONG)
    desk.tell(a_revision(2, in_flight=(flying(1),)))
    desk.tell(a_revision(3))
    assert desk.refusal(Action.ENTER_LONG, 2) is None


def test_what_another_symbol_has_under_way_is_not_acknowledged_by_an_answer_of_this_one() -> None:
    desk = Desk()
    desk.decide(Action.ENTER_LONG)
    desk.decide(Action.ENTER_LONG, card="other")
    desk.harness.kernel.kill(Ref("orders"))
    desk.harness.kernel.pump()
    asked = {message.symbol: number for _, message, number in desk.harness.take()}
    desk.harness.answer(asked["BTCUSDT"], a_revision(1 << 33))
    assert desk.refusal(Action.ENTER_LONG, 2, card="other") is RejectReason.ENTRY_IN_FLIGHT
    desk.harness.answer(asked["ETHUSDT"], a_revision(1 << 33, symbol="ETHUSDT"))
    assert desk.refusal(Action.ENTER_LONG, 2, card="other") is None


@pytest.mark.parametrize("action", [Action.ENTER_LONG, Action.ENTER_SHORT, Action.QUOTE_BUY, Action.QUOTE_SELL])
@pytest.mark.parametrize("position", [FLAT, HELD])
@pytest.mark.parametrize("has_entry", [True, False])
def test_a_quarantine_refuses_all_that_adds_risk_before_anything_else_is_judged(
    action: Action, position: Position, *, has_entry: bool
) -> None:
    """Only the trading state, which is the account's, comes before it."""
    flight = InFlightView(has_entry, has_exit=False, quarantine="why")
    for state, refusal in (
        (TradingState.ACTIVE, RejectReason.QUARANTINED),
        (TradingState.REDUCING, RejectReason.HALTED),
    ):
        answer = process(decided(action, position=position), flight, state, RiskLimits(), PLACE, 0)
        assert getattr(answer, "refusal", None) is refusal
