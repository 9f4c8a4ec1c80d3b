"""The control route: what it shows and takes, its plain errors, and where it is not."""

from typing import Any

import pytest
import trio

from actors.bybit.server.clock import ScaledClock, SteppedClock
from actors.bybit.server.faults.assembly import FaultSetup
from actors.bybit.server.faults.kinds import KINDS
from actors.bybit.server.serve import ServerPlan, is_loopback, run_server
from actors.model.errors import ConfigurationError
from tests.actors.bybit.server.loopback import Client, play
from tests.actors.bybit.server.markets import FLAT, START_MS, an_exchange


async def refused(client: Client, path: str, body: Any) -> str:
    answer = await client.control("POST", path, body)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def test_it_lists_the_kinds_with_their_parameters() -> None:
    async def scenario(client: Client) -> None:
        listed = (await client.control("GET", "faults/kinds")).json()
        assert [each["kind"] for each in listed] == list(KINDS)
        by_kind = {each["kind"]: each for each in listed}
        assert by_kind["drop_socket"]["parameters"]["on"] == {"is": "now | sent | heard", "default": "now"}
        assert by_kind["delay"]["parameters"]["ms"] == {"is": "int", "least": 0, "most": 86_400_000}
        assert by_kind["clock_step"]["matches"] == []

    play(scenario)


def test_it_lists_what_is_ordered_and_what_has_ended() -> None:
    async def scenario(client: Client) -> None:
        answer = await client.control("POST", "faults", [{"kind": "delay", "ms": 1}, {"kind": "ban", "at_ms": 5}])
        assert answer.json() == {"numbers": [1, 2]}
        await client.fault("clock_step", by_ms=5)
        shown = (await client.control("GET", "faults")).json()
        assert [(each["number"], each["kind"]) for each in shown["active"]] == [(1, "delay"), (2, "ban")]
        assert shown["active"][1]["from_ms"] == START_MS + 5
        assert [(each["kind"], each["happened"]) for each in shown["ended"]] == [("clock_step", 1)]
        assert (await client.control("POST", "faults/clear", {"number": 1})).json() == {"cleared": 1}
        assert (await client.control("POST", "faults/clear")).json() == {"cleared": 1}
        assert (await client.get("market/time"))["retCode"] == 0

    play(scenario)


def test_it_shows_accounts_and_connections_as_they_are() -> None:
    async def scenario(client: Client) -> None:
        await client.limit("99", orderLinkId="rest")
        await client.market("0.2")
        async with client.signed("private", "order"), client.line("public/spot"):
            state = (await client.control("GET", "state")).json()
        (account,) = state["accounts"]
        assert (account["key"], account["uid"], account["executions"]) == ("local-key-1", 1, 1)
        assert [row["orderLinkId"] for row in account["open_orders"]] == ["rest"]
        assert [(row["side"], row["size"]) for row in account["positions"]] == [("Buy", "0.2")]
        assert account["wallet"]["coin"][0]["coin"] == "USDT"
        assert "secret" not in str(state)
        assert [(each["socket"], each["account"]) for each in state["connections"]] == [
            ("private", "local-key-1"),
            ("public spot", ""),
        ]
        assert state["clock"]["market_ms"] == START_MS

    play(scenario)


def test_its_errors_are_plain_lines() -> None:
    async def scenario(client: Client) -> None:
        assert await refused(client, "faults", {"kind": "dely", "ms": 1}) == (
            "kind: 'dely' is no kind of fault; did you mean `delay`?\n"
        )
        assert await refused(client, "faults", [{"kind": "delay"}, 3, {"kind": "ban", "adress": "x"}]) == (
            "1.ms: is missing\n2: expected an object with a kind\n3.adress: unknown key; known: path, symbol, account, "
            "at, at_ms, until, until_ms, for_ms, times, probability\n"
        )
        assert await refused(client, "faults", 4) == "expected an object with a kind\n"
        assert await refused(client, "faults/clear", {"number": 9}) == "number: no fault 9 is ordered\n"
        assert await refused(client, "step", {"bar": 1, "bars": 0}) == (
            "bar: unknown key; known: bars, by_ms, until_ms, timeout_ms\n"
            "bars: is 0, expected a whole number from 1 to 1000000\n"
        )
        assert await refused(client, "step", {"bars": 1, "by_ms": 5}) == (
            "by_ms: stands beside bars; one of them says how far\n"
        )
        assert await refused(client, "clients", {"name": ""}) == (
            "name: is '', expected printable text of at most 64 characters\n"
        )
        assert await refused(client, "quiescent", {"name": "bot", "step": 0}) == (
            "'bot' is not registered; POST /control/clients registers\n"
        )
        url = f"http://127.0.0.1:{client.port}/control/faults"
        broken = await client.http.post(url, content=b"{")
        assert (broken.status_code, broken.text.startswith("the body is not JSON: ")) == (400, True)
        large = await client.http.post(url, content=b" " * 70_000)
        assert (large.status_code, large.text) == (400, "the body is too large\n")
        assert (await client.control("GET", "nothing")).status_code == 404
        assert (await client.control("GET", "step")).status_code == 405
        shown = (await client.control("GET", "faults")).json()
        assert shown == {"active": [], "ended": []}

    play(scenario)


def test_a_clock_that_runs_by_itself_is_not_stepped() -> None:
    async def scenario(client: Client) -> None:
        said = await refused(client, "step", {"bars": 1})
        assert said == "the clock runs by itself: a step needs an exchange that is started with --stepped\n"
        assert (await client.control("GET", "clock")).json()["rate"] == 50

    play(scenario, clock=ScaledClock(START_MS, 50))


def test_it_can_be_switched_off_while_a_schedule_plays() -> None:
    async def scenario(client: Client) -> None:
        assert (await client.control("GET", "state")).status_code == 404
        assert (await client.control("POST", "faults", {"kind": "ban"})).status_code == 404
        assert (await client.get("market/time"))["retCode"] == 10000
        assert (await client.get("market/time"))["retCode"] == 0

    play(scenario, orders=[{"kind": "error_code", "code": 10000, "path": "market/time"}], has_control=False)


@pytest.mark.parametrize(
    ("host", "inside"),
    [("127.0.0.1", True), ("localhost", True), ("[::1]", True), ("0.0.0.0", False), ("192.0.2.7", False), ("x", False)],
)
def test_loopback_addresses_are_told_from_others(host: str, inside: bool) -> None:
    assert is_loopback(host) is inside


def test_it_is_not_opened_to_others() -> None:
    clock = SteppedClock(START_MS)

    async def main() -> None:
        plan = ServerPlan("0.0.0.0", 0, faults=FaultSetup())
        await run_server(plan, an_exchange([FLAT]), clock)

    with pytest.raises(ConfigurationError, match=r"loopback alone, not for 0\.0\.0\.0"):
        trio.run(main, clock=clock)
