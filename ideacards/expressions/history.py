"""The past of a condition: when it last held, and how often in a window of bars.

An anchor is the index of the bar at which a condition last held, -1 if it never did or may have held since (it was
unknown there). Anchors are carried from bar to bar; without the carried one, a range looks back until it finds it. Both
ways, and any cut into ranges, give the same numbers.
"""

import array
from collections.abc import Callable
from typing import Protocol

import numpy as np

from ideacards.bars import BoolArray, FloatArray, IntArray, blocks_of
from ideacards.expressions.nodes import BarsSince, CountTrue, Expr, TruthExpr, ValueWhen, children

__all__ = ["Anchors", "Masks", "MasksOf", "Source", "anchors_of", "count_masks"]

Source = Callable[[str], FloatArray]
Masks = tuple[BoolArray, BoolArray]  # holds, fails
_FIRST_LOOK = 64


class MasksOf(Protocol):
    """Where a condition holds and where it fails in exec bars [start, stop)."""

    def __call__(self, expr: TruthExpr, source: Source, start: int, stop: int, /) -> Masks: ...


class Anchors:
    """A source that also keeps the anchors of conditions, up to `stop`."""

    def __init__(self, source: Source, masks: MasksOf) -> None:
        self.stop = 0
        self._source = source
        self._masks = masks
        self._kept: dict[TruthExpr, array.array[int]] = {}  # those inside another stand before it

    def __call__(self, name: str) -> FloatArray:
        return self._source(name)

    def keep(self, expr: Expr) -> None:
        """Keep the anchors of every condition that `expr` looks back for."""
        for child in children(expr):
            self.keep(child)
        if isinstance(expr, BarsSince | ValueWhen) and expr.condition not in self._kept:
            self._kept[expr.condition] = array.array("q")
            self._extend(expr.condition, 0, self.stop)

    def extend(self, stop: int) -> None:
        """Work out what has come up to exec bar `stop`, exclusive."""
        for condition in self._kept:
            self._extend(condition, self.stop, stop)
        self.stop = stop

    def known(self, condition: TruthExpr, start: int, stop: int) -> IntArray | None:
        """Its anchors at [start, stop), None if they are not kept so far."""
        kept = self._kept.get(condition)
        if kept is None or len(kept) < stop:
            return None
        return np.array(kept[start:stop], dtype=np.int64)

    def _extend(self, condition: TruthExpr, start: int, stop: int) -> None:
        kept = self._kept[condition]
        for first, end in blocks_of(start, stop):
            holds, fails = self._masks(condition, self, first, end)
            kept.frombytes(_carried(holds, fails, first, kept[-1] if kept else -1).tobytes())


def anchors_of(condition: TruthExpr, source: Source, masks: MasksOf, start: int, stop: int) -> IntArray:
    """The anchors of a condition at exec bars [start, stop), int64."""
    known = source.known(condition, start, stop) if isinstance(source, Anchors) else None
    if known is not None:
        return known
    holds, fails = masks(condition, source, start, stop)
    needs_past = bool(len(fails)) and bool(fails[0])
    return _carried(holds, fails, start, _before(condition, source, masks, start) if needs_past else -1)


def _carried(holds: BoolArray, fails: BoolArray, start: int, before: int) -> IntArray:
    """Anchors of a range from its masks, `before` being the one of the bar before it."""
    places = np.where(fails, -1, np.arange(len(fails)))
    newest = np.maximum.accumulate(places)
    anchors: IntArray = np.where(newest < 0, before, np.where(holds[newest], newest + start, -1))
    return anchors


def _before(condition: TruthExpr, source: Source, masks: MasksOf, stop: int) -> int:
    """The anchor of the bar before `stop`, looked for in growing stretches."""
    length = _FIRST_LOOK
    while stop > 0:
        start = max(0, stop - length)
        holds, fails = masks(condition, source, start, stop)
        found = np.flatnonzero(~fails)
        if len(found):
            return start + int(found[-1]) if holds[found[-1]] else -1
        stop, length = start, 2 * length
    return -1


def count_masks(expr: CountTrue, source: Source, masks: MasksOf, start: int, stop: int) -> Masks:
    """Where enough of the last `expr.bars` bars held, and where that has become impossible."""
    first = max(0, start - expr.bars + 1)
    holds, fails = masks(expr.operand, source, first, stop)
    from_ = np.maximum(np.arange(start, stop) - expr.bars + 1, 0) - first
    to = np.arange(start, stop) + 1 - first
    is_enough: BoolArray = _counted(holds, from_, to) >= expr.least
    is_over: BoolArray = _counted(fails, from_, to) > expr.bars - expr.least
    return is_enough, is_over


def _counted(mask: BoolArray, from_: IntArray, to: IntArray) -> IntArray:
    counts = np.concatenate(([0], np.cumsum(mask, dtype=np.int64)))
    found: IntArray = counts[to] - counts[from_]
    return found
