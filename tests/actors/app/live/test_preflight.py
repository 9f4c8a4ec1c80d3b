"""A start on doubtful ground is refused in one line, against the local exchange and hosts that play a script."""

import socket
from contextlib import AbstractContextManager
from decimal import Decimal
from functools import partial
from typing import Any

import attrs
import pytest

from actors.app.live.preflight import Preflight, preflight, public_preflight
from actors.app.live.venues import LiveVenue
from actors.bybit.edges.keys import ApiKeys, Secret
from actors.bybit.endpoints import Environment
from actors.bybit.server.faults.acts import perform
from actors.bybit.server.faults.assembly import FaultSetup
from actors.bybit.server.faults.kinds import Direction, ForeignOrder, ForeignPosition
from actors.bybit.server.faults.matching import Match
from actors.bybit.server.faults.reading import read_fault
from actors.bybit.server.trading.accounts import AccountPlan
from actors.model.errors import AuthenticationError, ConfigurationError
from tests.actors.bybit.edges.hosts import Page, a_host
from tests.actors.bybit.server.markets import START_MS
from tests.actors.bybit.server.running import KEY, SECRET, RunningServer, a_market_exchange, running

KEYS = ApiKeys(Environment.LOCAL, KEY, Secret(SECRET))


async def asked(server: RunningServer, *symbols: str, keys: ApiKeys = KEYS, off_ms: int = 0) -> Preflight:
    """The checks of a start, by a clock that is `off_ms` ahead of the exchange's."""
    venue = LiveVenue(Environment.LOCAL, keys, server.address)
    leverages = dict.fromkeys(symbols or ("BTCUSDT",), 3)
    return await preflight(venue, leverages, lambda: server.wall_ms() + off_ms, prefix="cflocl", retry_s=0)


async def refused(server: RunningServer, *symbols: str, keys: ApiKeys = KEYS) -> str:
    with pytest.raises(ConfigurationError) as caught:
        await asked(server, *symbols, keys=keys)
    text = str(caught.value)
    assert "\n" not in text
    assert SECRET not in text and KEY not in text  # noqa: PT018
    return text


def closing(**fields: Any) -> AbstractContextManager[RunningServer]:
    """A server with one maintenance."""
    return running(faults=FaultSetup([read_fault({"kind": "maintenance", **fields})], has_control=False))


async def refused_by(page: Page) -> str:
    """What is told of a host that answers every request by this page."""
    with a_host(page) as host:
        venue = LiveVenue(Environment.LOCAL, KEYS, host.address)
        with pytest.raises(ConfigurationError) as caught:
            await preflight(venue, {"BTCUSDT": 1}, retry_s=0)
    assert str(caught.value).startswith(f"http://{host.address} ")
    return str(caught.value)


async def test_a_fit_account_is_found_and_its_leverage_set() -> None:
    with running() as server:
        found = await asked(server, "BTCUSDT", "ETHUSDT")
        assert list(found.instruments) == ["BTCUSDT", "ETHUSDT"]
        assert (str(found.equity), found.told) == ("100000", ())
        (account,) = server.exchange.accounts.values()
        assert [market.account.leverage for market in account.linear.venue.markets.values()] == [3, 3]


async def test_a_leader_is_asked_for_its_grids_alone() -> None:
    """Its leverage stands, and neither its position nor its mode is anything to a run that only reads it."""
    with running() as server:
        (account,) = server.exchange.accounts.values()
        stranger = ForeignPosition(side=Direction.BUY, qty=Decimal("0.5"))
        server.do(partial(perform, stranger, Match(symbol="BTCUSDT"), server.exchange, server.clock))
        server.do(lambda: account.is_hedged.update(BTCUSDT=True))
        venue = LiveVenue(Environment.LOCAL, KEYS, server.address)
        before = {symbol: market.account.leverage for symbol, market in account.linear.venue.markets.items()}
        found = await preflight(venue, {"ETHUSDT": 3}, server.wall_ms, retry_s=0, leaders=("BTCUSDT",))
        assert list(found.instruments) == ["ETHUSDT", "BTCUSDT"]
        assert found.told == ()
        after = {symbol: market.account.leverage for symbol, market in account.linear.venue.markets.items()}
        assert after == before | {"ETHUSDT": 3}
        with pytest.raises(ConfigurationError, match="DOGEUSDT: Bybit lists no linear symbol"):
            await preflight(venue, {"ETHUSDT": 3}, server.wall_ms, retry_s=0, leaders=("DOGEUSDT",))
        public = await public_preflight(venue, ("ETHUSDT",), server.wall_ms, retry_s=0, leaders=("BTCUSDT",))
        assert (list(public.instruments), list(public.prices)) == (["ETHUSDT", "BTCUSDT"], ["ETHUSDT"])


async def test_keys_that_are_refused_are_told_with_what_to_do() -> None:
    wrong_secret = attrs.evolve(KEYS, secret=Secret("another"))
    unknown = ApiKeys(Environment.LOCAL, "another-key", Secret(SECRET))
    with running() as server:
        text = await refused(server, keys=wrong_secret)
        assert text.startswith(f"http://{server.address} refused the request: 10004")
        assert text.endswith("the secret does not belong to the key: copy both again into the key file")
        assert "10003" in (text := await refused(server, keys=unknown))
        assert "the key is not one of local: a key works in the environment that it was made in alone" in text
        with pytest.raises(AuthenticationError):
            await asked(server, keys=unknown)


async def test_expired_and_read_only_keys_are_told() -> None:
    expired = AccountPlan(KEY, SECRET, expired_at_ms=START_MS - 1)
    with running(a_market_exchange(expired)) as server:
        assert (await refused(server)).endswith(
            "33004 Your api key has expired: the key has expired: make a new one at Bybit"
        )
    with running(a_market_exchange(AccountPlan(KEY, SECRET, is_read_only=True))) as server:
        assert (await refused(server)).startswith("the key is read-only: make one with the permissions")


async def test_hedge_mode_is_told() -> None:
    with running() as server:
        (account,) = server.exchange.accounts.values()
        server.do(lambda: account.is_hedged.update(BTCUSDT=True))
        assert await refused(server) == "BTCUSDT: the account is in hedge mode: switch the position mode to one-way"


async def test_an_unknown_symbol_and_one_that_is_delisted_are_told_at_once() -> None:
    with running() as server:
        server.do(lambda: server.exchange.delist("ETHUSDT", START_MS, START_MS + 3_600_000))
        text = await refused(server, "DOGEUSDT", "ETHUSDT")
        assert "DOGEUSDT: Bybit lists no linear symbol of that name: check the symbol in the card; ETHUSDT: " in text
        assert "delists it at 2023-11-14T23:14:00Z" in text or "only Trading takes orders" in text


async def test_leverage_above_the_venues_is_told() -> None:
    with running() as server:
        venue = LiveVenue(Environment.LOCAL, KEYS, server.address)
        with pytest.raises(ConfigurationError, match="BTCUSDT: leverage 1000 is above the venue's 100: lower"):
            await preflight(venue, {"BTCUSDT": 1000}, server.wall_ms, retry_s=0)


@pytest.mark.parametrize(("off_ms", "side"), [(60_000, "ahead of"), (-60_000, "behind")])
async def test_a_clock_that_is_off_by_a_minute_is_corrected_and_told(off_ms: int, side: str) -> None:
    with running() as server:
        found = await asked(server, off_ms=off_ms)
        assert found.told[0].startswith(
            f"this machine's clock is 60.0 s {side} the exchange's: the run corrects for it"
        )


async def test_strangers_on_the_account_are_told_and_left_alone() -> None:
    with running() as server:
        for fault in (
            ForeignPosition(side=Direction.BUY, qty=Decimal("0.5")),
            ForeignOrder(side=Direction.BUY, qty=Decimal("0.1"), price=Decimal(50_000)),
        ):
            server.do(partial(perform, fault, Match(symbol="BTCUSDT"), server.exchange, server.clock))
        found = await asked(server)
        assert found.told[0].startswith("BTCUSDT: 1 open order that is not this deployment's: left alone, and entries ")
        assert found.told[1].startswith("BTCUSDT: the account holds Buy 0.5; unless this run's journal explains it")
        (account,) = server.exchange.accounts.values()
        assert len(account.open) == 1
        assert account.positions["BTCUSDT"].qty == 500


async def test_no_network_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"  # bound and not listening: nobody answers
        with pytest.raises(ConfigurationError) as caught:
            await preflight(LiveVenue(Environment.LOCAL, KEYS, address), {"BTCUSDT": 1}, retry_s=0)
    assert str(caught.value).startswith(f"http://{address} does not answer: ConnectionError: Connection refused: ")
    assert "check the network, a proxy between, and that the exchange is up" in str(caught.value)


@pytest.mark.parametrize("status", [200, 403, 502])
async def test_a_proxy_that_answers_with_a_web_page_is_told(status: int) -> None:
    page = Page(status, b"<!DOCTYPE html>\n<html><head><title>Sign in to\n the guest network</title></head></html>")
    text = await refused_by(page)
    assert "answers with a web page (Sign in to the guest network), not as Bybit does: a proxy" in text


async def test_an_answer_of_another_shape_is_told() -> None:
    body = b'{"retCode":0,"retMsg":"OK","result":{"timeSecond":"1"},"retExtInfo":{},"time":1}'
    text = await refused_by(Page(200, body))
    assert "gives an answer that cannot be read: " in text
    assert "nothing trades on a guess" in text


async def test_a_server_that_is_broken_is_told() -> None:
    assert "answers 502 Bad Gateway: check" in await refused_by(Page(502, b"Bad Gateway"))


async def test_a_maintenance_under_way_is_told_with_its_end() -> None:
    with closing(for_ms=90_000) as server:
        text = await refused(server)
    times = "from 2023-11-14T22:14:00Z to 2023-11-14T22:15:30Z"
    assert text == f"http://{server.address} is closed: planned maintenance {times}: start again after it"


async def test_a_maintenance_nobody_announced_is_a_server_error() -> None:
    with closing(announced=False) as server:
        assert (await refused(server)).startswith(f"http://{server.address} answers 10016 Server error: check ")


async def test_a_maintenance_of_the_next_day_is_told() -> None:
    with closing(at_ms=3_600_000, for_ms=60_000) as server:
        times = "from 2023-11-14T23:14:00Z to 2023-11-14T23:15:00Z"
        told = f"planned maintenance {times}: entries pause from shortly before it to its end"
        assert (await asked(server)).told == (told,)
    with closing(at_ms=100_000_000, for_ms=60_000) as server:
        assert (await asked(server)).told == ()


async def test_a_ban_of_the_address_is_told() -> None:
    text = await refused_by(Page(403, b"access too frequent"))
    assert "limits this address: " in text
    assert text.endswith("wait ten minutes, and start again")
