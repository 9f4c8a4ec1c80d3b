"""Sending an order: its id, its journal entry, its deadline, and what is in flight."""

from typing import Any

import msgspec
import pytest

from actors.model.backend import PrivateFrame, SubmitOrder
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, OrderType, Side, TriggerDirection, VenueStatus
from actors.model.result import OrderResult, RequestOutcome
from actors.orders.link_id import card_code, link_id
from actors.orders.messages import InFlightOrder, LedgerQuery, NeverArrived
from actors.reconciler.messages import ReconcileNow
from runtime.journal.messages import Recall, Recalled
from runtime.spec import SECOND_NS
from tests.actors.builders import an_instrument
from tests.actors.orders.desk import ACCEPTED, CARD, TOO_MANY, UNKNOWN, Desk, opened

EXIT: dict[str, Any] = {"side": Side.SELL, "is_entry": False, "reduce_only": True}
MARKET: dict[str, Any] = {"type": OrderType.MARKET, "price": None}
STOP: dict[str, Any] = {**MARKET, "trigger_price": Price(8_000), "trigger_direction": TriggerDirection.FALL}


def test_it_is_up_when_the_journal_has_told_orders_executions_and_what_they_came_to() -> None:
    desk = Desk()
    questions = [said for said in desk.harness.crash() if isinstance(said[1], Recall)]
    assert len(questions) == 3
    for _, question, number in questions:
        assert not desk.harness.is_started
        desk.harness.answer(number, Recalled(question.topic, ()))
    assert desk.harness.is_started


def test_the_id_is_a_function_of_what_was_decided() -> None:
    assert Desk().place(block_index=7, bar_close_ms=120_000) == link_id("test", card_code(CARD), 7, 0, 120_000)


def test_an_order_that_is_held_is_in_the_journal_and_goes_out_once() -> None:
    desk = Desk(is_open=False)
    assert desk.place() == ""
    (memory,) = desk.memories
    assert (memory.topic, memory.key, memory.value.status) == ("orders", memory.value.request.link_id, 1)
    desk.said = desk.harness.deliver(opened())
    assert [type(message) for message in desk.told("port")] == [SubmitOrder]
    desk.said = desk.harness.deliver(opened())
    assert desk.told("port") == []


def test_an_order_that_was_withdrawn_while_it_was_held_is_not_sent() -> None:
    desk = Desk(is_open=False)
    desk.place()
    desk.place(block_index=1)
    desk.withdraw()
    desk.place(block_index=2)
    desk.said = desk.harness.deliver(opened())
    assert len(desk.told("port")) == 1


def test_an_exit_that_says_what_a_held_one_says_does_not_go_out_beside_it() -> None:
    desk = Desk(is_open=False)
    desk.place(**EXIT)
    desk.place(**EXIT, bar_close_ms=120_000)
    assert desk.said == []
    desk.said = desk.harness.deliver(opened())
    assert len(desk.told("port")) == 1


def test_an_entry_goes_out_beside_an_exit_and_an_exit_beside_an_entry() -> None:
    desk = Desk()
    assert desk.place(**EXIT)
    assert desk.place(block_index=1)
    assert desk.cancels() == []
    desk = Desk()
    assert desk.place()
    assert desk.place(**EXIT, block_index=1)
    assert desk.cancels() == []


def test_a_decision_sent_twice_places_one_order_and_publishes_its_current_state() -> None:
    desk = Desk()
    ours = desk.place()
    assert desk.place() == ""
    desk.accept()
    desk.report(ours, VenueStatus.NEW)
    assert desk.place() == ""
    assert desk.states() == [LocalStatus.WORKING]


@pytest.mark.parametrize("round_trip", [0, 4])
def test_every_answer_is_waited_for_thirty_seconds_and_a_round_trip(round_trip: int) -> None:
    just_before = (30 + round_trip) * SECOND_NS - 1
    desk = Desk(round_trip_ns=round_trip * SECOND_NS)
    desk.place()
    assert desk.harness.advance(just_before) == []
    desk.said = desk.harness.advance(1)
    (wanted,) = desk.told("reconciler")
    assert isinstance(wanted, ReconcileNow)
    assert wanted.reason == "no answer from port: timeout"
    for newer in ({"price": Price(9_100)}, MARKET):
        desk = Desk(round_trip_ns=round_trip * SECOND_NS)
        ours = desk.place(**EXIT)
        desk.accept()
        desk.report(ours, VenueStatus.NEW)
        desk.place(**{**EXIT, "block_index": 1, **newer})
        desk.said = desk.harness.advance(just_before)
        assert desk.cancels() == []
        desk.said = desk.harness.advance(1)
        if newer is MARKET:
            assert desk.cancels() == []
            desk.said = desk.harness.advance(SECOND_NS)
        assert len(desk.cancels()) == 1


def test_an_order_sent_again_after_it_had_been_lost_is_late_and_no_longer_in_doubt() -> None:
    desk = Desk()
    ours = desk.place()
    desk.harness.answer(desk.submitted, UNKNOWN)
    desk.said = desk.harness.deliver(NeverArrived(ours))
    (again,) = [number for _, message, number in desk.said if isinstance(message, SubmitOrder)]
    (memory,) = desk.memories
    assert (memory.value.status, memory.value.attempts, memory.value.reason) == (LocalStatus.JOURNALED, 2, "late")
    assert desk.harness.deliver(NeverArrived(ours)) == [], "its answer is awaited"
    desk.harness.answer(again, ACCEPTED)
    desk.report(ours, VenueStatus.NEW)
    (order,) = desk.orders()
    assert order.reason == "late"


def test_an_order_proven_never_to_have_arrived_that_is_not_ours_is_left_alone() -> None:
    assert Desk().harness.deliver(NeverArrived("another")) == []


def test_what_is_in_flight_is_told_with_whether_it_may_rest() -> None:
    desk = Desk()
    desk.place(block_id="limit")
    desk.place(block_index=1, block_id="market", **MARKET)
    desk.place(block_index=2, block_id="stop", **{**STOP, **EXIT})
    told = [(order.block_id, order.is_entry, order.may_rest) for order in desk.ledger().in_flight]
    assert told == [("limit", True, True), ("market", True, False), ("stop", False, True)]


def test_a_ledger_query_before_the_first_reconciliation_is_answered_once_after_it() -> None:
    desk = Desk(is_open=False)
    desk.place(block_id="b")
    kernel = desk.harness.kernel
    number = kernel.ask(None, desk.harness.ref, LedgerQuery("BTCUSDT"), SECOND_NS)
    kernel.pump()
    assert number not in kernel.outside_answers
    desk.harness.deliver(opened())
    (told,) = kernel.outside_answers[number].in_flight
    assert told == InFlightOrder(CARD, "b", 60_000, True, True, entry=told.entry)
    desk.harness.deliver(opened())
    assert desk.harness.dead_letters() == {}


def test_the_venues_id_is_on_the_record_and_an_order_over_the_rate_is_not_in_doubt() -> None:
    desk = Desk()
    ours = desk.place()
    desk.harness.answer(desk.submitted, OrderResult(RequestOutcome.ACCEPTED, order_id="o1"))
    desk.report(ours, VenueStatus.NEW)
    (order,) = desk.orders()
    assert order.order_id == "o1"
    desk = Desk()
    desk.place()
    desk.said = desk.harness.answer(desk.submitted, TOO_MANY)
    assert desk.said == []


def test_an_order_is_known_by_the_id_of_its_first_execution() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    fill = Fill("e1", "o7", ours, "BTCUSDT", Side.BUY, Price(9_000), Qty(2), Money(1), False, 61_000)
    desk.harness.deliver(PrivateFrame((fill,)))
    unnamed = msgspec.structs.replace(fill, link_id="", exec_id="e2", qty=Qty(3))
    desk.said = desk.harness.deliver(PrivateFrame((unnamed,)))
    (ended,) = desk.revision().orders
    value = an_instrument().value(9_000, 5)
    assert (ended.order_id, ended.filled_qty, ended.filled_value) == ("o7", 5, value)
