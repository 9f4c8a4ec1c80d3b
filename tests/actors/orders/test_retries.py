"""The retry policy waits longer each time and then gives up."""

from hypothesis import given
from hypothesis import strategies as st

from actors.model.backend import SubmitOrder
from actors.model.order import LocalStatus
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.orders.retries import CLOCK_RETRY, RATE_LIMIT_RETRY, RetryPolicy, policy_of
from actors.reconciler.messages import ReconcileNow
from tests.actors.orders.desk import TOO_MANY, Desk

SECOND_NS = 1_000_000_000


def test_waits_double_up_to_eight_seconds_and_end_after_five_attempts() -> None:
    waits = [RATE_LIMIT_RETRY.wait_ns(attempts, 0.0) for attempts in range(1, 6)]
    assert waits == [SECOND_NS, 2 * SECOND_NS, 4 * SECOND_NS, 8 * SECOND_NS, 8 * SECOND_NS]
    assert [RATE_LIMIT_RETRY.gives_up(attempts) for attempts in range(1, 7)] == [False] * 4 + [True] * 2


@given(st.integers(1, 50), st.floats(0, 1, exclude_max=True))
def test_jitter_takes_at_most_a_quarter_away_and_no_wait_is_above_its_cap(attempts: int, draw: float) -> None:
    for policy, cap_s in ((RATE_LIMIT_RETRY, 8), (CLOCK_RETRY, 4)):
        longest = policy.wait_ns(attempts, 0.0)
        assert longest <= cap_s * SECOND_NS
        assert 0.75 * longest <= policy.wait_ns(attempts, draw) <= longest


def test_what_was_not_executed_is_sent_again_by_its_class_and_nothing_else_is() -> None:
    def rejected(code: int, rejection: RejectReason | None = None) -> RetryPolicy | None:
        return policy_of(OrderResult(RequestOutcome.REJECTED, code=code, rejection=rejection))

    assert rejected(10006) is rejected(170222) is rejected(403, RejectReason.RATE_LIMITED) is RATE_LIMIT_RETRY
    assert rejected(10002) is rejected(-1) is CLOCK_RETRY
    assert {rejected(code) for code in (10001, 110001, 110007, 110094, 110072)} == {None}


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
    waits = []
    for seconds in (1, 2, 4, 8):
        desk.said = desk.harness.answer(desk.submitted, TOO_MANY)
        assert desk.states() == []
        desk.said = desk.harness.advance(seconds * 3 * SECOND_NS // 4)
        waits.append(bool(sent(desk)))
        desk.said = desk.harness.advance(seconds * SECOND_NS // 4)
        assert sent(desk) == [ours]
    assert not any(waits), "three quarters of the wait are waited in any case"
    desk.said = desk.harness.answer(desk.submitted, TOO_MANY)
    assert desk.states() == [LocalStatus.REJECTED]


def test_an_order_whose_time_stamp_was_refused_is_sent_again_with_its_id() -> None:
    desk = Desk()
    ours = desk.place()
    for _ in range(3):
        desk.said = desk.harness.answer(desk.submitted, OrderResult(RequestOutcome.REJECTED, code=10002))
        assert desk.states() == []
        desk.said = desk.harness.advance(4 * SECOND_NS)
        assert sent(desk) == [ours]
    desk.said = desk.harness.answer(desk.submitted, OrderResult(RequestOutcome.REJECTED, code=10002, reason="late"))
    (order,) = desk.orders()
    assert (order.status, order.code, order.attempts) == (LocalStatus.REJECTED, 10002, 4)


def test_two_orders_do_not_wait_equally_long() -> None:
    desk = Desk()
    numbers = []
    for index in range(2):
        desk.place(block_index=index)
        numbers.append(desk.submitted)
    for number in numbers:
        desk.harness.answer(number, TOO_MANY)
    times = [desk.harness.kernel.now for _ in range(1000) if desk.harness.advance(SECOND_NS // 1000)]
    assert len(set(times)) == 2


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
