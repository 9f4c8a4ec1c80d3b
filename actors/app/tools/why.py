"""Why a card did what it did at one bar: its conditions there, and what became of what it wanted.

The card is run in the simulator up to that bar and one bar further, where its orders act, so position and equity are
those that the run has. The bar is added to the card's wake set; a bar more that is delivered changes nothing.
"""

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from actors.app.runs.run import CardRun, ExecutorProgram, prepare
from actors.app.runs.simulation import RunFailed, simulated_house, start_kernel
from actors.app.settings import Settings
from actors.intents.messages import IntentRefused
from actors.model.errors import InputError
from actors.orders.messages import FillBooked, OrderUpdated
from actors.strategy.messages import Decided
from ideacards.card import Card, Emit
from ideacards.errors import Problem
from ideacards.expressions.columns import Columns
from ideacards.expressions.evaluation import Clause, evaluated
from ideacards.feeds import Bars, Feeds, WakeColumn, WakeSet
from ideacards.intents import Intent
from ideacards.position_view import PositionView
from runtime.kernel.recorder import Record

__all__ = ["BlockStory", "CardMoment", "bar_at", "moment_of"]


@attrs.frozen
class BlockStory:
    """A block at one bar: its cases up to the one that held (all if none did), and what it emitted."""

    id: str
    clauses: tuple[Clause, ...]
    chosen: int | None  # which case held; None: none did
    has_else: bool
    emit: Emit | None


@attrs.frozen
class CardMoment:
    """A card at the close of one bar. `ready_from` is the first bar at which it decides.

    `intents` are those of its cases and of the exits that are watched for it. `records` is what was recorded up to the
    end of the next bar, `decided_at` how many of them before it decided.
    """

    run: CardRun
    index: int
    ready_from: int
    view: PositionView
    blocks: tuple[BlockStory, ...]
    intents: tuple[Intent, ...]
    records: Sequence[Record]
    decided_at: int

    @property
    def ts_close(self) -> int:
        """The bar's close, UTC ms."""
        return int(self.run.bars.ts_close[self.index])

    def refusals(self) -> list[IntentRefused]:
        """Of the intents decided at this bar."""
        found = [record.message for record in self.records if isinstance(record.message, IntentRefused)]
        return [each for each in found if each.bar_close_ms == self.ts_close]

    def orders(self) -> list[OrderUpdated]:
        """The newest note of each order that was decided at this bar."""
        newest = {each.order.request.link_id: each for each in self._notes(len(self.records))}
        return [each for each in newest.values() if each.order.bar_close_ms == self.ts_close]

    def in_flight(self) -> list[OrderUpdated]:
        """The orders that had not ended when the card decided."""
        newest = {each.order.request.link_id: each for each in self._notes(self.decided_at)}
        return [each for each in newest.values() if not each.order.status.has_ended]

    def changed(self, block_id: str | None) -> list[OrderUpdated]:
        """The newest note of each order, of one block or of any, that changed after the card decided."""
        notes = [each for each in self._notes(len(self.records))[len(self._notes(self.decided_at)) :]]
        newest = {each.order.request.link_id: each for each in notes if block_id in (None, each.order.block_id)}
        return list(newest.values())

    def fills(self) -> list[FillBooked]:
        """The executions before the card decided."""
        found = [record.message for record in self.records[: self.decided_at]]
        return [message for message in found if isinstance(message, FillBooked)]

    def _notes(self, count: int) -> list[OrderUpdated]:
        return [each.message for each in self.records[:count] if isinstance(each.message, OrderUpdated)]


def bar_at(bars: Bars, time_ms: int, text: str) -> int:
    """The last bar that had closed by a time; InputError if there is none, or the bars end before it."""
    index = int(np.searchsorted(bars.ts_close, time_ms, side="right")) - 1
    if index >= 0 and time_ms < int(bars.ts_close[-1]) + bars.timeframe_ms:
        return index
    what = "is before the first bar's close" if index < 0 else "is after the last bar"
    hint = f"the bars close from {int(bars.ts_close[0])} to {int(bars.ts_close[-1])} ms UTC"
    raise InputError([Problem("--at", None, None, text, what, hint)])


def moment_of(run: CardRun, settings: Settings, index: int) -> CardMoment:
    """Run the card up to bar `index` and one bar further, and keep what it saw there."""
    run = attrs.evolve(run, stop=min(index + 2, run.end))
    ready = prepare((run,), settings)
    seen: list[tuple[PositionView, tuple[BlockStory, ...], tuple[Intent, ...], int]] = []
    feeds = Feeds.build(run.card, run.bars.head(index + 1), run.leaders)
    columns = Columns(feeds.column)
    columns.extend(index + 1)

    def note(view: PositionView, intents: tuple[Intent, ...]) -> None:
        seen.append(
            (attrs.evolve(view), _stories(run.card, columns, index, view), intents, len(kernel.recorder.stream))
        )

    (plan,) = ready.plans
    program: Callable[[], ExecutorProgram] = plan.program  # type: ignore[assignment]
    plans = (attrs.evolve(plan, program=lambda: _Watching(program(), index, note)),)
    tree = simulated_house(settings, ready.market, plans)
    kernel, driver = start_kernel(tree, ready.market, plans, settings.seed)
    driver.run()
    outcome = kernel.life.outcome or driver.stop("the bar that was asked for is over")
    if not outcome.is_clean:
        raise RunFailed(outcome)
    view, blocks, _, decided_at = seen[0]
    close_ms = int(run.bars.ts_close[index])
    decided = (record.message for record in kernel.recorder.stream if isinstance(record.message, Decided))
    intents = tuple(each.intent for each in decided if each.intent.bar_close_ms == close_ms)
    first = max(run.start, ready.executors[0].first_index)
    return CardMoment(run, index, first, view, blocks, intents, kernel.recorder.stream, decided_at)


def _stories(card: Card, columns: Columns, index: int, view: PositionView) -> tuple[BlockStory, ...]:
    return tuple(_story(card, number, columns, index, view) for number in range(len(card.blocks)))


def _story(card: Card, number: int, columns: Columns, index: int, view: PositionView) -> BlockStory:
    block = card.blocks[number]
    clauses: list[Clause] = []
    for place, case in enumerate(block.cases):
        clauses.append(evaluated(case.when, columns, index, view))
        if clauses[-1].holds:
            return BlockStory(block.id, tuple(clauses), place, block.otherwise is not None, case.emit)
    return BlockStory(block.id, tuple(clauses), None, block.otherwise is not None, block.otherwise)


class _Watching:
    """A card's program that tells what it saw at one bar, at which it is always called."""

    def __init__(
        self, inner: ExecutorProgram, bar: int, note: Callable[[PositionView, tuple[Intent, ...]], None]
    ) -> None:
        self._inner = inner
        self._bar = bar
        self._note = note
        self.reads_equity = True  # it is shown
        self.reads_drawdown = inner.reads_drawdown
        self.reads_trades = inner.reads_trades
        self.wakes = None if inner.wakes is None else _with_bar(inner.wakes, bar)

    def extend(self, bars: Bars) -> None:
        self._inner.extend(bars)

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        intents = self._inner.decide(index, ts_close, view)
        if index == self._bar:
            self._note(view, intents)
        return intents

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        return self._inner.has_ended(when, index, view)

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        return self._inner.values_for(intent, index)


def _with_bar(wakes: WakeSet, bar: int) -> WakeSet:
    columns = {}
    for name in ("flat", "long", "short", "resting"):
        columns[name] = getattr(wakes, name).copy()
        columns[name][bar] = True
    narrow = wakes.narrow
    if narrow is None:
        return attrs.evolve(wakes, **columns)
    return attrs.evolve(wakes, **columns, narrow=lambda *held: _OneMore(narrow(*held), bar))


@attrs.frozen
class _OneMore:
    """A wake column with one bar added."""

    inner: WakeColumn
    bar: int

    def find(self, byte: int, start: int, stop: int, /) -> int:
        found = self.inner.find(byte, start, stop)
        is_first = start <= self.bar < stop and not 0 <= found < self.bar
        return self.bar if is_first else found
