"""What the venue reports of its limits: the gate counts with it, by path and category, and allows no more than it."""

from typing import Any

import pytest

from actors.model.backend import (
    CancelOrder,
    EquityQuery,
    ExecutionsQuery,
    OpenOrdersQuery,
    OrderQuery,
    PositionQuery,
    ServerTimeQuery,
)
from actors.model.order import Category
from actors.ratelimiter.messages import Endpoint, LimitReported, MoreRequested
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from tests.actors.ratelimiter.gates import a_gate, a_policy, ask
from tests.actors.ratelimiter.test_deadlines import CANCEL

SPOT_CANCEL = CancelOrder("SPOTUSDT", "ours")
BOTH = {"BTCUSDT": Category.LINEAR, "SPOTUSDT": Category.SPOT}


def reported(limit: int, left: int, path: str = Endpoint.CANCEL, category: str = "linear") -> LimitReported:
    return LimitReported(path, category, limit, left, 0)


def passed(gate: ActorHarness, *requests: Any) -> int:
    """How many go out now."""
    for request in requests:
        ask(gate, request, 60)
    return len(gate.take())


def test_requests_of_others_on_the_account_count_against_the_budget() -> None:
    gate = a_gate(a_policy(4))
    ask(gate, CANCEL, 60)
    gate.deliver(reported(4, 1))  # three are gone, one of them ours
    assert passed(gate, *[CANCEL] * 3) == 1
    assert len(gate.advance(SECOND_NS)) == 2


@pytest.mark.parametrize(("limit", "sent"), [(2, 2), (3, 3), (50, 3)])
def test_the_accounts_limit_lowers_the_budget_and_never_raises_it(limit: int, sent: int) -> None:
    gate = a_gate(a_policy(3))
    gate.deliver(reported(limit, limit))
    assert passed(gate, *[CANCEL] * 5) == sent


def test_a_limit_that_is_restored_holds_again() -> None:
    gate = a_gate(a_policy(3))
    gate.deliver(reported(1, 1))
    gate.deliver(reported(3, 3))
    assert passed(gate, *[CANCEL] * 5) == 3


def test_each_path_of_a_question_has_a_budget_of_its_own() -> None:
    gate = a_gate(a_policy(3))
    gate.deliver(reported(1, 1, Endpoint.EXECUTIONS))
    executions, orders = ExecutionsQuery("BTCUSDT"), OpenOrdersQuery("BTCUSDT")
    assert passed(gate, *[executions] * 3) == 1
    assert passed(gate, *[orders] * 3) == 3


def test_a_position_takes_of_two_paths_and_an_order_by_id_of_two() -> None:
    orders, position, by_id = OpenOrdersQuery("BTCUSDT"), PositionQuery("BTCUSDT"), OrderQuery("BTCUSDT", "ours")
    for question in (position, by_id):
        gate = a_gate(a_policy(2))
        assert passed(gate, question, orders, orders) == 2


def test_linear_and_spot_are_counted_apart_and_the_wallet_once() -> None:
    gate = a_gate(a_policy(1, categories=BOTH))
    assert passed(gate, CANCEL, SPOT_CANCEL, CANCEL, SPOT_CANCEL) == 2
    assert passed(gate, EquityQuery("BTCUSDT"), EquityQuery("SPOTUSDT")) == 1
    gate = a_gate(a_policy(2, categories=BOTH))
    gate.deliver(reported(2, 0, category="spot"))
    assert passed(gate, SPOT_CANCEL, CANCEL, CANCEL) == 2


def test_a_report_on_a_path_or_a_category_that_is_not_counted_changes_nothing() -> None:
    gate = a_gate(a_policy(1))
    gate.deliver(reported(5, 0, "/v5/account/info", ""))
    gate.deliver(reported(1, 0, category="option"))
    assert passed(gate, CANCEL) == 1


def test_requests_that_no_permit_has_counted_are_counted_when_they_are_told() -> None:
    gate = a_gate(a_policy(2, ip=4))
    gate.deliver(MoreRequested(Endpoint.CANCEL, "linear"))
    assert passed(gate, CANCEL, CANCEL) == 1
    gate.deliver(MoreRequested("/v5/market/kline", "linear"))
    assert passed(gate, ServerTimeQuery(), ServerTimeQuery()) == 1
    assert len(gate.advance(5 * SECOND_NS)) == 2
