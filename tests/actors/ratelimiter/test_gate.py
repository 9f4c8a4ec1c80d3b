"""The rate limiter message by message: budgets of endpoint and IP, order, lanes, and its bound."""

from typing import Any

import pytest

from actors.model.backend import CancelOrder, NeverSent, OrderQuery, SubmitBatch, SubmitOrder
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import RequestOutcome, VenueCode
from actors.ratelimiter.actor import MAX_HELD, RateLimiter
from actors.ratelimiter.messages import Endpoint
from runtime.messages import Ref
from runtime.testing import ActorHarness

SECOND_NS = 1_000_000_000
PATIENCE_NS = 3600 * SECOND_NS


class Gate:
    """A gate in the hand; `passed` are the short names of what it let through since it was last asked."""

    def __init__(self, *, create: int = 1000, ip: int = 1000) -> None:
        budgets = dict.fromkeys(Endpoint, 1000) | {Endpoint.CREATE: create}
        self.harness = ActorHarness(lambda: RateLimiter(Ref("gateway"), budgets, ip), others=("gateway",))

    def send(self, name: str, *, is_closing: bool = False) -> Any:
        return self.harness.ask(SubmitOrder(_request(name, is_closing)), PATIENCE_NS)

    def batch(self, *names: str) -> Any:
        return self.harness.ask(SubmitBatch(tuple(_request(name) for name in names)), PATIENCE_NS)

    def passed(self, after_ns: int = 0) -> list[str]:
        if after_ns:
            self.harness.driver.run_until(self.harness.kernel.now + after_ns)
        return [_name(message) for _, message, _ in self.harness.take()]


def _request(name: str, is_closing: bool = False) -> OrderRequest:
    kind, price = OrderType.LIMIT, Price(100)
    return OrderRequest(name, "BTCUSDT", Side.BUY, kind, Qty(1), price, reduce_only=is_closing)


def _name(message: Any) -> str:
    if isinstance(message, SubmitOrder):
        return message.request.link_id
    if isinstance(message, SubmitBatch):
        return "+".join(request.link_id for request in message.requests)
    return str(message.link_id)


def test_what_is_beyond_an_endpoints_second_waits_until_the_second_is_over() -> None:
    gate = Gate(create=2)
    for name in "abc":
        gate.send(name)
    assert gate.passed() == ["a", "b"]
    assert gate.passed(SECOND_NS - 1) == []
    assert gate.passed(1) == ["c"]


def test_a_batch_counts_as_many_as_it_holds_at_its_endpoint() -> None:
    gate = Gate(create=3)
    gate.batch("a", "b")
    gate.send("c")
    gate.send("d")
    assert gate.passed() == ["a+b", "c"]


def test_a_batch_counts_once_at_the_address_as_every_request_does() -> None:
    gate = Gate(ip=2)
    gate.batch("a", "b", "c")
    gate.batch("d")
    gate.send("e")
    gate.batch("f")
    assert gate.passed() == ["a+b+c", "d"]
    assert gate.passed(5 * SECOND_NS - 1) == []
    assert gate.passed(1) == ["e", "f"]


def test_a_held_batch_counts_at_the_address_too() -> None:
    gate = Gate(ip=1)
    for name in "abc":
        gate.batch(name)
    assert gate.passed() == ["a"]
    assert gate.passed(5 * SECOND_NS) == ["b"]
    assert gate.passed(5 * SECOND_NS) == ["c"]


@pytest.mark.parametrize("is_batch", [False, True])
def test_what_is_held_is_not_overtaken_by_a_smaller_request_to_the_same_endpoint(*, is_batch: bool) -> None:
    gate = Gate(create=2)
    gate.send("a")
    gate.batch("b", "c")
    if is_batch:
        gate.batch("d")
    else:
        gate.send("d")
    assert gate.passed() == ["a"]
    assert gate.passed(SECOND_NS) == ["b+c"]
    assert gate.passed(SECOND_NS) == ["d"]


def test_what_is_held_at_one_endpoint_does_not_hold_back_another() -> None:
    gate = Gate(create=1)
    gate.send("a")
    gate.send("b")
    gate.harness.ask(CancelOrder("BTCUSDT", "x"), PATIENCE_NS)
    assert gate.passed() == ["a", "x"]


def test_what_lowers_risk_goes_first_then_questions_then_entries() -> None:
    gate = Gate(ip=1)
    gate.send("first")
    gate.send("entry")
    gate.harness.ask(OrderQuery("BTCUSDT", "question"), PATIENCE_NS)
    gate.send("exit", is_closing=True)
    assert gate.passed() == ["first"]
    assert [gate.passed(5 * SECOND_NS) for _ in range(3)] == [["exit"], ["question"], ["entry"]]


def test_a_full_gate_refuses_commands_and_tells_questions_that_they_were_not_sent() -> None:
    gate = Gate(create=1)
    gate.send("first")
    answers = [gate.send(f"held{number}") for number in range(MAX_HELD)]
    assert answers == [None] * MAX_HELD
    refused = gate.send("too many")
    assert (refused.outcome, refused.code) == (RequestOutcome.REJECTED, VenueCode.RATE_LIMITED)
    assert gate.batch("too", "many").result == refused
    assert isinstance(gate.harness.ask(OrderQuery("BTCUSDT", "question"), PATIENCE_NS), NeverSent)
    assert gate.passed() == ["first"]
    assert gate.passed(SECOND_NS) == ["held0"]
    assert gate.send("there is room for one again") is None
