"""A withdrawn order ends: at once if it was never sent, else by a cancel, which is sent again if it was lost."""

import pytest

from actors.model.backend import SubmitOrder
from actors.model.order import LocalStatus, Side, VenueStatus
from actors.model.result import OrderResult, RequestOutcome
from actors.orders.messages import NeverArrived, WithdrawResting
from actors.reconciler.messages import ReconcileNow
from runtime.spec import SECOND_NS
from tests.actors.orders.desk import ACCEPTED, TOO_LATE, TOO_MANY, UNKNOWN, Desk, opened


def test_a_resting_order_is_cancelled_and_has_ended_when_the_venue_says_so() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    assert [link for link, _ in desk.cancels()] == [ours]
    assert desk.states() == []
    desk.answer_cancel(ACCEPTED)
    assert desk.states() == []
    desk.report(ours, VenueStatus.CANCELLED)
    assert desk.states() == [LocalStatus.CANCELLED]


def test_one_cancel_is_sent_however_often_the_order_is_withdrawn_or_reported() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    assert len(desk.cancels()) == 1
    desk.withdraw()
    assert desk.cancels() == []
    desk.report(ours, VenueStatus.NEW)
    assert desk.states() == [LocalStatus.WORKING]
    assert desk.cancels() == []


def test_an_order_on_its_way_is_cancelled_when_it_has_arrived() -> None:
    desk = Desk()
    ours = desk.place()
    desk.withdraw()
    assert desk.cancels() == [], "a cancel would overtake the order it is meant for"
    desk.accept()
    assert [link for link, _ in desk.cancels()] == [ours]


def test_an_order_that_was_never_sent_ends_here() -> None:
    desk = Desk(is_open=False)
    assert desk.place() == ""
    desk.withdraw()
    assert desk.states() == [LocalStatus.CANCELLED]
    desk.said = desk.harness.deliver(opened())
    assert not [message for _, message, _ in desk.said if isinstance(message, SubmitOrder)]


def test_an_order_proven_never_to_have_arrived_is_not_sent_again() -> None:
    desk = Desk()
    ours = desk.place()
    desk.harness.answer(desk.submitted, UNKNOWN)
    desk.withdraw()
    desk.said = desk.harness.deliver(NeverArrived(ours))
    assert desk.states() == [LocalStatus.CANCELLED]
    assert not [message for _, message, _ in desk.said if isinstance(message, SubmitOrder)]


def test_a_withdrawal_leaves_exits_and_other_cards_orders() -> None:
    desk = Desk()
    desk.place(is_entry=False, reduce_only=True)
    desk.accept()
    desk.withdraw()
    assert desk.cancels() == []
    desk.said = desk.harness.deliver(WithdrawResting("another"))
    assert desk.cancels() == []


@pytest.mark.parametrize("answer", [TOO_MANY, UNKNOWN, None])
def test_a_cancel_that_was_not_heard_is_sent_again_later(answer: OrderResult | None) -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    if answer is None:
        desk.said = desk.harness.advance(31 * SECOND_NS)  # the deadline of the question, and a second
    else:
        desk.answer_cancel(answer)
        assert desk.cancels() == []
        desk.said = desk.harness.advance(SECOND_NS)
    assert [link for link, _ in desk.cancels()] == [ours]


def test_no_cancel_is_repeated_for_an_order_that_has_ended_meanwhile() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    desk.answer_cancel(TOO_MANY)
    desk.report(ours, VenueStatus.CANCELLED)
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert desk.cancels() == []


def test_a_cancel_that_came_too_late_is_left_to_what_the_venue_reports() -> None:
    desk = Desk()
    desk.place()
    desk.accept()
    desk.withdraw()
    desk.answer_cancel(TOO_LATE)
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert desk.cancels() == []


def test_after_five_failed_cancels_a_reconciliation_starts() -> None:
    desk = Desk()
    desk.place()
    desk.accept()
    desk.withdraw()
    for _ in range(4):
        desk.answer_cancel(TOO_MANY)
        desk.said = desk.harness.advance(8 * SECOND_NS)
    desk.answer_cancel(TOO_MANY)
    assert [to for to, message, _ in desk.said if isinstance(message, ReconcileNow)] == ["reconciler"]
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert desk.cancels() == []


def test_a_failed_cancel_of_an_order_that_has_ended_starts_no_reconciliation() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    for _ in range(4):
        desk.answer_cancel(TOO_MANY)
        desk.said = desk.harness.advance(8 * SECOND_NS)
    last = desk.said
    desk.report(ours, VenueStatus.CANCELLED)
    desk.said = last
    desk.answer_cancel(TOO_MANY)
    assert desk.said == []


def test_withdrawing_one_order_leaves_another_alone() -> None:
    desk = Desk()
    desk.place()
    desk.accept()
    desk.withdraw()
    closing = desk.place(side=Side.SELL, is_entry=False, reduce_only=True, block_index=1)
    desk.accept()
    assert desk.cancels() == []
    desk.fill(closing, 5)
    assert desk.states() == [LocalStatus.FILLED]


def test_a_cancel_that_came_too_late_starts_no_reconciliation() -> None:
    desk = Desk()
    desk.place()
    desk.accept()
    desk.withdraw()
    desk.answer_cancel(TOO_LATE)
    assert desk.said == []


def test_what_was_given_up_after_five_cancels_can_be_withdrawn_again() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    for _ in range(5):
        desk.answer_cancel(TOO_MANY)
        desk.said = desk.said or desk.harness.advance(8 * SECOND_NS)
    assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow]
    desk.withdraw()
    assert [link for link, _ in desk.cancels()] == [ours]


def test_a_cancel_whose_time_stamp_was_refused_is_sent_again() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    desk.answer_cancel(OrderResult(RequestOutcome.REJECTED, code=10002))
    desk.said = desk.harness.advance(SECOND_NS)
    assert [link for link, _ in desk.cancels()] == [ours]
