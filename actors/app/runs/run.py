"""Running a card over bars: the program that decides, the simulation, and the tape of what happened."""

import time
from collections.abc import Callable

import attrs

from actors.app.results.tape import RunTape
from actors.app.results.taping import tape_rows
from actors.app.results.unprotected import unprotected_ms
from actors.app.runs.journaling import RunJournal
from actors.app.runs.simulation import Simulation, market_of
from actors.app.settings import Settings
from actors.app.tree import CardPlan, Market
from actors.model.instrument import Instrument
from actors.simulator.actor import NS_PER_MS
from actors.simulator.config import NOT_MODELLED
from actors.simulator.inputs import BARS_ALONE, MarketInputs
from actors.strategy.actor import CardProgram
from actors.strategy.messages import Decided
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import Bars, Feeds, Snapshot, WakeSet, compile_scan
from ideacards.intents import Intent
from ideacards.position_view import PositionView
from runtime.kernel.kernel import FaultHook

__all__ = ["ExecutorProgram", "Prepared", "Progress", "prepare", "run_backtest"]

Progress = Callable[[int, int], None]


class ExecutorProgram:
    """A card's executor, asked bar by bar; it holds no state, so each incarnation may share its columns."""

    def __init__(
        self, executor: StrategyBlocksExecutor, feeds: Feeds, first_index: int, wakes: WakeSet | None = None
    ) -> None:
        self._executor = executor
        self.wakes = wakes
        self.reads_equity = executor.reads_equity
        self._feeds = feeds
        self._close_times = feeds.close_times
        self._first_index = max(first_index, executor.first_index)

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        """Intents at the close of bar `index`; none before the card is ready."""
        if index < self._first_index:
            return ()
        known_ms = self._close_times[index]
        if known_ms != ts_close:
            raise AssertionError(f"the feeds' bar closes at {known_ms}, the market's at {ts_close}")
        return self._executor.evaluate_at(index, ts_close, view)

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        """The value of the feature that the intent's price refers to, if it refers to one."""
        ref = intent.metadata.order.price
        if ref is None or ref.ref in ("close", "entry"):
            return ()
        value = Snapshot(self._feeds, index + 1).value(ref.ref)
        return () if value is None else ((ref.ref, value),)


@attrs.frozen(eq=False)
class Prepared:
    """A card over its market, ready to be run: features built, nothing started."""

    card: Card
    settings: Settings
    market: Market
    executor: StrategyBlocksExecutor
    plan: CardPlan
    start: int
    stop: int


def prepare(
    card: Card,
    bars: Bars,
    instrument: Instrument,
    settings: Settings,
    *,
    start: int = 0,
    stop: int | None = None,
    inputs: MarketInputs = BARS_ALONE,
) -> Prepared:
    """The market of bars [start, stop) and what decides on it; earlier bars serve warm-up."""
    end = len(bars) if stop is None else stop
    feeds = Feeds.build(card, bars)
    executor = StrategyBlocksExecutor(card, feeds)

    wakes = None if settings.every_bar else executor.wakes()

    def program() -> CardProgram:
        return ExecutorProgram(executor, feeds, start, wakes)

    plan = CardPlan(card.id, tuple(block.id for block in card.blocks), program)
    equity = instrument.money(card.account.equity)
    market = market_of(instrument, bars, settings, equity, int(card.account.leverage), start, end, inputs)
    return Prepared(card, settings, market, executor, plan, start, end)


def run_backtest(
    card: Card,
    bars: Bars,
    instrument: Instrument,
    settings: Settings,
    *,
    start: int = 0,
    stop: int | None = None,
    progress: Progress | None = None,
    fault: FaultHook | None = None,
    journal: RunJournal | None = None,
    inputs: MarketInputs = BARS_ALONE,
) -> RunTape:
    """Trade `card` over bars [start, stop); earlier bars serve warm-up. RunFailed if the tree stops before the end."""
    Feeds.build(card, bars.head(1))  # compiles the features, which is not counted
    compile_scan()
    begun = time.perf_counter()
    ready = prepare(card, bars, instrument, settings, start=start, stop=stop, inputs=inputs)
    tell = _told(progress, bars, start, ready.stop)
    simulation = Simulation(settings, ready.market, (ready.plan,), start, fault, tell, journal=journal)
    kernel = simulation.run()
    fills, orders, refusals, payments = tape_rows(kernel.recorder, instrument, bars)
    seconds = time.perf_counter() - begun
    first_ready = max(start, ready.executor.first_index)
    return RunTape(
        card=card,
        bars=bars,
        instrument=instrument,
        settings=settings,
        start=start,
        stop=ready.stop,
        fills=fills,
        orders=orders,
        refusals=refusals,
        bars_delivered=simulation.bars_delivered,
        unknown_clauses=ready.executor.unknown_clauses(first_ready, ready.stop),
        not_modelled=_not_modelled(instrument, inputs),
        output_digest=kernel.recorder.digest(),
        seconds_engine=seconds,
        restarts=kernel.life.restarts,
        payments=payments,
        contested=simulation.contested,
        unprotected_ms=unprotected_ms(kernel.recorder.stream, int(bars.ts_close[ready.stop - 1])),
        ready_bars=max(0, ready.stop - first_ready),
        decisions=sum(type(record.message) is Decided for record in kernel.recorder.stream),
    )


def _not_modelled(instrument: Instrument, inputs: MarketInputs) -> tuple[str, ...]:
    """What this run leaves out, of all that it might have."""
    modelled = () if inputs.funding is None else ("funding",)
    if instrument.tiers:
        modelled = (*modelled, "maintenance_margin", "liquidation")
    if instrument.band_x:
        modelled = (*modelled, "price_band")
    return tuple(name for name in NOT_MODELLED if name not in modelled)


def _told(progress: Progress | None, bars: Bars, start: int, stop: int) -> Callable[[int], None] | None:
    """Market time as (bars done, bars in all)."""
    if progress is None:
        return None
    first_ns, bar_ns = int(bars.ts_open[start]) * NS_PER_MS, bars.timeframe_ms * NS_PER_MS

    def tell(event_ns: int) -> None:
        progress(min(stop - start, (event_ns - first_ns) // bar_ns), stop - start)

    return tell
