"""The lane of each request, how much of a budget it takes, and that one past its deadline is not sent."""

from typing import Any

import pytest

from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    OrderQuery,
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.fixed import Qty
from actors.model.order import OrderRequest, OrderType, ProtectionTerms, Side
from actors.model.result import OrderResult, RequestOutcome
from actors.ratelimiter.actor import MAX_HELD
from actors.ratelimiter.messages import Lane, count_of, lane_of
from runtime.spec import SECOND_NS
from tests.actors.ratelimiter.gates import a_gate, ask

ENTRY = OrderRequest("e", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1))
EXIT = OrderRequest("x", "BTCUSDT", Side.SELL, OrderType.MARKET, Qty(1), reduce_only=True)
CANCEL, AMEND = CancelOrder("BTCUSDT", "ours"), AmendOrder("BTCUSDT", "ours", Qty(1))


@pytest.mark.parametrize(
    ("request_", "lane"),
    [
        (SubmitOrder(ENTRY), Lane.OPEN),
        (SubmitOrder(EXIT), Lane.REDUCE),
        (SubmitBatch((EXIT, EXIT)), Lane.REDUCE),
        (SubmitBatch((EXIT, ENTRY)), Lane.OPEN),
        (CANCEL, Lane.CANCEL),
        (CancelBatch((CANCEL,)), Lane.CANCEL),
        (CancelAll("BTCUSDT"), Lane.CANCEL),
        (SetTradingStop("BTCUSDT", None, None), Lane.REDUCE),
        (AddTradingStop("BTCUSDT", Qty(1), ProtectionTerms()), Lane.REDUCE),
        (AMEND, Lane.AMEND),
        (AmendBatch((AMEND,)), Lane.AMEND),
        (SetLeverage("BTCUSDT", 2), Lane.OPEN),
        (OrderQuery("BTCUSDT", "ours"), Lane.QUERY),
    ],
    ids=repr,
)
def test_every_request_has_a_lane(request_: Any, lane: Lane) -> None:
    assert lane_of(request_) is lane


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_a_batch_takes_as_much_of_its_endpoint_as_it_holds_and_an_empty_one_takes_one(size: int) -> None:
    for batch in (SubmitBatch((EXIT,) * size), AmendBatch((AMEND,) * size), CancelBatch((CANCEL,) * size)):
        assert count_of(batch) == max(1, size)


def test_every_other_request_counts_once() -> None:
    for request in (SubmitOrder(ENTRY), CANCEL, AMEND, CancelAll("BTCUSDT"), OrderQuery("BTCUSDT", "ours")):
        assert count_of(request) == 1


@pytest.mark.parametrize("request_", [CANCEL, CancelBatch((CANCEL,))], ids=["one", "batch"])
@pytest.mark.parametrize("late_ns", [0, 1], ids=["at the deadline", "after it"])
def test_a_request_past_its_deadline_on_arrival_is_not_sent(request_: Any, late_ns: int) -> None:
    gate = a_gate()
    kernel = gate.kernel
    kernel.ask(None, gate.ref, request_, SECOND_NS)
    kernel.set_time(kernel.now + SECOND_NS + late_ns)
    kernel.pump()
    assert gate.take() == []
    assert gate.incarnation == 1
    ask(gate, CANCEL, 1)
    assert len(gate.take()) == 1, "it took no permit"


@pytest.mark.parametrize("request_", [CANCEL, CancelBatch((CANCEL,))], ids=["one", "batch"])
def test_a_request_whose_deadline_expired_in_the_mailbox_is_not_sent(request_: Any) -> None:
    gate = a_gate()
    kernel = gate.kernel
    kernel.ask(None, gate.ref, request_, SECOND_NS)
    kernel.set_time(kernel.now + SECOND_NS)
    kernel.fire_timers()  # the question fails, its request is still in the mailbox
    kernel.pump()
    assert gate.take() == []
    assert gate.incarnation == 1


def test_a_permit_that_comes_at_the_deadline_comes_too_late_and_the_answer_says_how_long_there_was() -> None:
    gate = a_gate()
    ask(gate, CANCEL, 1)
    number = ask(gate, CANCEL, 1)
    answer = gate.kernel.outside_answers[number]
    assert (answer.outcome, answer.reason) == (RequestOutcome.NEVER_SENT, "no permit within the 1 s that were left")
    gate.advance(SECOND_NS // 2)
    answer = gate.kernel.outside_answers[ask(gate, CANCEL, 0.25)]
    assert answer.reason == "no permit within the 0.25 s that were left"


def test_the_bound_counts_what_waits_and_neither_what_was_dropped_nor_what_was_sent() -> None:
    gate = a_gate()
    ask(gate, CANCEL, 3600)
    for _ in range(3):
        dropped = ask(gate, CANCEL, 0.5)
        assert gate.kernel.outside_answers[dropped].outcome is RequestOutcome.NEVER_SENT

    def is_held() -> bool:
        found = gate.kernel.outside_answers.get(ask(gate, CANCEL, 3600))
        assert found is None or isinstance(found, OrderResult)
        return found is None

    assert [is_held() for _ in range(MAX_HELD)] == [True] * MAX_HELD
    assert not is_held()
    gate.advance(2 * SECOND_NS)
    assert [is_held() for _ in range(3)] == [True, True, False]
