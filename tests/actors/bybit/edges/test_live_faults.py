"""The live branch against the local exchange's faults, on its stepped clock: what a command's outcome says is true.

Orders go by REST and over the trade socket, and where both can meet a fault, the same test holds for both.
Unknown is never a guess: afterwards the order is looked up under its id, and stands or does not as the venue has it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
import trio

from actors.bybit.edges.keys import ApiKeys, Secret
from actors.bybit.edges.rest import RestEdge
from actors.bybit.endpoints import Environment
from actors.model.backend import EquityQuery, EquityReport, NeverSent, OrderQuery, SubmitOrder, Unanswered
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import RejectReason, RequestOutcome
from runtime.spec import SECOND_NS
from tests.actors.bybit.edges.stacks import LANES, Stack, a_live_kernel, a_stack, trade_edge
from tests.actors.bybit.server.loopback import Client, play

UNKNOWN, REJECTED, NEVER_SENT = RequestOutcome.UNKNOWN, RequestOutcome.REJECTED, RequestOutcome.NEVER_SENT
SUBMIT = SubmitOrder(OrderRequest("cf-1", "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(1000), Price(9_000)))
FIND = OrderQuery("BTCUSDT", "cf-1")
Scene = Callable[[Client, Stack], Awaitable[None]]


def over_the_wire(scene: Scene, lane: str = "rest", **options: Any) -> None:
    """Play a scene with the live branch over its own sockets beside the exchange's own client."""

    async def scenario(client: Client) -> None:
        keys = ApiKeys(Environment.LOCAL, client.plan.key, Secret(client.plan.secret))
        edge = RestEdge(Environment.LOCAL, keys, f"127.0.0.1:{client.port}")
        has_trade = lane == "trade"
        trade = trade_edge(client.port, keys) if has_trade else None
        kernel = a_live_kernel(has_trade=has_trade)
        async with a_stack(kernel, edge.serve, client.clock.wall_ms, trade=trade) as stack:
            await scene(client, stack)

    play(scenario, **options)


by_both = pytest.mark.parametrize("lane", LANES)


async def times_happened(client: Client) -> int:
    """How often the one fault has happened."""
    shown = (await client.control("GET", "faults")).json()
    rows: list[dict[str, Any]] = shown["active"] + shown["ended"]
    assert len(rows) == 1
    return int(rows[0]["happened"])


async def told_after(client: Client, stack: Stack, message: Any, step_ms: int) -> Any:
    """The answer to a message that has met a fault at the exchange, when so much time has passed."""
    answers: list[Any] = []

    async def ask() -> None:
        answers.append(await stack.ask(message))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        while not await times_happened(client):
            await trio.lowlevel.checkpoint()
        assert answers == []
        await client.step(by_ms=step_ms)
    return answers[0]


@by_both
@pytest.mark.parametrize(
    ("fault", "is_there"),
    [
        ({"kind": "lose_ack"}, True),
        ({"kind": "answer_late", "ms": 60_000}, True),
        ({"kind": "delay", "ms": 5_001}, False),  # it arrives when it has been given up: refused for its window
    ],
    ids=["lose_ack", "answer_late", "delay"],
)
def test_no_answer_in_time_is_unknown_and_nothing_is_carried_out_later(
    fault: dict[str, Any], is_there: bool, lane: str
) -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault(path="order/create", **fault)
        result = await told_after(client, stack, SUBMIT, 5_001)
        assert (result.outcome, result.reason) == (UNKNOWN, "no answer within 5000 ms")
        await client.step(by_ms=60_000)
        found = (await stack.ask(FIND)).order
        assert (found is not None) is is_there
        again = await stack.ask(SUBMIT)  # under the same id
        assert (again.rejection is RejectReason.DUPLICATE_ID) is is_there

    over_the_wire(scene, lane)


def test_a_question_that_is_not_answered_in_time_is_told_so() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("lose_ack", path="account/wallet-balance")
        told = await told_after(client, stack, EquityQuery("BTCUSDT"), 5_001)
        assert told == Unanswered("0 no answer within 5000 ms")
        assert isinstance(await stack.ask(EquityQuery("BTCUSDT")), EquityReport)

    over_the_wire(scene)


OURS = [
    ({"kind": "error_status", "status": 502}, "rest"),
    *(({"kind": "error_code", "code": code}, lane) for code in (10000, 10016, 10403, 10429, 20006) for lane in LANES),
]


@pytest.mark.parametrize("is_carried_out", [True, False])
@pytest.mark.parametrize(("fault", "lane"), OURS, ids=lambda case: case if case in LANES else list(case.values())[1])
def test_an_error_of_the_venues_own_is_unknown_whether_or_not_the_order_stands(
    fault: dict[str, Any], lane: str, is_carried_out: bool
) -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault(path="order/create", carried_out=is_carried_out, **fault)
        assert (await stack.ask(SUBMIT)).outcome is UNKNOWN
        assert ((await stack.ask(FIND)).order is not None) is is_carried_out
        again = await stack.ask(SUBMIT)
        assert (again.rejection is RejectReason.DUPLICATE_ID) is is_carried_out

    over_the_wire(scene, lane)


@by_both
def test_a_burst_over_the_rate_is_rejected_and_each_request_is_sent_once(lane: str) -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("error_code", path="order/create", code=10006, times="always")
        results: list[Any] = []

        async def submit(number: int) -> None:
            order = msgspec.structs.replace(SUBMIT.request, link_id=f"cf-{number}")
            results.append(await stack.ask(SubmitOrder(order)))

        async with trio.open_nursery() as nursery:
            for number in range(5):
                nursery.start_soon(submit, number)
        for result in results:
            assert (result.outcome, result.code, result.rejection) == (REJECTED, 10006, RejectReason.RATE_LIMITED)
        assert await times_happened(client) == 5

    over_the_wire(scene, lane)


def test_a_ban_silences_the_branch_for_ten_minutes() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("ban", path="order/create")
        banned = await stack.ask(SUBMIT)
        assert (banned.outcome, banned.code, banned.rejection) == (REJECTED, 403, RejectReason.RATE_LIMITED)
        assert (await stack.ask(SUBMIT)).outcome is NEVER_SENT
        assert isinstance(await stack.ask(FIND), NeverSent)
        await client.step(by_ms=599_000)
        assert isinstance(await stack.ask(FIND, SECOND_NS // 2), NeverSent)
        await client.step(by_ms=1_001)
        assert (await stack.ask(FIND)).order is None

    over_the_wire(scene)
