"""A request is sent before its asker's deadline or not at all, and is answered `never sent` before that deadline."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    BatchResult,
    CancelAll,
    CancelBatch,
    CancelOrder,
    EquityQuery,
    ExecutionsQuery,
    HistoryQuery,
    NeverSent,
    OpenOrdersQuery,
    OrderQuery,
    PositionQuery,
    ServerTimeQuery,
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.fixed import Price, Qty
from actors.model.maintenance import MaintenanceQuery
from actors.model.order import OrderRequest, OrderType, ProtectionTerms, Side
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.ratelimiter.messages import ENDPOINTS
from runtime.messages import AskFailed
from runtime.spec import SECOND_NS
from tests.actors.ratelimiter.gates import a_gate, a_policy, ask

ORDER = OrderRequest("ours", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1))
CLOSING = OrderRequest("ours", "BTCUSDT", Side.SELL, OrderType.MARKET, Qty(1), reduce_only=True)
CANCEL = CancelOrder("BTCUSDT", "ours")
AMEND = AmendOrder("BTCUSDT", "ours", Qty(1))
PART = AddTradingStop("BTCUSDT", Qty(1), ProtectionTerms(stop_loss=Price(1)))
REQUESTS: tuple[Any, ...] = (
    SubmitOrder(ORDER), SubmitOrder(CLOSING), AMEND, CANCEL, SetTradingStop("BTCUSDT", None, None), PART,
    SetLeverage("BTCUSDT", 2), SubmitBatch((ORDER, CLOSING)), AmendBatch((AMEND,)), CancelBatch((CANCEL, CANCEL)),
    CancelAll("BTCUSDT"), OpenOrdersQuery("BTCUSDT"), OrderQuery("BTCUSDT", "ours"), ExecutionsQuery("BTCUSDT"),
    PositionQuery("BTCUSDT"), EquityQuery("BTCUSDT"), HistoryQuery("BTCUSDT", 60_000), ServerTimeQuery(),
    MaintenanceQuery(),
)  # fmt: skip


def says_never_sent(answer: Any) -> bool:
    result = answer.result if isinstance(answer, BatchResult) else answer
    if isinstance(result, OrderResult):
        return result.outcome is RequestOutcome.NEVER_SENT and result.rejection is RejectReason.NEVER_SENT
    return isinstance(result, NeverSent)


def test_every_class_of_request_is_tried() -> None:
    assert {type(request) for request in REQUESTS} == set(ENDPOINTS)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_a_request_that_cannot_go_out_in_time_is_answered_never_sent_at_once_and_not_sent_later(request_: Any) -> None:
    gate = a_gate(a_policy(2, ip=4))
    for _ in range(4):
        ask(gate, request_, 60)
    sent = len(gate.take())
    number = ask(gate, request_, 0.5)
    answers = gate.kernel.outside_answers
    assert says_never_sent(answers.get(number))
    assert [said for said in gate.advance(5 * SECOND_NS) if said[2] == number] == []
    assert sent in (1, 2, 4), "a batch of two takes all of its window, public questions all of the address's"


def test_what_can_go_out_in_time_waits_and_is_sent() -> None:
    gate = a_gate()
    ask(gate, CANCEL, 60)
    second = ask(gate, CANCEL, 1.5)
    assert [number for _, _, number in gate.advance(SECOND_NS)][-1] == second


def test_a_request_delayed_past_its_deadline_by_a_higher_lane_is_answered_before_it() -> None:
    gate = a_gate()
    ask(gate, SubmitOrder(ORDER), 60)
    entry = ask(gate, SubmitOrder(ORDER), 1.5)
    gate.take()
    closing = ask(gate, SubmitOrder(CLOSING), 60)
    assert [number for _, _, number in gate.advance(SECOND_NS)] == [closing]
    assert says_never_sent(gate.kernel.outside_answers.get(entry))
    assert gate.advance(10 * SECOND_NS) == []


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.sampled_from(REQUESTS), st.integers(1, 4_000), st.integers(0, 700)), min_size=1, max_size=40),
    st.integers(1, 3),
    st.integers(2, 8),
)
def test_nothing_is_sent_after_its_deadline_and_nothing_is_both_sent_and_said_never_to_be(
    load: list[tuple[Any, int, int]], per_second: int, ip: int
) -> None:
    gate = a_gate(a_policy(per_second, ip))
    deadlines: dict[int, int] = {}
    sent: dict[int, int] = {}

    def watch(until_ns: int) -> None:
        while gate.kernel.now < until_ns:
            for _, _, number in gate.advance(min(50_000_000, until_ns - gate.kernel.now)):
                assert number not in sent
                sent[number] = gate.kernel.now - 50_000_000  # sent after this

    for request, wait_ms, gap_ms in load:
        watch(gate.kernel.now + gap_ms * 1_000_000)
        number = gate.kernel.ask(None, gate.ref, request, wait_ms * 1_000_000)
        deadlines[number] = gate.kernel.now + wait_ms * 1_000_000
        gate.kernel.pump()
        for _, _, found in gate.take():
            assert found not in sent
            sent[found] = gate.kernel.now
    watch(gate.kernel.now + 10 * SECOND_NS)
    for number, deadline in deadlines.items():
        if number in sent:
            assert sent[number] < deadline
        answer = gate.kernel.outside_answers.get(number)
        assert says_never_sent(answer) is (number not in sent), (answer, number in sent)
        assert (number in sent) is isinstance(answer, AskFailed), "nobody answers for the gateway here"


def test_a_request_behind_one_that_waits_too_long_for_it_is_answered_at_once() -> None:
    gate = a_gate(a_policy(2))
    ask(gate, CancelBatch((CANCEL,)), 60)
    assert len(gate.advance(SECOND_NS // 2)) == 1
    ask(gate, CancelBatch((CANCEL,)), 60)
    ask(gate, CancelBatch((CANCEL, CANCEL)), 60)  # can go at 1.5 s
    behind = ask(gate, CancelBatch((CANCEL,)), 0.9)  # would have had room at 1 s
    answer = gate.kernel.outside_answers.pop(behind)
    assert says_never_sent(answer)
    assert len(gate.take()) == 1
    assert len(gate.advance(SECOND_NS)) == 1
