"""Running cards over bars: the programs that decide, the simulation, and a tape per card."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isnan

import attrs

from actors.app.markets import SimulatedMarkets
from actors.app.results.tape import RunTape
from actors.app.results.taping import tape_rows
from actors.app.results.unprotected import unprotected_ms
from actors.app.runs.journaling import RunJournal
from actors.app.runs.simulation import Simulation, market_of
from actors.app.settings import Settings
from actors.app.tree import CardPlan
from actors.model.instrument import Instrument
from actors.simulator.actor import NS_PER_MS
from actors.simulator.config import NOT_MODELLED
from actors.simulator.inputs import BARS_ALONE, MarketInputs
from actors.simulator.matching.market import MarketPlan
from actors.strategy.messages import Decided
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import NO_LEADERS, Bars, Feeds, GrowingBars, Snapshot, WakeSet, compile_scan
from ideacards.intents import SIZE_VALUE, Intent, references_of
from ideacards.position_view import PositionView
from runtime.kernel.kernel import FaultHook

__all__ = ["CardRun", "ExecutorProgram", "Prepared", "Progress", "prepare", "run_backtest", "run_cards"]

Progress = Callable[[int, int], None]


class ExecutorProgram:
    """A card's executor, asked bar by bar; `leaders` are the bars of its leaders, which grow as its own do.

    Over bars that do not grow it holds no state, so each incarnation may share its columns.
    """

    def __init__(
        self,
        executor: StrategyBlocksExecutor,
        feeds: Feeds,
        first_index: int,
        wakes: WakeSet | None = None,
        leaders: Mapping[str, Bars | GrowingBars] = NO_LEADERS,
    ) -> None:
        self._executor = executor
        self._leaders = leaders
        self.wakes = wakes
        self.reads_equity = executor.reads_equity
        self.reads_drawdown = executor.reads_drawdown
        self.reads_trades = executor.reads_trades
        self._feeds = feeds
        self._close_times = feeds.close_times
        self._start = first_index
        self._first_index = max(first_index, executor.first_index)
        self._view = PositionView()  # of the last decision

    def extend(self, bars: Bars) -> None:
        """Go on to `bars`: each new one is a step of each feature, and no other bar is computed again."""
        self._feeds.extend(bars, {symbol: columns.newest() for symbol, columns in self._leaders.items()})
        self._executor.extend()
        self._close_times = self._feeds.close_times
        self._first_index = max(self._start, self._executor.first_index)

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        """Intents at the close of bar `index`; none before the card is ready."""
        if index < self._first_index:
            return ()
        known_ms = self._close_times[index]
        if known_ms != ts_close:
            raise AssertionError(f"the feeds' bar closes at {known_ms}, the market's at {ts_close}")
        self._view = view
        return self._executor.evaluate_at(index, ts_close, view)

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        """Whether the condition until which an entry rests holds at bar `index`."""
        return self._executor.has_ended(when, index, view)

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        """The defined values of the features that the intent's price, levels and size refer to."""
        refs, size = references_of(intent.metadata), intent.metadata.size
        values: tuple[tuple[str, float], ...] = ()
        if refs:
            snapshot = Snapshot(self._feeds, index + 1)
            known = ((name, snapshot.value(name)) for name in refs)
            values = tuple((name, value) for name, value in known if value is not None)
        if size is not None and size.expression is not None:
            amount = self._executor.number(size.expression, index, self._view)
            values = values if isnan(amount) else (*values, (SIZE_VALUE, amount))
        return values


@attrs.frozen(eq=False)
class CardRun:
    """One card over its bars [start, stop); earlier ones serve warm-up. `stop` None: to their end.

    `leaders` are the bars of the symbols that it reads besides, from whatever bar to whatever bar.
    """

    card: Card
    bars: Bars
    instrument: Instrument
    start: int = 0
    stop: int | None = None
    inputs: MarketInputs = BARS_ALONE
    leaders: Mapping[str, Bars] = NO_LEADERS

    @property
    def end(self) -> int:
        """The bar index at which the run stops, exclusive."""
        return len(self.bars) if self.stop is None else self.stop

    def plan(self) -> MarketPlan:
        """The plan from which the venue makes a market."""
        leverage = int(self.card.account.leverage)
        return MarketPlan(self.instrument, self.bars, self.start, self.end, self.inputs, leverage)


@attrs.frozen(eq=False)
class Prepared:
    """Cards and markets, ready to run in one account: features are built, nothing has started."""

    runs: tuple[CardRun, ...]
    market: SimulatedMarkets
    executors: tuple[StrategyBlocksExecutor, ...]
    plans: tuple[CardPlan, ...]


def prepare(runs: Sequence[CardRun], settings: Settings) -> Prepared:
    """The markets and programs of one account, whose equity is that of the first card."""
    equity = runs[0].instrument.money(runs[0].card.account.equity)
    market = market_of([run.plan() for run in runs], settings, equity)
    feeds = [Feeds.build(run.card, run.bars, run.leaders) for run in runs]
    executors = tuple(StrategyBlocksExecutor(run.card, known) for run, known in zip(runs, feeds, strict=True))
    plans = []
    for run, known, executor in zip(runs, feeds, executors, strict=True):
        sees_others = executor.reads_equity and len(runs) > 1  # then every bar may change its decision
        wakes = None if settings.every_bar or sees_others else executor.wakes()
        program = partial(ExecutorProgram, executor, known, run.start, wakes)
        blocks = tuple(block.id for block in run.card.blocks)
        leverage = int(run.card.account.leverage)
        plans.append(CardPlan(run.card.id, blocks, program, run.instrument.symbol, leverage))
    return Prepared(tuple(runs), market, executors, tuple(plans))


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
    leaders: Mapping[str, Bars] = NO_LEADERS,
) -> RunTape:
    """Trade `card` over bars [start, stop); earlier bars serve warm-up. RunFailed if the tree stops before the end."""
    one = CardRun(card, bars, instrument, start, stop, inputs, leaders)
    (tape,) = run_cards((one,), settings, progress=progress, fault=fault, journal=journal)
    return tape


def run_cards(
    runs: Sequence[CardRun],
    settings: Settings,
    *,
    progress: Progress | None = None,
    fault: FaultHook | None = None,
    journal: RunJournal | None = None,
) -> tuple[RunTape, ...]:
    """Trade several cards, each its own symbol, on one time line in one account; a tape each, with one digest."""
    for run in runs:
        # compile the features outside the measured time
        Feeds.build(run.card, run.bars.head(1), {symbol: bars.head(1) for symbol, bars in run.leaders.items()})
    compile_scan()
    begun = time.perf_counter()
    ready = prepare(runs, settings)
    simulation = Simulation(settings, ready.market, ready.plans, fault, _told(progress, runs), journal=journal)
    kernel = simulation.run()
    taped = [tape_rows(kernel.recorder, run.instrument, run.bars, run.card.id) for run in runs]
    seconds = time.perf_counter() - begun
    decisions = Counter(
        record.message.intent.card_id for record in kernel.recorder.stream if type(record.message) is Decided
    )
    tapes = []
    for run, executor, (fills, orders, refusals, payments) in zip(runs, ready.executors, taped, strict=True):
        symbol, end = run.instrument.symbol, run.end
        first_ready = max(run.start, executor.first_index)
        tapes.append(
            RunTape(
                card=run.card,
                bars=run.bars,
                instrument=run.instrument,
                settings=settings,
                start=run.start,
                stop=end,
                fills=fills,
                orders=orders,
                refusals=refusals,
                bars_delivered=simulation.bars_delivered[symbol],
                unknown_clauses=executor.unknown_clauses(first_ready, end),
                not_modelled=_not_modelled(run.instrument, run.inputs),
                output_digest=kernel.recorder.digest(),
                seconds_engine=seconds,
                restarts=kernel.life.restarts,
                payments=payments,
                contested=simulation.contested[symbol],
                unprotected_ms=unprotected_ms(kernel.recorder.stream, symbol, int(run.bars.ts_close[end - 1])),
                ready_bars=max(0, end - first_ready),
                decisions=decisions[run.card.id],
                leaders=run.leaders,
            )
        )
    return tuple(tapes)


def _not_modelled(instrument: Instrument, inputs: MarketInputs) -> tuple[str, ...]:
    """Names of the market features that this run does not model."""
    modelled = () if inputs.funding is None else ("funding",)
    if instrument.tiers:
        modelled = (*modelled, "maintenance_margin", "liquidation")
    if instrument.price_limit_ratio_x:
        modelled = (*modelled, "price_band")
    return tuple(name for name in NOT_MODELLED if name not in modelled)


def _told(progress: Progress | None, runs: Sequence[CardRun]) -> Callable[[int], None] | None:
    """Turn market time into (bars done, bars in all) of the card with the most bars."""
    if progress is None:
        return None
    run = max(runs, key=lambda one: one.end - one.start)
    first_ns, bar_ns = int(run.bars.ts_open[run.start]) * NS_PER_MS, run.bars.timeframe_ms * NS_PER_MS
    bars = run.end - run.start

    def tell(event_ns: int) -> None:
        progress(max(0, min(bars, (event_ns - first_ns) // bar_ns)), bars)

    return tell
