"""One clock for everything: server time, receive windows, rate limits, bans and idle limits run at its rate."""

import attrs
import pytest

from actors.bybit.server.clock import ScaledClock, SteppedClock
from actors.bybit.signing import sign_rest, sign_socket
from tests.actors.bybit.server.loopback import Client, play
from tests.actors.bybit.server.markets import FLAT, MINUTE_MS, START_MS

RATE = 60.0


@attrs.define
class Seconds:
    """Real time, as a test lets it pass."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


async def stamped(client: Client, stamp_ms: int) -> int:
    """The code of a signed read with this timestamp and a window of 5 s."""
    plan, query = client.plan, "category=linear&symbol=BTCUSDT"
    headers = {
        "X-BAPI-API-KEY": plan.key,
        "X-BAPI-TIMESTAMP": str(stamp_ms),
        "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": sign_rest(plan.secret, plan.key, str(stamp_ms), "5000", query),
    }
    url = f"http://127.0.0.1:{client.port}/v5/position/list?{query}"
    return int((await client.http.get(url, headers=headers)).json()["retCode"])


# -- the clocks -------------------------------------------------------------------------------------------------------


def test_two_clocks_of_one_rate_and_epoch_agree() -> None:
    seconds = Seconds()
    exchange, client = (ScaledClock(START_MS, RATE, seconds) for _ in range(2))
    for real in (0.0, 0.125, 0.5, 3.25, 3_600.0):
        seconds.now = 1_000.0 + real
        assert exchange.wall_ms() == client.wall_ms() == START_MS + int(real * RATE * 1_000)


def test_a_deadline_is_slept_in_real_seconds() -> None:
    seconds = Seconds()
    clock = ScaledClock(START_MS, RATE, seconds)
    assert clock.deadline_to_sleep_time(30.0) == 0.5
    seconds.now += 0.25
    assert clock.current_time() == 15.0
    assert clock.deadline_to_sleep_time(30.0) == 0.25


def test_a_step_of_the_server_time_leaves_the_market_alone() -> None:
    clock = SteppedClock(START_MS)
    clock.step_wall(-90_000)
    assert (clock.wall_ms(), clock.market_ms(), clock.current_time()) == (START_MS - 90_000, START_MS, 0.0)
    clock.advance_to(START_MS + 5)
    assert clock.wall_ms() == START_MS - 90_000 + 5


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_must_be_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        ScaledClock(START_MS, rate)


def test_a_stepped_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="has passed"):
        SteppedClock(START_MS).advance_to(START_MS - 1)


# -- at sixty times the rate ------------------------------------------------------------------------------------------


def test_a_receive_window_of_five_seconds_is_83_real_milliseconds() -> None:
    seconds = Seconds()

    async def scenario(client: Client) -> None:
        same = ScaledClock(START_MS, RATE, seconds)  # of a client that was started with the same rate and epoch
        stamp_ms = same.wall_ms()
        assert (await client.get("market/time"))["time"] == stamp_ms == client.clock.wall_ms()
        seconds.now += 0.083
        assert await stamped(client, stamp_ms) == 0
        seconds.now += 0.001
        assert await stamped(client, stamp_ms) == 10002
        assert await stamped(client, same.wall_ms()) == 0
        assert await stamped(client, same.wall_ms() + 999) == 0
        assert await stamped(client, same.wall_ms() + 1_000) == 10002

    play(scenario, clock=ScaledClock(START_MS, RATE, seconds))


def test_a_rate_limit_of_a_second_is_a_second_of_the_exchange() -> None:
    seconds = Seconds()

    async def scenario(client: Client) -> None:
        for _ in range(10):
            assert (await client.limit("99"))["retCode"] == 0
        over = await client.raw("POST", "order/create", category="linear", symbol="BTCUSDT", side="Buy")
        assert over.status_code == 200
        create = {"category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit"}
        over = await client.raw("POST", "order/create", **create, qty="0.1", price="99")
        assert over.json()["retCode"] == 10006
        reset_ms = int(over.headers["X-Bapi-Limit-Reset-Timestamp"])
        assert reset_ms == client.clock.wall_ms() + 1_000
        seconds.now += 0.016  # 960 ms of the exchange
        assert (await client.limit("99"))["retCode"] == 10006
        seconds.now += 0.001
        assert client.clock.wall_ms() >= reset_ms
        assert (await client.limit("99"))["retCode"] == 0

    play(scenario, clock=ScaledClock(START_MS, RATE, seconds))


def test_a_ban_of_ten_minutes_is_ten_real_seconds() -> None:
    seconds = Seconds()

    async def scenario(client: Client) -> None:
        async def statuses(count: int) -> list[int]:
            return [(await client.raw("GET", "market/time")).status_code for _ in range(count)]

        assert await statuses(5) == [200] * 5
        seconds.now += 5.0 / RATE + 0.001  # the window of five seconds is over
        assert await statuses(6) == [200] * 5 + [403]
        seconds.now += 9.99
        assert await statuses(1) == [403]
        seconds.now += 0.02
        assert await statuses(1) == [200]

    play(scenario, clock=ScaledClock(START_MS, RATE, seconds), address_limit=5)


def test_the_market_goes_on_at_the_rate() -> None:
    seconds = Seconds()

    async def scenario(client: Client) -> None:
        async def newest() -> list[str]:
            rows = await client.get("market/kline", category="linear", symbol="BTCUSDT", interval="1", limit=1)
            return list(rows["result"]["list"][0])

        assert (await newest())[0] == str(START_MS)
        seconds.now += 1.0
        assert (await newest())[:2] == [str(START_MS + MINUTE_MS), "105"]

    play(scenario, rows=[FLAT, *((105,) * 4,) * 5], clock=ScaledClock(START_MS, RATE, seconds))


# -- idle limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "limit_ms"), [("", 600_000), ("?max_active_time=30s", 30_000)])
def test_an_idle_socket_is_closed_after_its_limit(query: str, limit_ms: int) -> None:
    async def scenario(client: Client) -> None:
        async with client.line(f"private{query}") as idle, client.line(f"private{query}") as alive:
            for _ in range(limit_ms // 10_000):
                await client.step(by_ms=10_000)
                assert (await alive.asks(op="ping"))["op"] == "pong"
            assert not await idle.is_closed()
            for _ in range(3):
                await client.step(by_ms=10_000)
                await alive.asks(op="ping")
            assert await idle.is_closed()
            assert not await alive.is_closed()

    play(scenario)


def test_a_sign_in_expires_on_the_exchange_clock() -> None:
    async def scenario(client: Client) -> None:
        expires = client.clock.wall_ms() + 5_000
        auth = {"op": "auth", "args": [client.plan.key, expires, sign_socket(client.plan.secret, str(expires))]}
        async with client.line("private") as line:
            assert (await line.asks(**auth))["success"]
            await client.step(by_ms=5_000)
        async with client.line("private") as line:
            assert not (await line.asks(**auth))["success"]

    play(scenario)
