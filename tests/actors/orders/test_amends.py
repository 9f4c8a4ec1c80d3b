"""A newer exit that differs from the resting one in prices and quantity alone is an amend of it."""

from typing import Any

import pytest

from actors.model.backend import AmendOrder, SubmitOrder
from actors.model.fixed import Price, Qty
from actors.model.order import LocalStatus, Order, OrderType, Side, TriggerDirection, VenueStatus
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.orders.messages import OrderUpdated
from actors.reconciler.messages import ReconcileNow
from runtime.spec import SECOND_NS
from tests.actors.orders.desk import ACCEPTED, TOO_LATE, TOO_MANY, UNKNOWN, Desk

EXIT: dict[str, Any] = {"side": Side.SELL, "is_entry": False, "reduce_only": True}
NEWER: dict[str, Any] = {**EXIT, "block_index": 1, "block_id": "n", "bar_close_ms": 120_000, "price": Price(9_100)}
THIRD: dict[str, Any] = {**NEWER, "bar_close_ms": 180_000, "price": Price(9_200)}
MARKET: dict[str, Any] = {**EXIT, "type": OrderType.MARKET, "price": None, "block_index": 2, "block_id": "m"}
STOP: dict[str, Any] = {
    **MARKET, "block_index": 0, "trigger_price": Price(8_000), "trigger_direction": TriggerDirection.FALL,
}  # fmt: skip
UNCHANGED = OrderResult(RequestOutcome.REJECTED, code=VenueCode.NOTHING_CHANGED, rejection=RejectReason.NOTHING_CHANGED)
WRONG_SIDE = OrderResult(
    RequestOutcome.REJECTED, code=VenueCode.TRIGGER_NOT_BELOW, rejection=RejectReason.TRIGGER_SIDE, reason="not below"
)
NEVER_SENT = OrderResult(RequestOutcome.NEVER_SENT, rejection=RejectReason.NEVER_SENT)
UNDER_FILLED = OrderResult(RequestOutcome.REJECTED, code=VenueCode.UNDER_FILLED, rejection=RejectReason.BAD_PARAMETER)
SKEWED = OrderResult(RequestOutcome.REJECTED, code=10002, rejection=RejectReason.VENUE_OTHER)


def resting(desk: Desk, status: VenueStatus = VenueStatus.NEW, **changes: Any) -> str:
    """An exit that rests at the venue."""
    ours = desk.place(**{**EXIT, **changes})
    desk.accept()
    desk.report(ours, status)
    return ours


def amending(desk: Desk, **changes: Any) -> str:
    """A resting exit that is being changed into a newer one."""
    ours = resting(desk)
    desk.place(**{**NEWER, **changes})
    assert len(desk.amends()) == 1
    return ours


def sent(desk: Desk) -> list[tuple[OrderType, Qty]]:
    found = [message.request for _, message, _ in desk.said if isinstance(message, SubmitOrder)]
    return [(request.type, request.qty) for request in found]


def told(desk: Desk) -> list[Order]:
    """The orders of which the card, or the record alone, was told in the last step."""
    return [message.order for message in desk.noted() if isinstance(message, OrderUpdated)]


def test_a_new_price_amends_the_price_alone_and_the_order_stays() -> None:
    desk = Desk()
    ours = resting(desk)
    desk.place(**NEWER)
    assert desk.amends() == [AmendOrder("BTCUSDT", ours, price=Price(9_100))]
    assert desk.cancels() == []
    assert sent(desk) == []


def test_the_card_hears_that_its_order_carries_the_newer_decision_and_the_journal_knows_it() -> None:
    desk = Desk()
    ours = amending(desk)
    assert told(desk) == []
    desk.answer_amend(ACCEPTED)
    (order,) = told(desk)
    assert (order.request.link_id, order.request.price, order.request.qty) == (ours, 9_100, 5)
    assert (order.status, order.block_id, order.bar_close_ms) == (LocalStatus.WORKING, "n", 120_000)
    (memory,) = desk.memories
    assert memory.value == order
    changed = desk.revision()
    assert changed.orders == (order,)
    assert [flying.bar_close_ms for flying in changed.in_flight] == [120_000]


def test_the_quantity_asked_for_is_the_total_with_what_has_filled() -> None:
    desk = Desk()
    ours = resting(desk)
    desk.fill(ours, 2)
    desk.place(**{**EXIT, "bar_close_ms": 120_000}, qty=Qty(4))
    assert desk.amends() == [AmendOrder("BTCUSDT", ours, qty=Qty(6))]
    desk.answer_amend(ACCEPTED)
    desk.fill(ours, 4, number=2)
    assert desk.states() == [LocalStatus.FILLED]


def test_the_trigger_of_an_untriggered_stop_is_amended() -> None:
    desk = Desk()
    ours = resting(desk, VenueStatus.UNTRIGGERED, **STOP)
    desk.place(**{**STOP, "trigger_price": Price(8_100), "bar_close_ms": 120_000})
    assert desk.amends() == [AmendOrder("BTCUSDT", ours, trigger_price=Price(8_100))]
    desk.answer_amend(ACCEPTED)
    assert [(order.status, order.request.trigger_price) for order in told(desk)] == [(LocalStatus.UNTRIGGERED, 8_100)]


@pytest.mark.parametrize(
    "newer",
    [
        MARKET,
        {**NEWER, "side": Side.BUY},
        {**STOP, "block_index": 1},
        {**STOP, "block_index": 1, "type": OrderType.LIMIT, "price": Price(7_900)},
    ],
    ids=["market", "other side", "stop", "stop-limit"],
)
def test_an_exit_of_another_kind_is_no_change_of_this_one(newer: dict[str, Any]) -> None:
    desk = Desk()
    ours = resting(desk)
    desk.place(**newer)
    assert desk.amends() == []
    assert [link for link, _ in desk.cancels()] == [ours]


def test_a_stop_that_waits_for_the_other_way_is_another_kind() -> None:
    desk = Desk()
    resting(desk, VenueStatus.UNTRIGGERED, **STOP)
    desk.place(**{**STOP, "trigger_direction": TriggerDirection.RISE, "trigger_price": Price(9_500), "block_index": 1})
    assert desk.amends() == []
    assert len(desk.cancels()) == 1


@pytest.mark.parametrize("status", [None, VenueStatus.TRIGGERED])
def test_an_order_that_does_not_rest_is_not_amended(status: VenueStatus | None) -> None:
    desk = Desk()
    ours = desk.place(**STOP)
    desk.accept()
    if status is not None:
        desk.report(ours, status)
    desk.place(**{**STOP, "trigger_price": Price(8_100), "block_index": 1})
    assert desk.amends() == []
    assert len(desk.cancels()) == 1


def test_an_execution_that_overtakes_the_amend_counts_into_the_total() -> None:
    desk = Desk()
    ours = amending(desk, qty=Qty(3))
    desk.fill(ours, 1)
    desk.answer_amend(ACCEPTED)
    assert desk.states() == [LocalStatus.WORKING]
    desk.fill(ours, 2, number=2)
    assert desk.states() == [LocalStatus.FILLED]


def test_an_order_that_has_filled_as_much_as_its_new_total_has_ended_when_that_is_in_force() -> None:
    desk = Desk()
    ours = amending(desk, qty=Qty(3))
    desk.fill(ours, 3)
    assert desk.states() == []
    desk.answer_amend(ACCEPTED)
    assert desk.states() == [LocalStatus.WORKING, LocalStatus.FILLED]


def test_while_a_larger_quantity_may_be_in_force_the_smaller_one_is_no_end() -> None:
    desk = Desk()
    ours = amending(desk, qty=Qty(8))
    desk.fill(ours, 3, number=1)
    desk.fill(ours, 2, number=2)
    assert desk.states() == []
    desk.answer_amend(ACCEPTED)
    assert desk.states() == [LocalStatus.WORKING]
    desk.fill(ours, 3, number=3)
    assert [(order.status, order.request.qty, order.filled_qty) for order in told(desk)] == [(LocalStatus.FILLED, 8, 8)]


def test_an_amend_that_finds_the_order_filled_lets_the_newer_follow_for_the_rest() -> None:
    desk = Desk()
    ours = amending(desk, qty=Qty(8))
    desk.fill(ours, 3, number=1)
    desk.fill(ours, 2, number=2)
    desk.answer_amend(TOO_LATE)
    assert desk.states() == [LocalStatus.FILLED]
    assert sent(desk) == [(OrderType.LIMIT, 3)]
    assert desk.told("reconciler") == []


def test_an_amend_of_an_order_that_is_gone_reconciles_and_the_newer_exit_follows_its_end() -> None:
    desk = Desk()
    ours = amending(desk)
    desk.fill(ours, 1)
    desk.answer_amend(TOO_LATE)
    assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow]
    assert (sent(desk), desk.cancels()) == ([], [])
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == [(OrderType.LIMIT, 4)]


@pytest.mark.parametrize(
    "answer",
    [UNKNOWN, None, NEVER_SENT, TOO_MANY, UNDER_FILLED, SKEWED],
    ids=["unknown", "silence", "never sent", "too many", "under filled", "clock"],
)
def test_after_an_amend_that_nobody_heard_the_older_is_cancelled_and_the_newer_follows(
    answer: OrderResult | None,
) -> None:
    desk = Desk()
    ours = amending(desk)
    desk.answer_amend(answer)
    assert [link for link, _ in desk.cancels()] == [ours]
    assert told(desk) == []
    desk.fill(ours, 1)
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == [(OrderType.LIMIT, 4)]


def test_an_amend_in_doubt_may_have_made_the_order_larger_until_the_venue_tells_its_end() -> None:
    for answer, is_believed in ((UNKNOWN, False), (NEVER_SENT, True)):
        desk = Desk()
        ours = amending(desk, qty=Qty(8))
        desk.answer_amend(answer)
        desk.fill(ours, 3, number=1)
        desk.fill(ours, 2, number=2)
        assert (LocalStatus.FILLED in desk.states()) is is_believed
    desk = Desk()
    ours = amending(desk, qty=Qty(8))
    desk.answer_amend(UNKNOWN)
    desk.fill(ours, 5)
    assert desk.states() == [LocalStatus.FILLED], "the frame tells of the order's end"
    assert sent(desk) == [(OrderType.LIMIT, 3)]


def test_an_amend_that_changes_nothing_is_in_force() -> None:
    desk = Desk()
    amending(desk)
    desk.answer_amend(UNCHANGED)
    assert [order.block_id for order in told(desk)] == ["n"]
    assert desk.cancels() == []


def test_a_refused_amend_leaves_the_older_exit_and_the_newer_is_told_as_refused() -> None:
    desk = Desk()
    ours = amending(desk)
    desk.answer_amend(WRONG_SIDE)
    (order,) = told(desk)
    assert (order.status, order.code, order.reason) == (LocalStatus.REJECTED, VenueCode.TRIGGER_NOT_BELOW, "not below")
    assert (order.block_id, order.bar_close_ms, order.request.price, order.attempts) == ("n", 120_000, 9_100, 1)
    assert order.request.link_id != ours
    (changed,) = desk.told("intents")
    assert changed.orders == (order,)
    assert desk.cancels() == []
    desk.place(**NEWER)
    assert told(desk) == [order], "the same decision again: its end stands"
    assert desk.amends() == []
    desk.fill(ours, 5)
    assert desk.states() == [LocalStatus.FILLED]
    assert sent(desk) == []


def test_after_a_refused_amend_the_next_exit_is_decided_on_as_ever() -> None:
    desk = Desk()
    ours = amending(desk)
    desk.answer_amend(WRONG_SIDE)
    desk.place(**THIRD)
    assert desk.amends() == [AmendOrder("BTCUSDT", ours, price=Price(9_200))]


@pytest.mark.parametrize("answer", [ACCEPTED, WRONG_SIDE])
def test_a_still_newer_exit_waits_for_the_answer_and_is_then_asked_for(answer: OrderResult) -> None:
    desk = Desk()
    ours = amending(desk)
    desk.fill(ours, 1)
    desk.place(**THIRD)
    assert (desk.amends(), desk.cancels()) == ([], [])
    desk.answer_amend(answer)
    assert desk.amends() == [AmendOrder("BTCUSDT", ours, qty=Qty(6), price=Price(9_200))]
    assert LocalStatus.REJECTED not in desk.states(), "what was refused had been replaced already"
    desk.answer_amend(ACCEPTED)
    assert [(order.request.price, order.request.qty) for order in told(desk)] == [(9_200, 6)]


def test_a_still_newer_exit_that_says_what_is_in_force_then_needs_nothing() -> None:
    for answer, price in ((ACCEPTED, 9_100), (WRONG_SIDE, 9_000)):
        desk = Desk()
        amending(desk)
        desk.place(**{**THIRD, "price": Price(price)})
        desk.answer_amend(answer)
        assert (desk.amends(), desk.cancels()) == ([], [])
        assert LocalStatus.REJECTED not in desk.states()


def test_a_market_exit_waits_for_the_answer_and_then_cancels() -> None:
    desk = Desk()
    ours = amending(desk)
    desk.place(**MARKET)
    assert desk.cancels() == []
    desk.answer_amend(ACCEPTED)
    assert [link for link, _ in desk.cancels()] == [ours]
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == [(OrderType.MARKET, 5)]


def test_a_market_exit_waits_two_seconds_for_an_answer_and_then_goes_out_and_the_older_is_cancelled() -> None:
    for answer in (ACCEPTED, TOO_LATE, WRONG_SIDE, UNKNOWN):
        desk = Desk()
        ours = amending(desk)
        desk.place(**MARKET)
        desk.said = desk.harness.advance(2 * SECOND_NS)
        assert sent(desk) == [(OrderType.MARKET, 5)]
        assert [link for link, _ in desk.cancels()] == [ours]
        desk.answer_amend(answer)
        assert (sent(desk), desk.cancels(), desk.amends()) == ([], [], [])
        assert LocalStatus.REJECTED not in desk.states()


def test_a_still_newer_exit_that_the_order_has_filled_meanwhile_cancels_what_is_left() -> None:
    desk = Desk()
    ours = amending(desk, qty=Qty(8))
    desk.place(**THIRD, qty=Qty(2))
    desk.fill(ours, 2)
    desk.answer_amend(ACCEPTED)
    assert desk.amends() == []
    assert [link for link, _ in desk.cancels()] == [ours]
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == []
    assert desk.states() == [LocalStatus.CANCELLED, LocalStatus.CANCELLED]


def test_an_order_with_a_pending_cancel_is_not_amended() -> None:
    desk = Desk()
    resting(desk)
    desk.place(**MARKET)
    desk.place(**NEWER)
    assert (desk.amends(), desk.cancels()) == ([], [])


def test_a_decision_that_an_order_carries_is_not_carried_out_again() -> None:
    desk = Desk()
    ours = amending(desk)
    desk.answer_amend(ACCEPTED)
    desk.place(**NEWER)
    assert [order.request.link_id for order in told(desk)] == [ours]
    assert desk.amends() == []
    desk.fill(ours, 5)
    desk.place(**NEWER)
    assert desk.states() == [LocalStatus.FILLED]
    assert sent(desk) == []


def test_the_end_of_the_order_may_be_faster_than_the_answer_to_its_amend() -> None:
    for price, block, waits in ((9_100, "n", False), (9_000, "b", True)):
        desk = Desk()
        ours = amending(desk)
        desk.report(ours, VenueStatus.CANCELLED, price=price)
        first, *_ = told(desk)
        assert (first.block_id, first.request.price, first.status) == (block, price, LocalStatus.CANCELLED)
        assert bool(sent(desk)) is waits, "what the order carried has ended with it"
        desk.answer_amend(ACCEPTED)
        assert desk.said == []


def test_the_end_of_another_order_does_not_confirm_an_amend() -> None:
    desk = Desk()
    entry = desk.place(block_index=3)
    desk.accept()
    amending(desk)
    desk.report(entry, VenueStatus.CANCELLED, price=9_100)
    assert [order.block_id for order in told(desk)] == ["b"]
    desk.answer_amend(ACCEPTED)
    assert [order.block_id for order in told(desk)] == ["n"]
