"""What is kept for cancels, closing orders, stops and targets, and who has to leave it over."""

from typing import Any

import pytest

from actors.model.backend import AmendOrder, CancelOrder, OpenOrdersQuery, ServerTimeQuery, SetTradingStop, SubmitOrder
from actors.model.fixed import Qty
from actors.ratelimiter.messages import Endpoint
from actors.ratelimiter.policy import RESERVE_PERCENT, RatePolicy
from runtime.spec import SECOND_NS
from tests.actors.ratelimiter.gates import a_gate, a_policy
from tests.actors.ratelimiter.test_deadlines import CANCEL, CLOSING, ORDER
from tests.actors.ratelimiter.test_reports import passed, reported

OPEN, CLOSE = SubmitOrder(ORDER), SubmitOrder(CLOSING)
AMEND, STOP = AmendOrder("BTCUSDT", "ours", Qty(1)), SetTradingStop("BTCUSDT", None, None)


@pytest.mark.parametrize(
    ("limit", "percent", "kept"),
    [(10, 20, 2), (600, 20, 120), (3, 20, 1), (2, 20, 1), (1, 20, 0), (2, 99, 1), (10, 0, 0), (10, 1, 1)],
)
def test_the_reserve_is_a_share_rounded_up_and_leaves_one_for_the_rest(limit: int, percent: int, kept: int) -> None:
    assert a_policy(reserve_percent=percent).reserve_of(limit) == kept


def test_a_fifth_is_kept_unless_a_policy_says_otherwise() -> None:
    assert RESERVE_PERCENT == RatePolicy(dict.fromkeys(Endpoint, 10), 600).reserve_percent == 20


@pytest.mark.parametrize("percent", [-1, 100])
def test_a_reserve_that_leaves_nothing_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="reserve_percent"):
        a_policy(reserve_percent=percent)


def test_a_path_without_a_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="no budget for WALLET"):
        RatePolicy({endpoint: 1 for endpoint in Endpoint if endpoint is not Endpoint.WALLET}, 600)


def test_opens_leave_the_reserve_of_the_create_path_to_closing_orders() -> None:
    gate = a_gate(a_policy(10, reserve_percent=20))
    assert passed(gate, *[OPEN] * 20) == 8
    assert passed(gate, *[CLOSE] * 5) == 2
    assert len(gate.advance(SECOND_NS)) == 8, "three closing orders, then five opens: two are left over again"
    assert passed(gate, *[CLOSE] * 3) == 2


def test_what_closing_orders_have_taken_is_kept_once_more_for_the_next_ones() -> None:
    gate = a_gate(a_policy(10, reserve_percent=20))
    assert passed(gate, *[CLOSE] * 5) == 5
    assert passed(gate, *[OPEN] * 10) == 3
    assert passed(gate, CLOSE, CLOSE) == 2


def test_the_reserve_follows_a_limit_that_the_venue_lowers() -> None:
    gate = a_gate(a_policy(10, reserve_percent=20))
    gate.deliver(reported(5, 5, Endpoint.CREATE))
    assert passed(gate, *[OPEN] * 10) == 4
    assert passed(gate, CLOSE) == 1


@pytest.mark.parametrize("low", [OPEN, AMEND, OpenOrdersQuery("BTCUSDT"), ServerTimeQuery()], ids=repr)
@pytest.mark.parametrize("high", [CANCEL, CLOSE, STOP], ids=repr)
def test_opens_amends_and_questions_leave_the_addresss_reserve(low: Any, high: Any) -> None:
    gate = a_gate(a_policy(100, 10, reserve_percent=20))
    assert passed(gate, *[low] * 20) == 8
    assert passed(gate, high, high, high) == 2


def test_cancels_amends_and_stops_use_all_of_their_own_paths() -> None:
    for request in (CANCEL, AMEND, STOP, OpenOrdersQuery("BTCUSDT")):
        assert passed(a_gate(a_policy(10, reserve_percent=50)), *[request] * 20) == 10


def test_a_cancel_goes_out_whatever_waits() -> None:
    gate = a_gate(a_policy(2, 10, reserve_percent=20))
    passed(gate, *[OPEN] * 50, *[OpenOrdersQuery("BTCUSDT")] * 50)
    assert passed(gate, CancelOrder("BTCUSDT", "urgent")) == 1
