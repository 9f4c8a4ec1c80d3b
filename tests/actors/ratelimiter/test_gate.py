"""The rate limiter message by message: budgets of endpoint and IP, order, lanes, and its bound."""

from typing import Any

from actors.model.backend import (
    AmendOrder,
    CancelOrder,
    EquityQuery,
    NeverSent,
    OpenOrdersQuery,
    OrderQuery,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import RequestOutcome, VenueCode
from actors.ratelimiter.actor import MAX_HELD
from actors.ratelimiter.messages import Endpoint
from tests.actors.ratelimiter.gates import a_gate, a_policy

SECOND_NS = 1_000_000_000
PATIENCE_NS = 3600 * SECOND_NS


class Gate:
    """A gate in the hand; `passed` are the short names of what it let through since it was last asked."""

    def __init__(self, *, create: int = 1000, batch: int = 1000, ip: int = 1000) -> None:
        budgets = {Endpoint.CREATE: create, Endpoint.CREATE_BATCH: batch}
        self.harness = a_gate(a_policy(1000, ip, budgets=budgets))

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
    if isinstance(message, OpenOrdersQuery | EquityQuery):
        return message.cursor if isinstance(message, OpenOrdersQuery) else message.symbol
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


def test_a_batch_counts_as_many_as_it_holds_at_a_path_of_its_own() -> None:
    gate = Gate(create=1, batch=3)
    gate.batch("a", "b")
    gate.send("c")
    gate.batch("d")
    gate.send("e")
    gate.batch("f")
    assert gate.passed() == ["a+b", "c", "d"]
    assert gate.passed(SECOND_NS) == ["e", "f"]


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


def test_a_held_batch_is_not_overtaken_by_a_smaller_one() -> None:
    gate = Gate(batch=2)
    gate.batch("a")
    gate.batch("b", "c")
    gate.batch("d")
    assert gate.passed() == ["a"]
    assert gate.passed(SECOND_NS) == ["b+c"]
    assert gate.passed(SECOND_NS) == ["d"]


def test_a_held_batch_that_closes_is_not_starved_by_smaller_ones_that_open() -> None:
    gate = Gate(batch=2)
    gate.batch("a")
    gate.passed(SECOND_NS // 2)
    gate.batch("b")
    gate.harness.ask(SubmitBatch((_request("x", True), _request("y", True))), PATIENCE_NS)
    gate.batch("c")
    assert gate.passed() == ["b"]
    assert gate.passed(SECOND_NS // 2) == [], "one grant is free again, and kept for the batch"
    assert gate.passed(SECOND_NS // 2) == ["x+y"]
    assert gate.passed(SECOND_NS) == ["c"]


def test_what_is_held_at_one_endpoint_does_not_hold_back_another() -> None:
    gate = Gate(create=1)
    gate.send("a")
    gate.send("b")
    gate.harness.ask(CancelOrder("BTCUSDT", "x"), PATIENCE_NS)
    gate.harness.ask(EquityQuery("question"), PATIENCE_NS)
    assert gate.passed() == ["a", "x", "question"], "neither in a higher lane nor in a lower one"


def test_cancels_go_first_then_closing_orders_amends_opens_and_questions() -> None:
    gate = Gate(ip=1)
    gate.send("first")
    gate.harness.ask(OpenOrdersQuery("BTCUSDT", "question"), PATIENCE_NS)
    gate.send("open")
    gate.harness.ask(AmendOrder("BTCUSDT", "amend"), PATIENCE_NS)
    gate.send("close", is_closing=True)
    gate.harness.ask(CancelOrder("BTCUSDT", "cancel"), PATIENCE_NS)
    assert gate.passed() == ["first"]
    order = [gate.passed(5 * SECOND_NS) for _ in range(5)]
    assert order == [["cancel"], ["close"], ["amend"], ["open"], ["question"]]


def test_a_question_of_two_requests_waits_for_both_and_is_not_overtaken_at_either() -> None:
    gate = Gate(ip=3)
    gate.harness.ask(OrderQuery("BTCUSDT", "a"), PATIENCE_NS)
    gate.harness.ask(OrderQuery("BTCUSDT", "b"), PATIENCE_NS)
    gate.harness.ask(OpenOrdersQuery("BTCUSDT", "c"), PATIENCE_NS)
    gate.harness.ask(EquityQuery("d"), PATIENCE_NS)
    assert gate.passed() == ["a"], "one request is left of the address's three"
    assert gate.passed(5 * SECOND_NS) == ["b", "c"]
    assert gate.passed(5 * SECOND_NS) == ["d"]


def test_a_full_gate_refuses_commands_and_tells_questions_that_they_were_not_sent() -> None:
    gate = Gate(create=1, batch=1)
    gate.batch("whole")
    gate.send("first")
    answers = [gate.send(f"held{number}") for number in range(MAX_HELD)]
    assert answers == [None] * MAX_HELD
    refused = gate.send("too many")
    assert (refused.outcome, refused.code) == (RequestOutcome.REJECTED, VenueCode.RATE_LIMITED)
    assert gate.batch("too", "many").result == refused
    assert gate.passed() == ["whole", "first"]
    gate.harness.ask(CancelOrder("BTCUSDT", "cancel"), PATIENCE_NS)
    gate.send("exit", is_closing=True)
    assert gate.passed() == ["cancel"], "another lane has room"
    assert gate.passed(SECOND_NS) == ["exit"]
    assert gate.passed(SECOND_NS) == ["held0"]
    assert gate.send("there is room for one again") is None


def test_a_full_lane_of_questions_says_that_one_more_was_never_sent() -> None:
    gate = Gate(ip=1)
    gate.send("first")
    for _ in range(MAX_HELD):
        assert gate.harness.ask(OrderQuery("BTCUSDT", "question"), 10 * PATIENCE_NS) is None
    answer = gate.harness.ask(OrderQuery("BTCUSDT", "question"), 10 * PATIENCE_NS)
    assert answer == NeverSent(f"{MAX_HELD} requests wait already")
