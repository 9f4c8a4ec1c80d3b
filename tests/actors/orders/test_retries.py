"""The retry policy waits longer each time and then gives up."""

from actors.model.backend import SubmitOrder
from actors.model.order import LocalStatus
from actors.model.result import OrderResult, RequestOutcome, VenueCode
from actors.orders.retries import RATE_LIMIT_RETRY
from actors.reconciler.messages import ReconcileNow
from tests.actors.orders.desk import TOO_MANY, Desk

SECOND_NS = 1_000_000_000


def test_waits_double_up_to_eight_seconds_and_end_after_five_attempts() -> None:
    waits = [RATE_LIMIT_RETRY.next_wait_ns(attempts) for attempts in range(1, 6)]
    assert waits == [SECOND_NS, 2 * SECOND_NS, 4 * SECOND_NS, 8 * SECOND_NS, None]


def sent(desk: Desk) -> list[str]:
    found = []
    for _, message, correlation in desk.said:
        if isinstance(message, SubmitOrder):
            desk.submitted = correlation
            found.append(message.request.link_id)
    return found


def test_an_order_over_the_rate_is_sent_five_times_with_one_id_and_then_refused() -> None:
    desk = Desk()
    ours = desk.place()
    for seconds in (1, 2, 4, 8):
        desk.said = desk.harness.answer(desk.submitted, TOO_MANY)
        assert desk.states() == []
        desk.said = desk.harness.advance(seconds * SECOND_NS - 1)
        assert sent(desk) == []
        desk.said = desk.harness.advance(1)
        assert sent(desk) == [ours]
    desk.said = desk.harness.answer(desk.submitted, TOO_MANY)
    assert desk.states() == [LocalStatus.REJECTED]


def test_an_order_that_is_withdrawn_while_it_waits_is_not_sent_again() -> None:
    desk = Desk()
    desk.place()
    desk.harness.answer(desk.submitted, TOO_MANY)
    desk.withdraw()
    assert desk.states() == [LocalStatus.CANCELLED]
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert sent(desk) == []


def test_another_refusal_ends_the_order_with_its_code_and_reason() -> None:
    desk = Desk()
    desk.place()
    refusal = OrderResult(RequestOutcome.REJECTED, code=VenueCode.INSUFFICIENT_MARGIN, reason="too little")
    desk.said = desk.harness.answer(desk.submitted, refusal)
    (order,) = desk.orders()
    order = order
    assert (order.status, order.code, order.reason) == (LocalStatus.REJECTED, refusal.code, "too little")


def test_a_submission_without_an_answer_in_thirty_seconds_is_a_question_for_the_reconciler() -> None:
    desk = Desk()
    desk.place()
    desk.said = desk.harness.advance(30 * SECOND_NS)
    assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow]
    assert desk.states() == []
