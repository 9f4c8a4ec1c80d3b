"""One rehearsal: the same card and bars through the simulator, and through the live stack against the local exchange.

Both start at the same bar with the same history before it, and end with the last bar. Both have the same latencies, on
clocks that only move when nothing is left to do.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import trio

from actors.app.exchanges.ports import PRIVATE_PORT, PUBLIC_PORT, STATUS_PORT, TRADE_PORT
from actors.app.files.instruments import load_instrument
from actors.app.latencies import latencies_of
from actors.app.live.house import live_kernel, policies_of
from actors.app.live.journal import open_journal
from actors.app.live.planning import header_of, history_start, plan_of
from actors.app.live.preflight import preflight
from actors.app.live.venues import LOCAL_KEYS, LiveVenue
from actors.app.rehearsal.clock import RehearsalClock
from actors.app.rehearsal.comparing import StoryComparison, compare
from actors.app.rehearsal.edges import DelayedRest, DelayedSocket, Gate
from actors.app.rehearsal.exchange_process import ExchangeControl, ExchangePlan, exchange_process
from actors.app.rehearsal.stepping import RehearsalStepper, SocketLane
from actors.app.rehearsal.stories import Story, story_of
from actors.app.runs.run import CardRun, prepare
from actors.app.runs.simulation import Simulation
from actors.app.settings import ConnectionSettings, ProfileName, Settings
from actors.bybit.edges.traffic import WireTraffic
from actors.bybit.endpoints import Environment
from actors.bybit.topics import Socket
from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.model.errors import ColdframeError, InputError
from actors.model.instrument import Instrument
from actors.simulator.latency import ConstantLatency, Latency
from ideacards.errors import Problem
from ideacards.feeds import Bars
from runtime.drivers.live import LiveDriver
from runtime.drivers.live_tasks import Edge
from runtime.kernel.kernel import Kernel

__all__ = ["Rehearsal", "RehearsalJob", "rehearse", "socket_lane"]

Progress = Callable[[int, int], None]


@attrs.frozen
class RehearsalJob:
    """A card over bars; the profile `matching` says how the exchange and the simulator fill. Latencies are constant."""

    card: Path
    overrides: tuple[str, ...]
    run: CardRun
    settings: Settings
    matching: str
    faults: Path | None = None
    instrument: Path | None = None
    journal: Path | None = None


@attrs.frozen(eq=False)
class Rehearsal:
    """The result: both stories, their comparison, and what went over the wire."""

    simulated: Story
    live: Story
    comparison: StoryComparison
    bars: int
    rest_bytes: int
    public_bytes: int
    private_bytes: int
    seconds: float

    def object(self) -> dict[str, Any]:
        """For JSON."""
        first = next(iter(self.comparison.differences), None)
        return {
            "intents_equal": self.comparison.intents_equal,
            "orders_equal": self.comparison.orders_equal,
            "fills_equal": self.comparison.fills_equal,
            "decisions": len(self.live.decisions),
            "orders": len(self.live.orders),
            "fills": len(self.live.fills),
            "first_difference": None if first is None else attrs.asdict(first),
            "differences": self.comparison.counts(),
            "bars": self.bars,
            "rest_bytes": self.rest_bytes,
            "public_bytes": self.public_bytes,
            "private_bytes": self.private_bytes,
            "seconds": round(self.seconds, 3),
            "bars_per_second": round(self.bars / self.seconds, 1) if self.seconds else None,
        }


def rehearse(job: RehearsalJob, progress: Progress | None = None) -> Rehearsal:
    """Run both and compare.

    Raises RunFailed of the simulator, NetworkError of the exchange, the tree's own cause, and InputError for a journal
    that holds an earlier run.
    """
    _check_journal(job.journal)
    run = _cut(job.run, job.settings)
    simulated = _simulated(run, job.settings)
    begun = time.perf_counter()
    with exchange_process(_exchange_plan(run, job)) as control:
        clock = RehearsalClock(int(run.bars.ts_open[run.start]))
        live = trio.run(_live, run, job, clock, control, progress, clock=clock)
    seconds = time.perf_counter() - begun
    return Rehearsal(
        simulated, live.story, compare(simulated, live.story), run.end - run.start,
        live.rest.total_bytes, live.public.total_bytes, live.private.total_bytes, seconds,
    )  # fmt: skip


def _cut(run: CardRun, settings: Settings) -> CardRun:
    """The bars from the first that a live start would read, up to the end of the run."""
    first_ms = history_start(run.card, _live_settings(settings), int(run.bars.ts_open[run.start]))
    first = int(run.bars.ts_open.searchsorted(first_ms))
    end_ms = int(run.bars.ts_close[run.end - 1])
    leaders = {symbol: _between(bars, first_ms, end_ms) for symbol, bars in run.leaders.items()}
    _check_leaders(leaders, int(run.bars.ts_open[run.start]))
    return attrs.evolve(run, bars=run.bars.part(first, run.end), start=run.start - first, stop=None, leaders=leaders)


def _between(bars: Bars, first_ms: int, end_ms: int) -> Bars:
    """The bars that open at `first_ms` or later and close by `end_ms`."""
    return bars.part(int(bars.ts_open.searchsorted(first_ms)), int(bars.ts_close.searchsorted(end_ms, side="right")))


def _check_leaders(leaders: Mapping[str, Bars], start_ms: int) -> None:
    """InputError for a leader without a bar before the start, which the exchange has no history of."""
    problems = [
        Problem("--from", None, None, "", f"the leader {symbol} has no bar before it", "start later, or give more bars")
        for symbol, bars in leaders.items()
        if not len(bars) or int(bars.ts_open[0]) >= start_ms
    ]
    if problems:
        raise InputError(problems)


def _live_settings(settings: Settings) -> Settings:
    return attrs.evolve(settings, profile=ProfileName.LOCAL, connection=settings.connection or ConnectionSettings())


def _simulated(run: CardRun, settings: Settings) -> Story:
    ready = prepare((run,), settings)
    kernel = Simulation(settings, ready.market, ready.plans).run()
    return _story(kernel, ready.market.instruments, run)


def _story(kernel: Kernel, instruments: Any, run: CardRun) -> Story:
    return story_of(kernel.recorder.stream, instruments, {run.card.id: run.card.market.symbol})


def _exchange_plan(run: CardRun, job: RehearsalJob) -> ExchangePlan:
    words: list[str] = []
    for option, path in (("--faults", job.faults), ("--instrument", job.instrument)):
        words += [] if path is None else [option, str(path)]
    account = run.card.account
    leverage = int(account.leverage)
    return ExchangePlan(run.bars, run.start, account.equity, leverage, job.matching, words, run.leaders)


@attrs.frozen(eq=False)
class _Live:
    story: Story
    rest: WireTraffic
    public: WireTraffic
    private: WireTraffic


def _check_journal(folder: Path | None) -> None:
    """A run goes on from what its journal remembers; a rehearsal begins like the simulator, with nothing."""
    if folder is not None and folder.is_dir() and any(folder.iterdir()):
        hint = "give a new folder to --journal, or delete this one"
        raise InputError([Problem(str(folder), None, None, "", "holds an earlier run", hint)])


async def _live(
    run: CardRun, job: RehearsalJob, clock: RehearsalClock, control: ExchangeControl, progress: Progress | None
) -> _Live:
    """The live stack on the rehearsal's clock, from its boot to the end of the bars."""
    venue = LiveVenue(Environment.LOCAL, LOCAL_KEYS, control.address)
    leverages = {run.card.market.symbol: int(run.card.account.leverage)}
    found = await preflight(venue, leverages, lambda: clock.wall_ms, leaders=run.card.leaders)
    known = attrs.evolve(found, instruments=_instruments(run, job))
    plan = attrs.evolve(
        plan_of((run.card,), _live_settings(job.settings), known), policies=policies_of(is_rehearsal=True)
    )
    journal = None
    if job.journal is not None:
        header = header_of(plan, known, job.matching, (job.card,), (job.overrides,), is_rehearsal=True)
        journal = open_journal(job.journal, header)
    kernel = live_kernel(plan, None if journal is None else journal.boundary)
    if journal is not None:
        journal.boundary.kernel = kernel
    latencies = latencies_of(job.settings.latency)
    feed_ns, entry_ns, response_ns = (
        _constant_ns(each) for each in (latencies.feed, latencies.entry, latencies.response)
    )
    rest = WireTraffic()
    requests = DelayedRest(venue.rest(rest).serve, entry_ns, response_ns)
    private = socket_lane(venue, Socket.PRIVATE, response_ns)
    public = socket_lane(venue, Socket.PUBLIC_LINEAR, feed_ns)
    status = socket_lane(venue, Socket.STATUS, response_ns)
    edges: dict[str, Edge] = {
        READ_PORT: requests,
        WRITE_PORT: requests,
        PUBLIC_PORT: public.edge,
        PRIVATE_PORT: private.edge,
        STATUS_PORT: status.edge,
        TRADE_PORT: venue.socket(Socket.TRADE),  # nobody asks for it: orders go by REST here
    }
    driver = LiveDriver(kernel, edges, store=None if journal is None else journal.log, wall_ns=lambda: clock.wall_ns)
    stepper = RehearsalStepper(
        clock, control, driver, requests, (private, public, status), run.bars.timeframe_ms, _told(run, progress),
        has_faults=job.faults is not None,
    )  # fmt: skip
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run)
        await stepper.run()
        driver.stop("the market's data has ended")
        await stepper.end()
    if journal is not None:
        journal.end(kernel)
    outcome = kernel.life.outcome
    if outcome is None or not outcome.is_clean:
        cause = next(iter(outcome.causes), None) if outcome is not None else None
        what = f"{cause.ref}: {cause.error}: {cause.text}" if cause is not None else "no cause"
        raise ColdframeError(f"the live stack stopped: {what}")
    return _Live(_story(kernel, plan.instruments, run), rest, public.traffic, private.traffic)


def _instruments(run: CardRun, job: RehearsalJob) -> dict[str, Instrument]:
    """Those of the exchange, which count as finely as the data."""
    led = {symbol: load_instrument(symbol, bars.price_digits, job.instrument) for symbol, bars in run.leaders.items()}
    return {run.card.market.symbol: run.instrument} | led


def socket_lane(venue: LiveVenue, kind: Socket, latency_ns: int) -> SocketLane:
    """A socket of the rehearsal; what it says comes so much later."""
    traffic, gate = WireTraffic(), Gate()
    return SocketLane(kind, DelayedSocket(venue.socket(kind, traffic), latency_ns, gate), gate, traffic)


def _constant_ns(latency: Latency) -> int:
    """InputError for a latency that varies: both runs would draw other delays."""
    if not isinstance(latency, ConstantLatency):
        what = "a rehearsal needs latencies that do not vary"
        raise InputError([Problem("--latency", None, None, "", what, "a number of milliseconds, like 20")])
    return latency.worst_ns


def _told(run: CardRun, progress: Progress | None) -> Callable[[int], None]:
    """Turn market time into (bars done, bars in all)."""
    start_ms, bar_ms, bars = int(run.bars.ts_open[run.start]), run.bars.timeframe_ms, run.end - run.start

    def tell(market_ms: int) -> None:
        if progress is not None:
            progress(max(0, min(bars, (market_ms - start_ms) // bar_ms)), bars)

    return tell
