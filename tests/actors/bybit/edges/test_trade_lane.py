"""The trade socket against the local exchange: what is true of an order when its connection or its answer is hurt."""

from typing import Any

import msgspec
import pytest
import trio

from actors.model.backend import CancelOrder, OpenOrdersQuery, SetLeverage, SubmitOrder
from actors.model.result import RejectReason, RequestOutcome
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from tests.actors.bybit.edges.stacks import TRADE, Stack
from tests.actors.bybit.edges.test_live_faults import FIND, SUBMIT, over_the_wire, times_happened
from tests.actors.bybit.server.loopback import Client

ACCEPTED, REJECTED, UNKNOWN = RequestOutcome.ACCEPTED, RequestOutcome.REJECTED, RequestOutcome.UNKNOWN


def another(link_id: str) -> SubmitOrder:
    return SubmitOrder(msgspec.structs.replace(SUBMIT.request, link_id=link_id))


async def open_orders(client: Client) -> int:
    """What the exchange knows, whatever it has told."""
    state = (await client.control("GET", "state")).json()
    return len(state["accounts"][0]["open_orders"])


def test_orders_go_by_socket_and_what_it_does_not_take_goes_by_rest() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        accepted = await stack.ask(SUBMIT)
        assert (accepted.outcome, accepted.link_id) == (ACCEPTED, "cf-1")
        found = (await stack.ask(FIND)).order
        assert found.order_id == accepted.order_id
        assert (await stack.ask(SetLeverage("BTCUSDT", 5))).outcome is ACCEPTED
        assert (await stack.ask(CancelOrder("BTCUSDT", "cf-1"))).outcome is ACCEPTED
        report = await stack.trade()
        assert (report.calls, report.unmatched, report.unreadable) == (2, 0, 0)

    over_the_wire(scene, "trade")


@pytest.mark.parametrize(("moment", "is_there"), [("sent", True), ("heard", False)])
def test_an_order_under_way_on_a_connection_that_breaks_is_unknown_and_never_sent_again(
    moment: str, is_there: bool
) -> None:
    """Twice under one id, whatever became of the first: at most one order."""

    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("drop_socket", op="order.create", on=moment)
        result = await stack.ask(SUBMIT)
        assert (result.outcome, result.link_id) == (UNKNOWN, "cf-1")
        assert result.reason.startswith("trade stream: ")
        assert await open_orders(client) == int(is_there)
        assert ((await stack.ask(FIND)).order is not None) is is_there
        assert (await stack.trade()).state == "backing_off"
        again = await stack.ask(SUBMIT)  # the socket is down: by REST
        assert (again.rejection is RejectReason.DUPLICATE_ID) is is_there
        assert (await stack.trade()).calls == 1
        await client.step(by_ms=500)
        await stack.trade_is("live")
        assert (await stack.ask(another("cf-2"))).outcome is ACCEPTED
        assert ((await stack.trade()).calls, await open_orders(client)) == (2, 2)

    over_the_wire(scene, "trade")


def test_a_half_open_socket_loses_its_order_at_the_time_out_and_is_left_at_the_silence() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("half_open", op="order.create", on="heard")
        results: list[Any] = []

        async def submit() -> None:
            results.append(await stack.ask(SUBMIT))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(submit)
            while not await times_happened(client):
                await trio.lowlevel.checkpoint()
            await client.step(by_ms=5_001)
        assert (results[0].outcome, results[0].reason) == (UNKNOWN, "no answer within 5000 ms")
        assert await open_orders(client) == 0
        await client.step(by_ms=41_000)
        await stack.trade_is("stale")
        assert (await stack.ask(another("cf-2"))).outcome is ACCEPTED  # by REST
        await client.step(by_ms=3_000)  # our close is not answered
        await client.step(by_ms=1_000)
        await stack.trade_is("live")
        assert (await stack.ask(another("cf-3"))).outcome is ACCEPTED
        assert ((await stack.trade()).calls, await open_orders(client)) == (2, 2)

    over_the_wire(scene, "trade")


def test_an_answer_that_comes_twice_counts_once() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("duplicate", op="order.create", socket="trade")
        assert (await stack.ask(SUBMIT)).outcome is ACCEPTED
        with trio.fail_after(30):
            while not (await stack.trade()).unmatched:
                await trio.lowlevel.checkpoint()
        report = await stack.trade()
        assert (report.state, report.unmatched, report.unreadable) == ("live", 1, 0)
        assert await open_orders(client) == 1

    over_the_wire(scene, "trade")


def test_a_late_answer_changes_nothing() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("answer_late", path="order/create", ms=7_000)
        results: list[Any] = []

        async def submit() -> None:
            results.append(await stack.ask(SUBMIT))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(submit)
            while not await times_happened(client):
                await trio.lowlevel.checkpoint()
            await client.step(by_ms=5_001)
        assert results[0].outcome is UNKNOWN
        await client.step(by_ms=2_000)
        with trio.fail_after(30):
            while not (await stack.trade()).unmatched:
                await trio.lowlevel.checkpoint()
        assert (await stack.ask(FIND)).order is not None
        assert (await stack.trade()).state == "live"

    over_the_wire(scene, "trade")


@pytest.mark.parametrize(("code", "outcome"), [(10003, REJECTED), (10019, UNKNOWN)])
def test_a_connection_that_serves_no_orders_any_more_is_replaced(code: int, outcome: RequestOutcome) -> None:
    """10003: the session is not signed in any more; 10019: the service is being restarted."""

    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("error_code", path="order/create", code=code)
        result = await stack.ask(SUBMIT)
        assert (result.outcome, result.code) == (outcome, code)
        await client.step(by_ms=500)
        report = await stack.trade_is("live")
        assert report.connections == 2
        assert (await stack.ask(SUBMIT)).outcome is ACCEPTED
        assert (await stack.trade()).calls == 2

    over_the_wire(scene, "trade")


def test_maintenance_of_the_socket_is_survived() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        await client.fault("maintenance", for_ms=2_000)
        await stack.trade_is("backing_off")
        assert (await stack.ask(SUBMIT)).code == 10016  # by REST, and the exchange is closed
        for _ in range(10):
            await client.step(by_ms=1_000)
        await stack.trade_is("live")
        assert (await stack.ask(another("cf-2"))).outcome is ACCEPTED
        assert (await stack.trade()).calls == 1

    over_the_wire(scene, "trade")


def test_limits_of_answers_by_socket_lower_the_budget() -> None:
    """The exchange's headers say ten a second, two of them kept for closing orders; the branch began with fifty."""

    async def scene(client: Client, stack: Stack) -> None:
        told: list[Any] = []

        async def submit(number: int) -> None:
            told.append(await stack.ask(another(f"cf-{number}"), SECOND_NS // 2))

        assert (await stack.ask(SUBMIT)).outcome is ACCEPTED
        async with trio.open_nursery() as nursery:
            for number in range(10, 30):
                nursery.start_soon(submit, number)
            while len(told) < 9:
                await trio.lowlevel.checkpoint()
            await client.step(by_ms=501)
        outcomes = [result.outcome for result in told]
        assert outcomes.count(ACCEPTED) == 7
        assert outcomes.count(RequestOutcome.NEVER_SENT) == 13
        assert await open_orders(client) == 8

    over_the_wire(scene, "trade")


def test_the_crash_of_the_trade_stream_costs_no_other_actor_its_life() -> None:
    async def scene(client: Client, stack: Stack) -> None:
        kernel = stack.driver.kernel
        assert (await stack.ask(SUBMIT)).outcome is ACCEPTED
        kernel.kill(TRADE)
        assert (await stack.ask(another("cf-2"))).outcome in (ACCEPTED, UNKNOWN)
        await stack.trade_is("live")
        assert (await stack.ask(another("cf-3"))).outcome is ACCEPTED
        lives = {kernel.cell(ref).incarnation for ref in (Ref("exchange/gateway"), Ref("exchange/ratelimiter"))}
        assert (lives, kernel.cell(TRADE).incarnation) == ({1}, 2)
        assert len((await stack.ask(OpenOrdersQuery("BTCUSDT"))).orders) == await open_orders(client)

    over_the_wire(scene, "trade")
