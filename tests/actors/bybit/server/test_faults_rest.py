"""Faults of REST: what a client sees, and what is true of the account all the same."""

from typing import Any

import httpx
import pytest
import trio
import trio.testing

from tests.actors.bybit.server.loopback import Client, Line, play
from tests.actors.bybit.server.markets import START_MS

Answers = list[Any]


async def open_orders(client: Client) -> int:
    state = (await client.control("GET", "state")).json()
    return len(state["accounts"][0]["open_orders"])


async def in_background(nursery: trio.Nursery, client: Client, into: Answers, price: str = "99") -> None:
    """Send a limit order; its answer comes into the list, and the test goes on once nothing moves any more."""

    async def send() -> None:
        into.append(await client.limit(price))

    nursery.start_soon(send)
    await trio.testing.wait_all_tasks_blocked()


def test_a_delayed_request_is_carried_out_when_it_arrives() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("delay", path="order/create", ms=300)
        answers: Answers = []
        async with trio.open_nursery() as nursery:
            await in_background(nursery, client, answers)
            assert (answers, await open_orders(client)) == ([], 0)
            await client.step(by_ms=299)
            assert (answers, await open_orders(client)) == ([], 0)
            await client.step(by_ms=1)
        assert answers[0]["retCode"] == 0
        assert await open_orders(client) == 1
        assert client.clock.market_ms() == START_MS + 300

    play(scenario)


def test_a_request_that_arrives_after_its_window_is_refused() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("delay", path="order/create", ms=5_001)
        answers: Answers = []
        async with trio.open_nursery() as nursery:
            await in_background(nursery, client, answers)
            await client.step(by_ms=5_001)
        assert answers[0]["retCode"] == 10002
        assert await open_orders(client) == 0

    play(scenario)


def test_a_late_answer_is_of_a_request_that_was_carried_out_at_once() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("answer_late", path="order/create", ms=700)
        answers: Answers = []
        async with trio.open_nursery() as nursery:
            await in_background(nursery, client, answers)
            assert (answers, await open_orders(client)) == ([], 1)
            await client.step(by_ms=700)
        assert answers[0]["retCode"] == 0

    play(scenario)


def test_a_lost_acknowledgement_is_of_an_order_that_stands() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("lose_ack", path="order/create", symbol="BTCUSDT")
        answers: Answers = []
        async with trio.open_nursery() as nursery:
            await in_background(nursery, client, answers)
            await client.step(bars=2)
            assert answers == []
            assert await open_orders(client) == 1
            nursery.cancel_scope.cancel()  # the client gives up
        assert (await client.limit("98"))["retCode"] == 0
        assert await open_orders(client) == 2

    play(scenario)


def test_a_duplicated_request_is_carried_out_twice() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("duplicate", path="order/create")
        assert (await client.limit("99"))["retCode"] == 0
        assert await open_orders(client) == 2
        await client.fault("duplicate", path="order/create")
        assert (await client.limit("99", orderLinkId="once"))["retCode"] == 0
        assert await open_orders(client) == 3  # the second has the link id of the first

    play(scenario)


@pytest.mark.parametrize(("carried_out", "orders"), [(True, 1), (False, 0)])
def test_a_gateway_error_says_nothing_about_the_order(carried_out: bool, orders: int) -> None:
    async def scenario(client: Client) -> None:
        await client.fault("error_status", path="order/create", status=503, carried_out=carried_out)
        answer = await client.raw(
            "POST",
            "order/create",
            category="linear",
            symbol="BTCUSDT",
            side="Buy",
            orderType="Limit",
            qty="0.1",
            price="99",
        )
        assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert await open_orders(client) == orders

    play(scenario)


@pytest.mark.parametrize("code", [10000, 10002, 10006, 10016])
@pytest.mark.parametrize(("carried_out", "orders"), [(True, 1), (False, 0)])
def test_a_code_is_answered_whether_or_not_the_order_is_carried_out(code: int, carried_out: bool, orders: int) -> None:
    async def scenario(client: Client) -> None:
        await client.fault("error_code", path="order/create", code=code, carried_out=carried_out)
        refused = await client.limit("99")
        assert (refused["retCode"], refused["result"]) == (code, {})
        assert refused["retMsg"]
        assert await open_orders(client) == orders
        assert (await client.limit("98"))["retCode"] == 0

    play(scenario)


def test_the_reset_of_an_ordered_rate_limit_lies_in_the_future() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("error_code", path="position/list", code=10006, reset_ms=2_500)
        answer = await client.raw("GET", "position/list", category="linear", symbol="BTCUSDT")
        assert answer.json()["retCode"] == 10006
        assert answer.headers["X-Bapi-Limit-Status"] == "0"
        assert int(answer.headers["X-Bapi-Limit-Reset-Timestamp"]) == client.clock.wall_ms() + 2_500

    play(scenario)


def test_a_banned_address_stays_banned_for_ten_minutes() -> None:
    async def scenario(client: Client) -> None:
        async def status() -> int:
            return (await client.raw("GET", "market/time")).status_code

        await client.fault("ban", path="market/time")
        answer = await client.raw("GET", "market/time")
        assert (answer.status_code, "access too frequent" in answer.text) == (403, True)
        assert (await client.raw("POST", "order/create")).status_code == 403
        await client.step(by_ms=599_999)
        assert await status() == 403
        await client.step(by_ms=1)
        assert await status() == 200

    play(scenario)


def test_maintenance_answers_10016_closes_sockets_and_ends() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", "order") as line, client.line("public/linear") as public:
            number = await client.fault("maintenance", for_ms=60_000)
            assert await line.is_closed()
            assert await public.is_closed()
            assert (await client.limit("99"))["retCode"] == 10016
            assert (await client.get("market/tickers", category="linear"))["retCode"] == 10016
            assert (await client.get("market/time"))["retCode"] == 0
            (window,) = (await client.get("system/status"))["result"]["list"]
            assert (window["id"], window["state"]) == (str(number), "ongoing")
            assert (window["begin"], window["end"]) == (str(START_MS), str(START_MS + 60_000))
        async with client.line("private") as line:
            assert await line.is_closed()
        await client.step(by_ms=60_000)
        assert (await client.limit("99"))["retCode"] == 0
        assert (await client.get("system/status"))["result"]["list"] == []
        async with client.signed("private", "order") as line:
            assert not await line.is_closed()

    play(scenario)


def test_a_maintenance_is_told_on_the_status_socket_which_stays_open() -> None:
    async def scenario(client: Client) -> None:
        async def told(line: Line) -> tuple[str, str, str]:
            (row,) = (await line.next())["data"]
            return row["id"], row["state"], row["end"]

        async with client.line("public/misc/status") as line, client.line("public/misc/status") as deaf:
            assert "handler not found" in (await line.asks(op="subscribe", args=["order"]))["ret_msg"]
            assert (await line.asks(op="subscribe", args=["system.status"]))["success"] is True
            number = await client.fault("maintenance", at_ms=60_000, for_ms=60_000)
            end = str(START_MS + 120_000)
            assert await told(line) == (str(number), "scheduled", end)
            await client.step(by_ms=60_000)
            assert await told(line) == (str(number), "ongoing", end)
            await client.step(by_ms=60_000)
            assert await told(line) == (str(number), "completed", end)
            number = await client.fault("maintenance", at_ms=240_000, for_ms=60_000)
            await told(line)
            await client.control("POST", "faults/clear", {"number": number})
            assert await told(line) == (str(number), "canceled", str(START_MS + 300_000))
            await client.fault("maintenance", for_ms=60_000, announced=False)
            assert (await line.asks(op="ping"))["op"] == "ping"
            assert not await deaf.is_closed()
        assert (await client.get("system/status"))["result"]["list"] == []

    play(scenario)


def test_without_faults_nothing_differs() -> None:
    """The same requests with the machinery idle and while a fault waits for other traffic: the same answers."""

    async def asked(client: Client) -> list[httpx.Response]:
        asked = [await client.raw("GET", "market/time")]
        await client.limit("99", orderLinkId="a")
        for path in ("order/realtime", "position/list", "execution/list"):
            asked.append(await client.raw("GET", path, category="linear", symbol="BTCUSDT"))
        return asked

    found: list[list[tuple[int, bytes]]] = []

    async def idle(client: Client) -> None:
        found.append([(each.status_code, each.content) for each in await asked(client)])

    play(idle)
    waiting = [{"kind": "lose_ack", "path": "order/cancel", "times": "always"}]
    play(idle, orders=[*waiting, {"kind": "stale_read", "lag_ms": 5, "account": "local-key-1", "at": "01:00:00"}])
    assert found[0] == found[1]


def test_a_request_that_a_fault_keeps_waiting_is_shown_until_it_is_answered() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("answer_late", path="order/create", ms=1_000)
        answers: list[Any] = []

        async def ask() -> None:
            answers.append(await client.limit("90", orderLinkId="late"))

        async def waiting() -> list[Any]:
            shown: list[Any] = (await client.control("GET", "waiting")).json()
            return shown

        assert await waiting() == []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            while not (shown := await waiting()):
                await trio.lowlevel.checkpoint()
            assert [(row["path"], row["timestamp"]) for row in shown] == [("/v5/order/create", str(START_MS))]
            assert "late" in shown[0]["payload"]
            await client.step(by_ms=1_000)
        assert await waiting() == []
        assert answers[0]["retCode"] == 0

    play(scenario)
