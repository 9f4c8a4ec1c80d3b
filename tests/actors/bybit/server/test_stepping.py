"""Stepped time: the clock moves when every client is quiescent, and what happens in a bar happens in its order."""

from typing import Any

import httpx
import trio
import trio.testing

from tests.actors.bybit.server.loopback import Client, play
from tests.actors.bybit.server.markets import FLAT, MINUTE_MS, START_MS


def test_a_bar_is_stepped_at_once_without_clients() -> None:
    async def scenario(client: Client) -> None:
        for number in (1, 2):
            state = await client.step()
            assert (state["step"], state["market_ms"]) == (number, START_MS + number * MINUTE_MS)
        assert (await client.step(bars=3))["market_ms"] == START_MS + 5 * MINUTE_MS
        assert (await client.step(by_ms=10))["market_ms"] == START_MS + 5 * MINUTE_MS + 10
        assert (await client.step())["market_ms"] == START_MS + 6 * MINUTE_MS
        assert (await client.step(until_ms=START_MS + 400_000))["server_ms"] == START_MS + 400_000
        past = await client.control("POST", "step", {"until_ms": START_MS})
        assert past.text == f"until_ms: {START_MS} has passed: it is {START_MS + 400_000}\n"
        over = await client.control("POST", "step", {"bars": 30})
        assert over.text == "bars: only 24 bars of BTCUSDT are left\n"

    play(scenario)


def test_a_step_waits_for_every_client() -> None:
    async def scenario(client: Client) -> None:
        for name in ("one", "other"):
            await client.control("POST", "clients", {"name": name})
        answer = await client.control("POST", "step", {"timeout_ms": 0})
        assert answer.text == "not quiescent at step 0: one, other; nothing has moved\n"
        await client.control("POST", "quiescent", {"name": "one", "step": 0})
        answer = await client.control("POST", "step", {"timeout_ms": 1})
        assert (answer.status_code, answer.text) == (400, "not quiescent at step 0: other; nothing has moved\n")
        assert client.clock.market_ms() == START_MS
        await client.control("POST", "quiescent", {"name": "other", "step": 0})
        assert (await client.step())["step"] == 1
        state = (await client.control("GET", "clock")).json()
        assert (state["clients"], state["waiting_for"]) == (["one", "other"], ["one", "other"])
        stale = await client.control("POST", "quiescent", {"name": "one", "step": 0})
        assert stale.text == "step 0 is not the present one, which is 1\n"
        taken = await client.control("POST", "clients", {"name": "one"})
        assert taken.text == "'one' is registered already\n"

    play(scenario)


def test_a_step_goes_on_when_the_last_client_answers_or_leaves() -> None:
    async def scenario(client: Client) -> None:
        steps: list[httpx.Response] = []

        async def step() -> None:
            steps.append(await client.control("POST", "step", {}))

        for name in ("one", "other"):
            await client.control("POST", "clients", {"name": name})
        async with trio.open_nursery() as nursery:
            nursery.start_soon(step)
            await trio.testing.wait_all_tasks_blocked()
            busy = await client.control("POST", "step", {})
            assert busy.text == "another step is under way\n"
            await client.control("POST", "quiescent", {"name": "one", "step": 0})
            assert (steps, client.clock.market_ms()) == ([], START_MS)
            await client.control("POST", "clients/leave", {"name": "other"})
        assert steps[0].json()["step"] == 1
        async with trio.open_nursery() as nursery:
            nursery.start_soon(step)
            await trio.testing.wait_all_tasks_blocked()
            await client.control("POST", "quiescent", {"name": "one", "step": 1})
        assert steps[1].json()["market_ms"] == START_MS + 2 * MINUTE_MS

    play(scenario)


def test_a_client_may_wait_for_the_next_step() -> None:
    """A bot that answers and waits is driven bar by bar; it hears of each step when it has been made."""

    async def scenario(client: Client) -> None:
        heard: list[Any] = []
        await client.control("POST", "clients", {"name": "bot"})

        async def bot() -> None:
            step = 0
            while step < 3:
                answer = await client.control("POST", "quiescent", {"name": "bot", "step": step, "wait": True})
                step = answer.json()["step"]
                heard.append((step, answer.json()["market_ms"] - START_MS))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(bot)
            for _ in range(3):
                await client.step()
        assert heard == [(1, MINUTE_MS), (2, 2 * MINUTE_MS), (3, 3 * MINUTE_MS)]

    play(scenario)


def test_what_happens_in_a_bar_is_told_in_its_order_and_at_its_time() -> None:
    """The bar falls to 97 and comes back: 99 fills before 98, each at its millisecond, and the candle closes last."""

    async def scenario(client: Client) -> None:
        await client.limit("98", orderLinkId="low")
        await client.limit("99", orderLinkId="high")
        async with client.signed("private", "execution") as line, client.line("public/linear") as public:
            await public.asks(op="subscribe", args=["kline.1.BTCUSDT"])
            await public.all_so_far()
            await client.step()
            fills = await line.all_so_far()
            candles = await public.all_so_far()
        assert [frame["data"][0]["orderLinkId"] for frame in fills] == ["high", "low"]
        for frame in fills:
            assert frame["creationTime"] == int(frame["data"][0]["execTime"])
        assert START_MS < fills[0]["creationTime"] < fills[1]["creationTime"] < START_MS + MINUTE_MS
        shown = [(frame["data"][0]["start"], frame["data"][0]["confirm"]) for frame in candles]
        assert shown[-2:] == [(START_MS, True), (START_MS + MINUTE_MS, False)]
        closed = candles[-2]["data"][0]
        assert [closed[name] for name in ("open", "high", "low", "close")] == ["100", "100", "97", "100"]
        assert candles[-2]["ts"] == START_MS + MINUTE_MS
        assert all(not confirm for _, confirm in shown[:-2])

    play(scenario, rows=[(100, 100, 97, 100), *(FLAT,) * 5])


def test_acts_and_fills_of_one_bar_keep_their_times() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", "execution") as line:
            await client.step(bars=3)
            told = [frame["data"][0] for frame in await line.all_so_far()]
        assert [int(row["execTime"]) - START_MS for row in told] == [30_000, 61_500, 150_001]

    position = {"kind": "foreign_position", "symbol": "BTCUSDT", "side": "Buy", "qty": "0.1"}
    play(scenario, orders=[position | {"at": at} for at in ("00:02:30.001", "00:00:30", "00:01:01.5")])
