"""Workload C as a script in place of a card: a grid of resting orders, withdrawn and placed anew every 60 bars.

Cards cannot express this yet, so a script replaces the card's executor; everything after it is the real system:
processor, orders, rate limiter and venue, and only bars at which the script acts are delivered. Prices of rungs reach
the processor like feature values, rounded to the nearest tick as the workload says, or as a percentage of the close,
which the processor rounds by its own rule.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import attrs
import numpy as np

from actors.app.results.equity import equity_curve
from actors.app.results.tape import FillRow, OrderRow
from actors.app.results.taping import tape_rows
from actors.app.results.trips import walk_fills
from actors.app.runs.simulation import Simulation, market_of
from actors.app.settings import LimitSettings, Settings, load_settings
from actors.app.tree import CardPlan
from actors.simulator.matching.market import MarketPlan
from benchmarks.exact_loops import RoundTo
from benchmarks.workloads import INSTRUMENT, PRICE_DIGITS
from ideacards.feeds import Bars, WakeSet
from ideacards.intents import Action, Intent, IntentMetadata, OrderKind, OrderSpec, PriceRef, Size, SizeKind
from ideacards.position_view import PositionView

__all__ = ["EVERY", "LEVELS", "NOTIONAL", "GridProgram", "GridResult", "grid_settings", "run_grid"]

CARD = "workload_c"
LEVELS, EVERY, NOTIONAL = 10, 60, 100
START_EQUITY = 1_000_000
NO_LIMIT = 1_000_000  # requests a second: more than a run ever makes


@attrs.frozen
class _Rung:
    """One order of the grid: its side, its distance from the close in tenths of a percent, its intent's metadata."""

    block_id: str
    action: Action
    distance: int
    metadata: IntentMetadata


def _rung(side: int, level: int, rungs_to: RoundTo) -> _Rung:
    block_id = f"{'b' if side > 0 else 's'}{level}"
    distance = -side * level
    ref = PriceRef(block_id) if rungs_to is RoundTo.HALF_EVEN else PriceRef("close", Decimal(distance) / 10)
    size = Size(SizeKind.NOTIONAL, Decimal(NOTIONAL))
    metadata = IntentMetadata(size, OrderSpec(OrderKind.LIMIT, ref))
    return _Rung(block_id, Action.QUOTE_BUY if side > 0 else Action.QUOTE_SELL, distance, metadata)


class GridProgram:
    """Decides at every 60th bar and at no other, whatever the position."""

    reads_equity = False
    reads_drawdown = False
    reads_trades = False

    def __init__(self, bars: Bars, rungs_to: RoundTo, *, every_bar: bool) -> None:
        self._closes: memoryview[int] = bars.price_close.data
        self._is_featured = rungs_to is RoundTo.HALF_EVEN
        levels = range(1, LEVELS + 1)
        self._rungs = {rung.block_id: rung for level in levels for rung in _pair(level, rungs_to)}
        column = np.arange(len(bars)) % EVERY == 0
        self.wakes = None if every_bar else WakeSet(column, column, column, column)

    @property
    def blocks(self) -> tuple[str, ...]:
        """In the order in which the rungs are sent: the nearest first, a buy before a sell."""
        return tuple(self._rungs)

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        """Withdraw the old grid, then place the new one."""
        if index % EVERY:
            return ()
        withdraw = Intent(Action.WITHDRAW, CARD, "grid", ts_close, IntentMetadata())
        laid = (Intent(rung.action, CARD, rung.block_id, ts_close, rung.metadata) for rung in self._rungs.values())
        return (withdraw, *laid)

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        return False

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        """The rung's price, to the nearest tick, half to even."""
        if not self._is_featured or intent.action is Action.WITHDRAW:
            return ()
        name = intent.block_id
        ticks, rest = divmod(self._closes[index] * (1000 + self._rungs[name].distance), 1000)
        ticks += rest > 500 or (rest == 500 and ticks % 2)
        return ((name, ticks / 10**PRICE_DIGITS),)


def _pair(level: int, rungs_to: RoundTo) -> tuple[_Rung, _Rung]:
    return _rung(1, level, rungs_to), _rung(-1, level, rungs_to)


@attrs.frozen(eq=False)
class GridResult:
    """The results of a run of the grid; `final_equity` is Money."""

    fills: Sequence[FillRow]
    orders: Sequence[OrderRow]
    refusals: int
    final_equity: int
    bars_delivered: int
    digest: str

    @property
    def order_states(self) -> Counter[str]:
        """How many orders ended in which state."""
        return Counter(order.status for order in self.orders)


def grid_settings(*, has_limits: bool, every_bar: bool = False) -> Settings:
    """Settings: a limit fills when touched; request budgets of venue and rate limiter as shipped, or without limit."""
    settings = load_settings("simulator")
    limits = settings.limits if has_limits else LimitSettings(*[NO_LIMIT] * 7, reserve_percent=0)
    venue = attrs.evolve(settings.venue, limit_fill="touch")
    return attrs.evolve(settings, venue=venue, limits=limits, every_bar=every_bar)


def run_grid(bars: Bars, settings: Settings, rungs_to: RoundTo = RoundTo.HALF_EVEN) -> GridResult:
    """Run the whole system over these bars, with the script in place of the strategy's card."""
    program = GridProgram(bars, rungs_to, every_bar=settings.every_bar)
    plan = CardPlan(CARD, program.blocks, lambda: program, bars.symbol)
    start_equity = INSTRUMENT.money(Decimal(START_EQUITY))
    market = market_of([MarketPlan(INSTRUMENT, bars, 0, len(bars))], settings, start_equity)
    simulation = Simulation(settings, market, (plan,))
    recorder = simulation.run().recorder
    fills, orders, refusals, _ = tape_rows(recorder, INSTRUMENT, bars, CARD)
    walk = walk_fills(fills.raw, INSTRUMENT)
    curve = equity_curve(bars, 0, len(bars), walk.steps, start_equity, INSTRUMENT)
    return GridResult(
        fills=fills,
        orders=orders,
        refusals=len(refusals),
        final_equity=curve.final,
        bars_delivered=simulation.bars_delivered[bars.symbol],
        digest=recorder.digest(),
    )
