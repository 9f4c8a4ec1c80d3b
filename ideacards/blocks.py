"""The blocks of a card, executed: at each ready bar close, which Intents.

All blocks see the same snapshot; in each, the first case that holds emits, else its `otherwise`; Intents come in card
order. The part of a condition that depends on history alone is computed for all bars at once, so a bar at which nothing
holds costs one byte read per case.
"""

import attrs

from ideacards.card import Card, Case, Emit
from ideacards.expressions.closures import Test, gate_and_rest, number_at, predicate_of
from ideacards.expressions.columns import Columns, undefined_count
from ideacards.expressions.facts import TRADE_FACTS
from ideacards.expressions.nodes import NumberExpr, NumberFact, PositionNumber, TruthExpr, leaves
from ideacards.expressions.wording import text_of
from ideacards.feeds import Feeds, Snapshot, WakeSet
from ideacards.intents import Intent
from ideacards.position_view import PositionView
from ideacards.readiness import readiness_of
from ideacards.wakes import wake_set

__all__ = ["PositionView", "StrategyBlocksExecutor"]


_Case = tuple[bytearray, Test, Emit | None]  # a byte per bar, 1 where history allows it; the rest; its emit


@attrs.frozen(eq=False)
class _Block:
    id: str
    cases: tuple[_Case, ...]
    otherwise: Emit | None


class StrategyBlocksExecutor:
    """Evaluates a card over its feeds; `first_index` = max(warmup, readiness) is the first bar it runs at.

    It remembers nothing between bars: the same snapshot and account give the same Intents.
    """

    def __init__(self, card: Card, feeds: Feeds) -> None:
        self.card = card
        self.first_index = 0
        self._feeds = feeds
        self._columns = Columns(feeds.column)
        self._blocks = tuple(
            _Block(block.id, tuple(self._compiled(case) for case in block.cases), block.otherwise)
            for block in card.blocks
        )
        sizes = (emit.metadata.size for emit in card.emits() if emit.metadata.size is not None)
        self._numbers = {
            size.expression: number_at(size.expression, self._columns) for size in sizes if size.expression is not None
        }
        self._endings = {text_of(when): self._holds_at(when) for when in card.endings()}
        self.extend()

    @property
    def reads_equity(self) -> bool:
        """Whether any condition reads equity, which changes at every bar while a position is held."""
        return self._reads(NumberFact.EQUITY, NumberFact.DRAWDOWN)

    @property
    def reads_drawdown(self) -> bool:
        """Whether any condition reads the drawdown, for which the highest equity is kept."""
        return self._reads(NumberFact.DRAWDOWN)

    @property
    def reads_trades(self) -> bool:
        """Whether any condition reads what only the fills so far tell: when the position was opened, how one ended."""
        return self._reads(*TRADE_FACTS)

    def _reads(self, *facts: NumberFact) -> bool:
        exprs = (*self.card.conditions(), *self._numbers)
        found = [leaf for expr in exprs for leaf in leaves(expr) if isinstance(leaf, PositionNumber)]
        return any(leaf.fact in facts for leaf in found)

    def extend(self) -> None:
        """Compute the columns for the bars that the feeds have gained, and no other bar again."""
        if self.first_index >= self._columns.stop:  # not ready yet, so the bars of before may have been too few
            self.first_index = max(self.card.warmup or 0, readiness_of(self.card, self._feeds))
        self._columns.extend(len(self._feeds.bars))

    def evaluate(self, snapshot: Snapshot, view: PositionView) -> tuple[Intent, ...]:
        """The Intents of the snapshot's bar, in card order; none before `first_index`."""
        return self.evaluate_at(snapshot.index, snapshot.ts_close, view)

    def evaluate_at(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        """The same for the bar of that index, which closes at `ts_close`; no column is read beyond it."""
        if index < self.first_index:
            return ()
        intents: tuple[Intent, ...] = ()
        for block in self._blocks:
            emit = block.otherwise
            for gate, test, case_emit in block.cases:
                if gate[index] == 1 and test(index, view):
                    emit = case_emit
                    break
            if emit is not None:
                intents += (Intent(emit.action, self.card.id, block.id, ts_close, emit.metadata),)
        return intents

    def number(self, expr: NumberExpr, index: int, view: PositionView) -> float:
        """The value of an expression at a bar for this account, NaN if it is unknown."""
        return self._numbers[expr](index, view)

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        """Whether a resting entry has ended whose order states `when` (as text).

        One whose condition the card does not have (any more) has ended too: nothing else would end it.
        """
        test = self._endings.get(when)
        return test is None or (index >= self.first_index and test(index, view))

    def wakes(self) -> WakeSet:
        """The bars at which an Intent is possible at all, by trading state."""
        return wake_set(self.card, self._columns, self.first_index)

    def unknown_clauses(self, start: int, stop: int) -> int:
        """(case, ready bar) pairs in [start, stop) with an undefined series or a zero divisor, whatever the account."""
        first = min(max(start, self.first_index), stop)
        whens = [case.when for block in self.card.blocks for case in block.cases]
        return undefined_count(whens, self._columns.source, first, stop)

    def _compiled(self, case: Case) -> _Case:
        gate, rest = gate_and_rest(case.when)
        return self._columns.truth(gate), predicate_of(rest, self._columns, wanted=True), case.emit

    def _holds_at(self, when: TruthExpr) -> Test:
        gate, rest = gate_and_rest(when)
        allowed, test = self._columns.truth(gate), predicate_of(rest, self._columns, wanted=True)
        return lambda index, view: allowed[index] == 1 and test(index, view)
