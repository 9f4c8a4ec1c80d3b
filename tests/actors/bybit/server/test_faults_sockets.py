"""Faults of sockets: what a client sees on its connections, and what is true all the same."""

from typing import Any

import pytest
import trio
import trio.testing

from tests.actors.bybit.server.loopback import Client, Line, play

LIMIT = {"side": "Buy", "orderType": "Limit", "qty": "0.1", "price": "99"}
ALL = ("order", "execution", "position", "wallet")


def topics(frames: list[Any]) -> list[str]:
    return [frame.get("topic") or frame["op"] for frame in frames]


async def truth(client: Client) -> Any:
    return (await client.control("GET", "state")).json()["accounts"][0]


async def answers_ping(line: Line) -> bool:
    """Whether a protocol ping is answered by a pong before everything is still."""
    answered = []
    async with trio.open_nursery() as nursery:

        async def ping() -> None:
            await line.socket.ping(b"x")
            answered.append(True)

        nursery.start_soon(ping)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    return bool(answered)


# -- cut --------------------------------------------------------------------------------------------------------------


def test_sockets_are_dropped_by_kind_and_account() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private") as signed, client.line("private") as plain, client.line("trade") as trade:
            await client.fault("drop_socket", socket="private", account="local-key-1")
            assert (await signed.is_closed(), await plain.is_closed(), await trade.is_closed()) == (True, False, False)
            await client.fault("drop_socket", socket="trade")
            assert (await plain.is_closed(), await trade.is_closed()) == (False, True)
        state = (await client.control("GET", "state")).json()
        assert state["connections"] == []

    play(scenario)


@pytest.mark.parametrize(("moment", "open_orders"), [("sent", 1), ("heard", 0)])
def test_a_trade_socket_drops_before_or_after_the_order_is_carried_out(moment: str, open_orders: int) -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("trade") as line:
            await client.fault("drop_socket", op="order.create", on=moment)
            await client.trade(line, "order.create", "r1", **LIMIT)
            assert await line.is_closed()
            assert line.waiting() == 0
        assert len((await truth(client))["open_orders"]) == open_orders

    play(scenario)


def test_a_half_open_socket_stays_and_neither_tells_nor_hears() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", *ALL) as line:
            assert await answers_ping(line)
            await client.fault("half_open", socket="private")
            await client.limit("99")
            await line.say(op="ping")
            assert await line.all_so_far() == []
            assert not await answers_ping(line)
            await client.step(by_ms=1_200_000)  # longer than any idle limit
            assert not await line.is_closed()
            (shown,) = (await client.control("GET", "state")).json()["connections"]
            assert shown["is_half_open"]
        await trio.testing.wait_all_tasks_blocked()
        assert (await client.control("GET", "state")).json()["connections"] == []  # the client's end is heard
        assert len((await truth(client))["open_orders"]) == 1

    play(scenario)


def test_a_socket_goes_half_open_at_a_frame() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", *ALL) as line, client.signed("trade") as trade:
            await client.fault("half_open", topic="execution", on="sent")
            await client.market("0.1")
            told = topics(await line.all_so_far())
            assert not {"execution", "wallet"} & set(told)
            await client.fault("half_open", op="order.create", on="heard")
            await client.trade(trade, "order.create", "r1", **LIMIT)
            assert await trade.all_so_far() == []
        account = await truth(client)
        assert (account["positions"][0]["size"], account["open_orders"]) == ("0.1", [])

    play(scenario)


# -- frames -----------------------------------------------------------------------------------------------------------


def test_a_delayed_frame_and_those_behind_it_come_late() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", *ALL) as line:
            await client.fault("delay", topic="order", ms=400)
            await client.limit("99")
            assert await line.all_so_far() == []
            await client.step(by_ms=399)
            assert await line.all_so_far() == []
            await client.step(by_ms=1)
            assert topics(await line.all_so_far()) == ["order", "position"]

    play(scenario)


def test_a_duplicated_frame_comes_twice_and_the_account_counts_once() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", "execution", "position") as line:
            await client.fault("duplicate", topic="execution")
            await client.market("0.1")
            told = await line.all_so_far()
            one, other = (frame for frame in told if frame["topic"] == "execution")
            assert one == other
            assert topics(told)[-1] == "position"
        account = await truth(client)
        assert (account["executions"], account["positions"][0]["size"]) == (1, "0.1")

    play(scenario)


def test_a_frame_comes_after_the_one_that_follows_it() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", *ALL) as line:
            await client.market("0.1")
            usual = topics(await line.all_so_far())
            await client.fault("reorder", topic=usual[0])
            await client.market("0.1")
            assert topics(await line.all_so_far()) == [usual[1], usual[0], *usual[2:]]

    play(scenario)


def test_a_frame_that_nothing_follows_is_let_go() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", "wallet") as line:
            await client.fault("reorder", topic="wallet", within_ms=250)
            await client.market("0.1")
            await client.step(by_ms=249)
            assert await line.all_so_far() == []
            await client.step(by_ms=1)
            assert topics(await line.all_so_far()) == ["wallet"]

    play(scenario)


def test_a_trade_request_is_carried_out_and_never_answered() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("trade") as line, client.signed("private", "order") as private:
            await client.fault("lose_ack", path="order/create", socket="trade")
            await client.trade(line, "order.create", "r1", **LIMIT)
            await client.trade(line, "order.create", "r2", **LIMIT)
            (answer,) = await line.all_so_far()
            assert (answer["reqId"], answer["retCode"]) == ("r2", 0)
            assert topics(await private.all_so_far()) == ["order", "order"]
        assert len((await truth(client))["open_orders"]) == 2

    play(scenario)


def test_a_late_trade_answer_lets_others_pass() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("trade") as line:
            await client.fault("answer_late", op="order.create", ms=900)
            await client.trade(line, "order.create", "r1", **LIMIT)
            await client.trade(line, "order.create", "r2", **LIMIT)
            assert [frame["reqId"] for frame in await line.all_so_far()] == ["r2"]
            await client.step(by_ms=900)
            assert [frame["reqId"] for frame in await line.all_so_far()] == ["r1"]

    play(scenario)


def test_a_trade_request_is_heard_late() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("trade") as line:
            await client.fault("delay", op="order.create", ms=100)
            await client.trade(line, "order.create", "r1", **LIMIT)
            await client.step(by_ms=99)
            assert (await truth(client))["open_orders"] == []
            await client.step(by_ms=1)
            assert [frame["reqId"] for frame in await line.all_so_far()] == ["r1"]
        assert len((await truth(client))["open_orders"]) == 1

    play(scenario)


@pytest.mark.parametrize(("carried_out", "open_orders"), [(True, 1), (False, 0)])
def test_the_trade_socket_answers_a_code(carried_out: bool, open_orders: int) -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("trade") as line:
            await client.fault("error_code", socket="trade", code=10006, reset_ms=70, carried_out=carried_out)
            assert (await client.limit("98", side="Sell", qty="0"))["retCode"] != 10006  # REST is another door
            await client.trade(line, "order.create", "r1", **LIMIT)
            (answer,) = await line.all_so_far()
            assert answer["retCode"] == 10006
            assert int(answer["header"]["X-Bapi-Limit-Reset-Timestamp"]) == client.clock.wall_ms() + 70
        assert len((await truth(client))["open_orders"]) == open_orders

    play(scenario)


def test_a_silent_stream_answers_pings_and_pushes_nothing() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", *ALL) as line:
            number = await client.fault("silent_stream")
            await client.market("0.1")
            assert await line.all_so_far() == []
            assert (await line.asks(op="ping"))["op"] == "pong"
            await client.control("POST", "faults/clear", {"number": number})
            await client.market("0.1", side="Sell")
            assert topics(await line.all_so_far())[-1] == "wallet"
        assert (await truth(client))["positions"] == []

    play(scenario)


def test_one_topic_alone_falls_silent() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", *ALL) as line:
            await client.fault("silent_stream", topic="execution", symbol="BTCUSDT")
            await client.market("0.1")
            told = topics(await line.all_so_far())
            assert set(told) == {"order", "position", "wallet"}

    play(scenario)


def test_public_frames_are_matched_by_topic_and_symbol() -> None:
    async def scenario(client: Client) -> None:
        async with client.line("public/linear") as line:
            await line.asks(op="subscribe", args=["kline.1.BTCUSDT", "publicTrade.BTCUSDT"])
            await line.all_so_far()
            await client.fault("duplicate", topic="kline", symbol="BTCUSDT", socket="public linear")
            await client.fault("duplicate", topic="kline", socket="public spot")
            await client.step()
            frames = await line.all_so_far()
            klines = [frame for frame in frames if frame["topic"] == "kline.1.BTCUSDT"]
            assert klines[0] == klines[1]
            assert klines[0]["data"][0]["confirm"]
            assert len(klines) == 3  # the closed candle twice, the running one once

    play(scenario)
