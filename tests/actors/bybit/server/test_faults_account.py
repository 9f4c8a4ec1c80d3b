"""Faults of what a client knows of its account: stale reads, lost races, and what others do to it."""

from typing import Any

import pytest

from tests.actors.bybit.server.loopback import Client, play
from tests.actors.bybit.server.markets import FLAT, START_MS

LINEAR = {"category": "linear", "symbol": "BTCUSDT"}
ALL = ("order", "execution", "position", "wallet")


async def rows(client: Client, path: str, **params: Any) -> list[Any]:
    answer = await client.get(path, **(LINEAR | params))
    assert answer["retCode"] == 0, answer
    return list(answer["result"]["list"])


async def truth(client: Client) -> Any:
    return (await client.control("GET", "state")).json()["accounts"][0]


async def size(client: Client) -> tuple[str, str]:
    (row,) = await rows(client, "position/list")
    return row["side"], row["size"]


def equity(wallet: Any) -> str:
    return str(wallet["totalWalletBalance"])


# -- stale reads ------------------------------------------------------------------------------------------------------


def test_reads_show_what_was_some_time_ago() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("stale_read", lag_ms=1_000)
        before = equity((await truth(client))["wallet"])
        await client.limit("99", orderLinkId="resting")
        await client.market("0.2")
        now = await truth(client)
        assert (now["positions"][0]["size"], len(now["open_orders"]), now["executions"]) == ("0.2", 1, 1)
        await client.step(by_ms=999)
        assert await rows(client, "order/realtime") == []
        assert await rows(client, "order/realtime", orderLinkId="resting") == []
        assert await rows(client, "order/history") == []
        assert await rows(client, "execution/list") == []
        assert await size(client) == ("", "0")
        (wallet,) = (await client.get("account/wallet-balance", accountType="UNIFIED"))["result"]["list"]
        assert equity(wallet) == before
        await client.step(by_ms=1)
        assert len(await rows(client, "order/realtime")) == 1
        assert len(await rows(client, "order/history")) == 1
        assert len(await rows(client, "execution/list")) == 1
        assert await size(client) == ("Buy", "0.2")
        (wallet,) = (await client.get("account/wallet-balance", accountType="UNIFIED"))["result"]["list"]
        assert equity(wallet) == equity((await truth(client))["wallet"]) != before

    play(scenario)


def test_a_stale_read_knows_what_the_market_had_done_by_then() -> None:
    """The limit order fills at 30 s, in the fall of the first bar; a read of 5 s ago sees it from 35 s on."""

    async def scenario(client: Client) -> None:
        await client.limit("99", orderLinkId="a")
        await client.fault("stale_read", path="position/list", lag_ms=5_000)
        await client.step()
        filled_ms = int((await rows(client, "execution/list"))[0]["execTime"])
        assert START_MS < filled_ms < START_MS + 55_000
        assert await size(client) == ("Buy", "0.1")
        await client.control("POST", "faults/clear")

    play(scenario, rows=[(100, 100, 98, 99), *(FLAT,) * 5])

    async def inside(client: Client) -> None:
        await client.limit("99", orderLinkId="a")
        await client.fault("stale_read", path="position/list", lag_ms=5_000)
        seen = []
        for _ in range(12):
            await client.step(by_ms=5_000)
            seen.append(((await truth(client))["executions"], (await size(client))[1]))
        first_true = [executions for executions, _ in seen].index(1)
        first_read = [read for _, read in seen].index("0.1")
        assert first_read == first_true + 1

    play(inside, rows=[(100, 100, 98, 99), *(FLAT,) * 5])


def test_a_write_acts_on_the_account_as_it_is_while_reads_are_stale() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("stale_read", lag_ms=60_000)
        await client.limit("99", orderLinkId="a")
        assert await rows(client, "order/realtime") == []
        assert (await client.limit("99", orderLinkId="a"))["retCode"] == 110072
        assert (await client.post("order/cancel", **LINEAR, orderLinkId="a"))["retCode"] == 0
        assert (await truth(client))["open_orders"] == []

    play(scenario)


# -- races ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["rest", "trade"])
def test_a_cancel_loses_its_race(by: str) -> None:
    async def scenario(client: Client) -> None:
        await client.limit("99", orderLinkId="a")
        async with client.signed("private", *ALL) as line, client.signed("trade") as trade:
            await client.fault("cancel_race", symbol="BTCUSDT")
            if by == "rest":
                assert (await client.post("order/cancel", **LINEAR, orderLinkId="a"))["retCode"] == 0
            else:
                await client.trade(trade, "order.cancel", "c1", orderLinkId="a")
                (answer,) = await trade.all_so_far()
                assert (answer["retCode"], answer["data"]["orderLinkId"]) == (0, "a")
            told = await line.all_so_far()
        filled = [frame["data"][0] for frame in told if frame["topic"] == "order"]
        assert [(row["orderStatus"], row["cumExecQty"]) for row in filled] == [("Filled", "0.1")] * 2
        assert (filled[0]["cancelType"], filled[0]["rejectReason"]) == ("UNKNOWN", "EC_NoError")
        assert filled[1]["cancelType"] == "CancelByUser"
        assert filled[1]["rejectReason"] == "EC_OrigClOrdIDDoesNotExist"
        (execution,) = [frame["data"][0] for frame in told if frame["topic"] == "execution"]
        assert (execution["execPrice"], execution["execQty"], execution["isMaker"]) == ("99", "0.1", True)
        assert await size(client) == ("Buy", "0.1")
        (ended,) = await rows(client, "order/history")
        assert (ended["orderStatus"], ended["rejectReason"]) == ("Filled", "EC_NoError")
        again = await client.post("order/cancel", **LINEAR, orderLinkId="a")
        assert again["retCode"] == 110001

    play(scenario)


def test_a_race_waits_for_an_order_that_can_fill() -> None:
    """A conditional order is cancelled as ever; the fault is for the resting one that comes after."""

    async def scenario(client: Client) -> None:
        await client.limit("99", orderLinkId="stop", triggerPrice="110", triggerDirection=1)
        await client.limit("98", orderLinkId="rest")
        await client.fault("cancel_race")
        assert (await client.post("order/cancel", **LINEAR, orderLinkId="stop"))["retCode"] == 0
        assert await size(client) == ("", "0")
        assert (await client.post("order/cancel", **LINEAR, orderLinkId="gone"))["retCode"] == 110001
        assert (await client.post("order/cancel", **LINEAR, orderLinkId="rest"))["retCode"] == 0
        assert await size(client) == ("Buy", "0.1")

    play(scenario)


def test_a_spot_cancel_loses_its_race_and_the_coins_change_hands() -> None:
    async def scenario(client: Client) -> None:
        spot = {"category": "spot", "symbol": "BTCUSDT"}
        await client.limit("99", orderLinkId="a", qty="1", category="spot")
        await client.fault("cancel_race", socket="rest")
        assert (await client.post("order/cancel", **spot, orderLinkId="a"))["retCode"] == 0
        coins = {row["coin"]: row for row in (await truth(client))["wallet"]["coin"]}
        assert coins["BTC"]["walletBalance"].startswith("0.999")
        assert (coins["USDT"]["walletBalance"], coins["USDT"]["locked"]) == ("99901", "0")

    play(scenario)


# -- others -----------------------------------------------------------------------------------------------------------


def test_a_foreign_order_rests_on_the_account() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", "order") as line:
            await client.fault("foreign_order", symbol="BTCUSDT", side="Sell", qty="0.3", price="101")
            (frame,) = await line.all_so_far()
            told = frame["data"][0]
            assert (told["orderLinkId"], told["orderStatus"], told["createType"]) == ("", "New", "CreateByUser")
        (row,) = await rows(client, "order/realtime")
        assert (row["orderId"], row["side"], row["qty"], row["price"]) == (told["orderId"], "Sell", "0.3", "101")

    play(scenario)


def test_a_foreign_position_appears_at_its_time() -> None:
    async def scenario(client: Client) -> None:
        async with client.signed("private", "execution", "position") as line:
            await client.step(by_ms=299_999)
            assert await size(client) == ("", "0")
            await client.step(by_ms=1)
            frames = await line.all_so_far()
            (execution,) = [frame["data"][0] for frame in frames if frame["topic"] == "execution"]
            assert (execution["orderLinkId"], execution["execTime"]) == ("", str(START_MS + 300_000))
        assert await size(client) == ("Sell", "0.4")

    order = {"kind": "foreign_position", "symbol": "BTCUSDT", "side": "Sell", "qty": "0.4", "at": "00:05:00"}
    play(scenario, orders=[order])


def test_what_the_exchange_refuses_of_an_act_is_said() -> None:
    async def scenario(client: Client) -> None:
        order = {"kind": "foreign_position", "symbol": "BTCUSDT", "side": "Buy", "qty": "1000000"}
        answer = await client.control("POST", "faults", order)
        assert (answer.status_code, answer.text.count("\n")) == (400, 1)
        assert answer.text.startswith("foreign_position 1: 1")
        assert await size(client) == ("", "0")

    play(scenario)


def test_leverage_and_mode_are_changed_by_hand() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("change_leverage", symbol="BTCUSDT", leverage=3)
        (row,) = await rows(client, "position/list")
        assert row["leverage"] == "3"
        await client.fault("change_mode", symbol="BTCUSDT", mode="hedge")
        refused = await client.limit("99", positionIdx=0)
        assert (refused["retCode"], refused["retMsg"]) == (10001, "position idx not match position mode")
        await client.fault("change_mode", symbol="BTCUSDT", mode="one_way")
        assert (await client.limit("99", positionIdx=0))["retCode"] == 0

    play(scenario)


def test_the_clock_steps_and_the_market_does_not() -> None:
    async def scenario(client: Client) -> None:
        await client.fault("clock_step", by_ms=-7_000)
        assert client.clock.market_ms() == START_MS
        assert (await client.get("market/time"))["time"] == START_MS - 7_000
        assert (await client.limit("99"))["retCode"] == 0  # the client's clock follows
        client.skew_ms = 7_000  # it has not heard of the step
        assert (await client.limit("99"))["retCode"] == 10002
        client.skew_ms = 999
        assert (await client.limit("99"))["retCode"] == 0
        await client.fault("clock_step", by_ms=7_000)
        assert client.clock.wall_ms() == START_MS

    play(scenario)


# -- delisting --------------------------------------------------------------------------------------------------------


def test_a_delisted_symbol_takes_closing_orders_alone_and_is_settled() -> None:
    end_ms = START_MS + 120_000

    async def scenario(client: Client) -> None:
        assert (await rows(client, "market/instruments-info"))[0]["deliveryTime"] == "0"
        await client.market("0.3")
        await client.limit("90", orderLinkId="rest")
        async with client.signed("private", *ALL) as line, client.line("public/linear") as public:
            await client.fault("delisting", symbol="BTCUSDT", after_ms=120_000)
            (row,) = await rows(client, "market/instruments-info")
            assert (row["deliveryTime"], row["status"]) == (str(end_ms), "Trading")
            assert (await rows(client, "market/tickers"))[0]["deliveryTime"] == str(end_ms)
            await public.asks(op="subscribe", args=["tickers.BTCUSDT"])
            assert (await public.next())["data"]["deliveryTime"] == str(end_ms)
            assert (await client.limit("99"))["retCode"] == 110023
            assert (await client.market("0.1", side="Sell", reduceOnly=True))["retCode"] == 0
            await line.all_so_far()
            await client.step(by_ms=119_999)
            assert await size(client) == ("Buy", "0.2")
            await client.step(by_ms=1)
            told = await line.all_so_far()
        (order,) = [frame["data"][0] for frame in told if frame["topic"] == "order"]
        assert (order["orderLinkId"], order["orderStatus"]) == ("rest", "Cancelled")
        (settled,) = [frame["data"][0] for frame in told if frame["topic"] == "execution"]
        assert (settled["execType"], settled["execQty"], settled["execTime"]) == ("Delivery", "0.2", str(end_ms))
        assert await size(client) == ("", "0")
        assert await rows(client, "order/realtime") == []
        assert await rows(client, "market/instruments-info") == []
        assert (await rows(client, "market/instruments-info", status="Closed"))[0]["symbol"] == "BTCUSDT"
        assert (await client.market("0.1"))["retCode"] == 10001

    play(scenario)


def test_a_spot_symbol_is_not_delisted() -> None:
    async def scenario(client: Client) -> None:
        answer = await client.control("POST", "faults", {"kind": "delisting", "symbol": "BTCUSD", "after_ms": 1})
        assert (answer.status_code, answer.text) == (400, "symbol: 'BTCUSD' is not listed; known: BTCUSDT\n")

    play(scenario)
