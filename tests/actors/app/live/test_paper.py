"""Paper trading over the local exchange's public market, on its stepped clock: real trades, a simulated account."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from actors.app import names
from actors.app.cli import main
from actors.app.live.edges import paper_edges_of
from actors.app.live.house import live_kernel
from actors.app.live.planning import plan_of
from actors.app.live.preflight import Preflight, public_preflight
from actors.app.live.venues import LiveVenue, venue_of
from actors.app.settings import load_settings
from actors.bybit.endpoints import Environment
from actors.bybit.server.clock import SteppedClock
from actors.bybit.server.market.trades import recent_trades
from actors.bybit.server.trading.exchange import LocalExchange
from actors.model.backend import EquityQuery, ExecutionsQuery, PositionQuery, SubmitOrder
from actors.model.errors import ConfigurationError, InputError
from actors.model.fixed import Qty
from actors.model.order import Category, OrderRequest, OrderType, Side
from actors.model.result import RequestOutcome
from ideacards.loader import load_card
from runtime.drivers.live import LiveDriver
from runtime.spec import SECOND_NS
from tests.actors.bybit.edges.live import exchange
from tests.actors.bybit.server.markets import FLAT, START_MS, an_exchange
from tests.contracts.live import listen, move_on, on_exchange_time
from tests.ideacards.builders import a_card_text
from tests.ideacards.led import LED_PARTS

ROOT = Path(__file__).resolve().parents[4]
CARD = ROOT / "ideacards" / "cards" / "ema_cross.yaml"
RISING = [FLAT, (100, 160, 100, 160), (160, 160, 130, 130)]
MINUTE_MS = 60_000
BTC = "BTCUSDT"


@attrs.frozen
class PaperRig:
    """A paper tree that is up, and the exchange whose market it watches."""

    driver: LiveDriver
    exchange: LocalExchange
    clock: SteppedClock

    async def ask(self, message: Any) -> Any:
        return await self.driver.ask(names.RATELIMITER, message, 60 * SECOND_NS)

    async def advance(self, ms: int) -> None:
        """Let the exchange's time pass, in steps in which its public trades come through."""
        until_ms = self.clock.market_ms() + ms
        while self.clock.market_ms() < until_ms:
            self.clock.advance_to(min(until_ms, self.clock.market_ms() + 250))
            await wait_all_tasks_blocked(0.005)

    async def until(self, done: Any) -> Any:
        """What `done` comes to when it is something, within a minute of the exchange's time."""
        for _ in range(240):
            if found := await done():
                return found
            await self.advance(250)
        raise AssertionError("it did not come true within a minute")

    async def fills(self) -> tuple[Any, ...]:
        found = await self.ask(ExecutionsQuery(BTC))
        return tuple(found.fills)

    async def position(self) -> int:
        return int((await self.ask(PositionQuery(BTC))).position.qty)


@asynccontextmanager
async def a_paper_rig() -> AsyncIterator[PaperRig]:
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, SteppedClock)
    venue_exchange = an_exchange(RISING)
    card = load_card(CARD, ())
    async with trio.open_nursery() as nursery:
        address = await nursery.start(listen, venue_exchange, clock, False)
        venue = venue_of(load_settings("paper"), address=address)
        public = await public_preflight(venue, (BTC,), clock.wall_ms)
        assert public.prices == {BTC: 1_000}  # the tick is 0.10
        found = Preflight(public.time_ms, public.instruments, Decimal(100_000))
        plan = attrs.evolve(plan_of((card,), load_settings("paper"), found), prices=public.prices)
        driver = LiveDriver(
            live_kernel(plan), paper_edges_of(venue), wall_ns=lambda: clock.wall_ms() * 1_000_000, stop_ns=5 * SECOND_NS
        )
        opening = trio.CancelScope()
        nursery.start_soon(move_on, opening)
        ended = trio.Event()

        async def run() -> None:
            await driver.run()
            ended.set()

        nursery.start_soon(run)
        await driver.wait_up()
        opening.cancel()
        assert driver.kernel.life.outcome is None
        yield PaperRig(driver, venue_exchange, clock)
        nursery.start_soon(move_on, trio.CancelScope())
        driver.stop("the test is over")
        await ended.wait()
        nursery.cancel_scope.cancel()


def an_order(link_id: str, side: Side = Side.BUY) -> SubmitOrder:
    return SubmitOrder(OrderRequest(link_id, BTC, side, OrderType.MARKET, Qty(100)))


@pytest.mark.trio(run=on_exchange_time)
async def test_a_market_order_fills_at_the_first_trade_that_the_exchange_shows_after_it() -> None:
    async with a_paper_rig() as rig:
        await rig.advance(START_MS + MINUTE_MS + 5_000 - rig.clock.market_ms())  # the price rises
        sent_ms = rig.clock.market_ms()
        assert (await rig.ask(an_order("paper-1"))).outcome is RequestOutcome.ACCEPTED
        assert await rig.fills() == ()  # no trade has happened since
        (fill,) = await rig.until(rig.fills)
        assert fill.time_ms >= sent_ms
        shown = recent_trades(rig.exchange.feeds[Category.LINEAR, BTC], rig.clock.market_ms(), 100)
        prices = {trade.time_ms: trade.price // 10 for trade in shown}  # cents there, ticks here
        assert prices[fill.time_ms] == fill.price
        after = sorted(time_ms for time_ms in prices if time_ms >= sent_ms)
        assert fill.time_ms in after[:2]  # the clock is known within some ms, so one trade may be passed over
        assert await rig.position() == 100
        assert not rig.exchange.accounts["local-key-1"].executions  # the exchange knows nothing of it


@pytest.mark.trio(run=on_exchange_time)
async def test_the_account_outlives_the_crash_of_everything_around_the_venue() -> None:
    async with a_paper_rig() as rig:
        await rig.ask(an_order("paper-1"))
        await rig.until(rig.fills)
        equity = (await rig.ask(EquityQuery(BTC))).wallet
        for ref in (names.GATEWAY, names.TRADES_SOCKET, names.ORDERS, names.RATELIMITER):
            before = rig.driver.kernel.cell(ref).incarnation
            rig.driver.kill(ref)
            await rig.advance(10_000)
            assert rig.driver.kernel.life.outcome is None
            assert rig.driver.kernel.cell(ref).incarnation > before
            assert await rig.position() == 100
        assert (await rig.ask(EquityQuery(BTC))).wallet == equity
        await rig.ask(an_order("paper-2", Side.SELL))

        async def is_flat() -> bool:
            return await rig.position() == 0

        await rig.until(is_flat)


@pytest.mark.trio(run=on_exchange_time)
async def test_the_public_market_alone_is_asked() -> None:
    async with a_paper_rig() as rig:
        await rig.advance(1_000)
        assert not rig.exchange.accounts["local-key-1"].orders
    paper = venue_of(load_settings("paper"))
    assert (paper.environment, paper.keys, paper.rest().url) == (Environment.MAIN, None, "https://api.bybit.com")


def test_paper_takes_no_keys_and_a_signed_stream_has_none_to_sign_with(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the profile paper takes no keys"):
        venue_of(load_settings("paper"), keys=tmp_path / "keys")
    with pytest.raises(ConfigurationError, match="this run has none"):
        LiveVenue(Environment.MAIN, None)._sign(0)


def test_a_paper_run_is_up_over_the_public_market_and_its_account_ends_with_it(tmp_path: Path) -> None:
    with exchange() as venue:
        words = ["run", str(CARD), "--profile", "paper", "--exchange", f"127.0.0.1:{venue.port}", "--for", "1s"]
        words = [sys.executable, "-m", "actors.app.cli", *words, "--journal", str(tmp_path / "journal")]
        run = partial(subprocess.run, words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        done = run()
        assert done.returncode == 0
        assert "reconciled symbol=BTCUSDT verdict=agrees" in done.stderr
        assert "ERROR" not in done.stderr
        account, ready = done.stdout.splitlines()
        assert account == f"paper on http://127.0.0.1:{venue.port}: BTCUSDT; equity 1000000; reconciling"
        assert ready.startswith("READY")
        again = run()
        assert again.returncode == 2
        assert again.stderr.endswith(
            "holds an earlier run, whose paper account ended with it; give another --journal\n"
        )
        (stands,) = venue.state()["accounts"]
        assert (stands["positions"], stands["open_orders"], stands["executions"]) == ([], [], 0)


@pytest.mark.slow
def test_a_paper_run_reads_the_bars_of_a_leader_and_trades_the_card_s_symbol_alone(tmp_path: Path) -> None:
    card = tmp_path / "led.yaml"
    card.write_text(a_card_text(**LED_PARTS), encoding="utf-8")
    journal = tmp_path / "journal"
    with exchange() as venue:
        words = ["run", str(card), "--profile", "paper", "--exchange", f"127.0.0.1:{venue.port}", "--for", "1s"]
        words = [sys.executable, "-m", "actors.app.cli", *words, "--journal", str(journal)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "ETHUSDT, led by BTCUSDT; equity 1000; reconciling" in done.stdout
    assert "reconciled symbol=ETHUSDT verdict=agrees" in done.stderr
    assert "symbol=BTCUSDT" not in done.stderr
    assert main(["replay", str(journal)]) == 0
