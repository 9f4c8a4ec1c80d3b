"""The trading state goes down by itself, once, and is remembered."""

from actors.model.fixed import Money
from actors.model.position import FLAT
from actors.orders.messages import LedgerChanged
from actors.protection.messages import Unprotected
from actors.safety.actor import Safety
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref, Remember
from runtime.testing import ActorHarness

FLOOR = Money(900)
HALTED = TradingStateChanged(TradingState.HALTED, "by hand")


def a_safety(floor: Money | None = FLOOR, memory: tuple[tuple[str, TradingStateChanged], ...] = ()) -> ActorHarness:
    harness = ActorHarness(lambda: Safety(Ref("journal"), Ref("intents"), floor), others=("journal", "intents"))
    ((_, question, correlation),) = harness.take()
    assert question == Recall("trading_state")
    before = harness.is_started
    harness.answer(correlation, Recalled("trading_state", memory))
    assert (before, harness.is_started) == (False, True)
    return harness


def wallet(money: int) -> LedgerChanged:
    return LedgerChanged(1, "BTCUSDT", Money(money), FLAT, ())


def test_at_the_floor_only_closes_go_out_and_above_it_all_does() -> None:
    safety = a_safety()
    assert safety.deliver(wallet(901)) == []
    said = safety.deliver(wallet(900))
    lowered = TradingStateChanged(TradingState.REDUCING, "loss limit reached")
    assert [(ref, message) for ref, message, _ in said] == [("intents", lowered)]
    assert safety.remembered() == [Remember("trading_state", "state", lowered)]
    assert safety.ask(TradingStateQuery()) == lowered


def test_it_is_told_once_and_never_goes_up() -> None:
    safety = a_safety()
    safety.deliver(wallet(900))
    assert safety.deliver(wallet(800)) == []
    assert safety.deliver(wallet(2_000)) == []
    assert safety.ask(TradingStateQuery()).state is TradingState.REDUCING


def test_without_a_floor_no_loss_lowers_it() -> None:
    safety = a_safety(None)
    assert safety.deliver(wallet(0)) == []
    assert safety.ask(TradingStateQuery()).state is TradingState.ACTIVE


def test_a_position_without_protection_allows_no_new_risk() -> None:
    safety = a_safety(None)
    assert len(safety.deliver(Unprotected("BTCUSDT", "why"))) == 1
    assert safety.ask(TradingStateQuery()) == TradingStateChanged(TradingState.REDUCING, "BTCUSDT is unprotected: why")


def test_a_state_from_before_a_restart_stands_and_is_not_softened() -> None:
    safety = a_safety(memory=(("state", HALTED),))
    assert safety.ask(TradingStateQuery()) == HALTED
    assert safety.deliver(wallet(1)) == []
    assert safety.ask(TradingStateQuery()) == HALTED
