"""Safety lowers the trading state once, and the journal keeps it."""

import pytest

from actors.clocksync.messages import FollowClock, Synchronised, Unsynchronised
from actors.maintenance.messages import VenueClosing, VenueOpen
from actors.model.fixed import Money
from actors.model.position import FLAT
from actors.orders.messages import LedgerChanged
from actors.protection.messages import Unprotected
from actors.safety.actor import Safety
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref, Remember
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness

FLOOR = Money(900)
SYNCHRONISED = Synchronised()
HALTED = TradingStateChanged(TradingState.HALTED, "by hand")


def a_safety(
    floor: Money | None = FLOOR,
    memory: tuple[tuple[str, TradingStateChanged], ...] = (),
    clock: Synchronised | Unsynchronised = SYNCHRONISED,
    *,
    is_clock_first: bool = False,
) -> ActorHarness:
    others = ("journal", "intents", "clock")
    harness = ActorHarness(lambda: Safety(Ref("journal"), Ref("intents"), Ref("clock"), floor), others=others)
    (_, recall, memory_asked), (_, follow, clock_asked) = harness.take()
    assert (recall, follow) == (Recall("trading_state"), FollowClock(Ref("actor")))
    answers = [(memory_asked, Recalled("trading_state", memory)), (clock_asked, clock)]
    for correlation, answer in reversed(answers) if is_clock_first else answers:
        assert not harness.is_started
        harness.answer(correlation, answer)
    assert harness.is_started
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


def test_the_lowered_state_is_sent_once_and_never_raised() -> None:
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


# -- the venue's clock ----------------------------------------------------------------------------------------------

LOST = TradingStateChanged(TradingState.REDUCING, "the clock stepped")


def told(safety: ActorHarness, message: object) -> list[tuple[Ref, object]]:
    return [(ref, said) for ref, said, _ in safety.deliver(message)]


def test_without_the_venues_time_only_closes_go_out_until_it_is_known_again() -> None:
    safety = a_safety(None)
    assert told(safety, Unsynchronised("the clock stepped")) == [("intents", LOST)]
    assert safety.ask(TradingStateQuery()) == LOST
    assert told(safety, Synchronised()) == [("intents", TradingStateChanged(TradingState.ACTIVE, ""))]
    assert safety.ask(TradingStateQuery()).state is TradingState.ACTIVE


@pytest.mark.parametrize("is_clock_first", [False, True])
def test_a_start_on_a_clock_that_is_not_synchronised_allows_no_new_risk(*, is_clock_first: bool) -> None:
    safety = a_safety(None, clock=Unsynchronised("the clock stepped"), is_clock_first=is_clock_first)
    assert safety.ask(TradingStateQuery()) == LOST


def test_a_synchronised_clock_lifts_nothing_that_a_loss_took_down() -> None:
    safety = a_safety()
    told(safety, Unsynchronised("the clock stepped"))
    lowered = TradingStateChanged(TradingState.REDUCING, "loss limit reached")
    assert told(safety, wallet(900)) == [("intents", lowered)]
    assert safety.remembered() == [Remember("trading_state", "state", lowered)]
    assert told(safety, Synchronised()) == []
    assert told(safety, Unsynchronised("again")) == []
    assert safety.ask(TradingStateQuery()) == lowered


def test_a_halt_by_hand_is_not_softened_by_the_clock() -> None:
    safety = a_safety(memory=(("state", HALTED),))
    assert told(safety, Unsynchronised("the clock stepped")) == []
    assert safety.ask(TradingStateQuery()) == HALTED


def test_a_new_life_of_the_clock_is_asked_and_its_answer_counts() -> None:
    safety = a_safety(None)
    safety.deliver(Unsynchronised("the clock stepped"))
    safety.kernel.kill(Ref("clock"))
    safety.kernel.pump()
    ((ref, question, correlation),) = safety.take()
    assert (ref, question) == ("clock", FollowClock(Ref("actor")))
    said = safety.answer(correlation, Synchronised())
    assert [(ref, message) for ref, message, _ in said] == [("intents", TradingStateChanged(TradingState.ACTIVE, ""))]


def test_a_clock_that_dies_with_the_question_is_asked_again_at_its_next_life() -> None:
    safety = a_safety(None)
    safety.deliver(Unsynchronised("the clock stepped"))
    for _ in range(2):
        safety.kernel.kill(Ref("clock"))
        safety.kernel.pump()
    died, asked = safety.take()
    assert safety.answer(died[2], Synchronised()) == []
    assert [message for _, message, _ in safety.answer(asked[2], Synchronised())] == [
        TradingStateChanged(TradingState.ACTIVE, "")
    ]
    assert safety.incarnation == 1


def test_a_living_clock_that_does_not_answer_is_a_fault() -> None:
    safety = a_safety(None)
    safety.kernel.kill(Ref("clock"))
    safety.kernel.pump()
    safety.advance(30 * SECOND_NS)
    assert safety.incarnation == 2


def test_a_maintenance_lowers_the_state_while_it_lasts_and_nothing_is_journaled() -> None:
    safety = a_safety()
    lowered = TradingStateChanged(TradingState.REDUCING, "planned maintenance")
    assert safety.deliver(VenueOpen()) == []
    assert [message for _, message, _ in safety.deliver(VenueClosing("planned maintenance"))] == [lowered]
    assert safety.ask(TradingStateQuery()) == lowered
    assert safety.deliver(VenueClosing("planned maintenance")) == []
    assert [message.state for _, message, _ in safety.deliver(VenueOpen())] == [TradingState.ACTIVE]
    assert safety.remembered() == []


def test_a_clock_that_is_not_known_outlasts_a_maintenance_and_a_loss_both() -> None:
    safety = a_safety(clock=Unsynchronised("stepped"))
    assert safety.deliver(VenueClosing("planned maintenance")) == []
    assert safety.deliver(VenueOpen()) == []
    assert safety.ask(TradingStateQuery()).reason == "stepped"
    safety.deliver(wallet(900))
    assert safety.deliver(VenueClosing("planned maintenance")) == []
    assert safety.ask(TradingStateQuery()).reason == "loss limit reached"
