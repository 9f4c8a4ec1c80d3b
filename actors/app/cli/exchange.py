"""`exchange`: the simulated exchange served as Bybit v5 on loopback, until it is told to stop."""

import signal
import time
from pathlib import Path
from typing import Annotated

import trio
from cyclopts import Parameter

from actors.app.cli.consoles import aside
from actors.app.local_exchange.accounts import load_accounts
from actors.app.local_exchange.faults import load_faults
from actors.app.local_exchange.listings import file_bars, listings_of, synthetic_market
from actors.app.runs.ranges import moment_ms
from actors.app.runs.simulation import venue_config
from actors.app.settings import load_simulator_settings
from actors.bybit.server.clock import ExchangeClock, ScaledClock, SteppedClock
from actors.bybit.server.faults.assembly import FaultSetup
from actors.bybit.server.market.listing import HISTORY_BARS
from actors.bybit.server.serve import ServerPlan, is_loopback, run_server
from actors.bybit.server.trading.accounts import DEFAULT_ACCOUNT
from actors.bybit.server.trading.exchange import LocalExchange
from actors.model.errors import InputError
from actors.model.fixed import Money
from ideacards.errors import Problem

__all__ = ["run"]

_LISTEN = "127.0.0.1:8899"


def run(
    *,
    listen: str = _LISTEN,
    bars: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    synthetic: int | None = None,
    time_rate: float = 1.0,
    epoch: str | None = None,
    stepped: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    accounts: Path | None = None,
    faults: Path | None = None,
    instrument: Path | None = None,
    latency: Annotated[float, Parameter(name="--response-latency")] = 5.0,
    bybit_demo: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    any_address: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    matching: str | None = None,
    history: int = HISTORY_BARS,
) -> int:
    """Serve a simulated exchange as Bybit v5: REST and WebSocket, for any Bybit client to practise on.

    Without --bars it makes a market: BTCUSDT and ETHUSDT linear, BTCUSDT spot. The default account is local-key-1 /
    local-secret-1: 100 000 USDT, unified, cross margin, one-way.

    Synthetic, whatever the bars: order book, public trades, funding rates, open interest; mark and index are the last
    price. Orders do not move the price; a market order fills at the best displayed price.

    :param listen: HOST:PORT; port 0 takes a free one, which the line at the start names.
    :param bars: SYMBOL=FILE (or FILE for BTCUSDT): candles to replay. They are moved to the server's time by whole
        weeks unless they cover it; 3 000 bars lie before the start.
    :param synthetic: Make the market from this seed; 7 unless it is given.
    :param time_rate: Seconds of the exchange per real second.
    :param epoch: Server time at the start: ISO date or time in UTC, or ms. Now, unless it is given.
    :param stepped: The clock stands still and moves on command over the control route.
    :param accounts: TOML file with [[account]] tables: key, secret, uid, balances, leverage, read_only, order_rate.
    :param faults: TOML file with [[fault]] tables: what goes wrong, and when.
    :param instrument: File like config/instruments.toml, in its place.
    :param latency: Milliseconds that the answer to a socket request takes.
    :param bybit_demo: Behave as the demo host: refuse what demo trading lacks.
    :param matching: A simulator profile: orders fill as `backtest` fills them, without spread and funding.
    :param history: So many bars lie before the start.
    :param any_address: Allow an address that is not loopback. Anyone who reaches it can trade on it.
    """
    host, port = _address(listen, any_address)
    start_ms = int(time.time() * 1000) if epoch is None else moment_ms(epoch, "--epoch")
    market = file_bars(_bars(bars), instrument, history) if bars else synthetic_market(_seed(synthetic))
    is_plain = matching is not None
    listings = listings_of(market, start_ms, _seed(synthetic), instrument, history=history, is_plain=is_plain)
    plans = (DEFAULT_ACCOUNT,) if accounts is None else load_accounts(accounts)
    rules = None if matching is None else venue_config(load_simulator_settings(matching), Money(1))
    exchange = LocalExchange(listings, start_ms, plans, rules)
    now_ms = int(time.time() * 1000) if epoch is None else start_ms  # reading the bars took its time
    clock: ExchangeClock = SteppedClock(now_ms) if stepped else ScaledClock(now_ms, time_rate)
    has_control = is_loopback(host)
    setup = FaultSetup(has_control=has_control)
    if faults is not None:
        setup = load_faults(faults, exchange, has_control=has_control)
    plan = ServerPlan(host, port, bybit_demo, latency / 1000, faults=setup)
    trio.run(_serve, plan, exchange, clock, clock=clock)
    return 0


async def _serve(plan: ServerPlan, exchange: LocalExchange, clock: ExchangeClock) -> None:
    stopped = trio.Event()
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with trio.open_nursery() as nursery:
            bound = await nursery.start(_run, plan, exchange, clock, stopped)
            symbols = ", ".join(f"{symbol} {category}" for category, symbol in exchange.listings)
            keys = ", ".join(exchange.accounts)
            print(f"local exchange on {bound[0]}: {symbols}; accounts: {keys}", flush=True)
            async for _ in signals:
                break
            stopped.set()


async def _run(
    plan: ServerPlan,
    exchange: LocalExchange,
    clock: ExchangeClock,
    stopped: trio.Event,
    *,
    task_status: "trio.TaskStatus[list[str]]" = trio.TASK_STATUS_IGNORED,
) -> None:
    await run_server(plan, exchange, clock, task_status=task_status, shutdown=stopped.wait)


def _seed(synthetic: int | None) -> int:
    return 7 if synthetic is None else synthetic


def _address(listen: str, any_address: bool) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    name = host.strip("[]") or "127.0.0.1"
    if not port.isdigit() or int(port) > 65_535:
        raise InputError([Problem("--listen", None, None, "", f"{listen!r} is not HOST:PORT", f"as in {_LISTEN}")])
    if any_address:
        aside().print(f"--any-address: everyone who reaches {name} can trade on this exchange")
    elif not is_loopback(name):
        what = f"{name} is not a loopback address"
        raise InputError([Problem("--listen", None, None, "", what, "127.0.0.1, or add --any-address")])
    return name, int(port)


def _bars(given: tuple[str, ...]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for word in given:
        symbol, equals, path = word.partition("=")
        name, file = (symbol, path) if equals else ("BTCUSDT", word)
        if name in found:
            raise InputError([Problem("--bars", None, None, "", f"{name} has bars already: {found[name]}", "")])
        found[name] = Path(file)
    return found
