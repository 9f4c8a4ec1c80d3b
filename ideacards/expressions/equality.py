"""Comparisons of what is no plain number: words (`position.side == long`), truths, and the equality of counts.

A price or a ratio hardly ever equals another, so `==` is refused for them; `near`, `<=` and `>=` say what is meant.
"""

import ast
from decimal import Decimal

from ideacards.errors import nearest
from ideacards.expressions.calls import TRUTH_CALLS, ArgumentReader
from ideacards.expressions.kinds import NumberKind, kind_of
from ideacards.expressions.nodes import (
    And,
    Clock,
    Compare,
    CompareOp,
    Constant,
    Not,
    NumberExpr,
    NumberFact,
    Or,
    PositionNumber,
    PositionTruth,
    Truth,
    TruthExpr,
    TruthFact,
)
from ideacards.expressions.scope import LAST_EXIT, SIDE, Scope
from ideacards.position_view import ExitReason
from ideacards.sessions import WEEKDAYS, ClockPart

__all__ = ["ENUMS", "Equality", "dotted"]

_WEEKDAY = "time.weekday"
_SIDES: dict[str, TruthExpr] = {
    "long": PositionTruth(TruthFact.LONG),
    "short": PositionTruth(TruthFact.SHORT),
    "flat": And((Not(PositionTruth(TruthFact.LONG)), Not(PositionTruth(TruthFact.SHORT)))),
}
ENUMS: dict[str, tuple[str, ...]] = {
    SIDE: tuple(_SIDES),
    _WEEKDAY: WEEKDAYS,
    LAST_EXIT: tuple(str(reason) for reason in ExitReason),
}
_EQUALITIES = (CompareOp.EQ, CompareOp.NE)
_MIRRORED = {
    CompareOp.LT: CompareOp.GT,
    CompareOp.LE: CompareOp.GE,
    CompareOp.GT: CompareOp.LT,
    CompareOp.GE: CompareOp.LE,
}


def dotted(node: ast.expr) -> str | None:
    """`position.side` of such a node, None of any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return None if head is None else f"{head}.{node.attr}"
    return None


class Equality:
    """Reads the pairs of a comparison that are words or truths."""

    def __init__(self, walk: ArgumentReader, scope: Scope) -> None:
        self._walk = walk
        self._scope = scope

    def read(self, op: CompareOp, sides: list[ast.expr], depth: int) -> TruthExpr | None:
        """What the pair states, None if both sides are numbers."""
        left, right = sides
        for fact, word, its_op in ((left, right, op), (right, left, _MIRRORED.get(op, op))):
            if (name := dotted(fact)) in ENUMS and name is not None:
                return self._word(its_op, name, fact, word)
        if op in _EQUALITIES and (self._is_truth(left) or self._is_truth(right)):
            one, other = self._walk.truth(left, depth + 1), self._walk.truth(right, depth + 1)
            same = Or((And((one, other)), And((Not(one), Not(other)))))
            return same if op is CompareOp.EQ else Not(same)
        return None

    def check_numbers(self, op: CompareOp, at: ast.expr, pair: list[NumberExpr]) -> None:
        """Complain of the equality of numbers that are no counts and no times."""
        kinds = [kind_of(each, self._scope.kinds) for each in pair]
        if op in _EQUALITIES and not any(kind in (NumberKind.COUNT, NumberKind.TIME) for kind in kinds):
            what = f"`{op}` compares counts, times, words and truths, not prices and ratios"
            self._walk.complain(at, what, "use < <= > >=, or near(x, y, distance)")

    def _word(self, op: CompareOp, name: str, fact: ast.expr, node: ast.expr) -> TruthExpr:
        words = ENUMS[name]
        word = node.id if isinstance(node, ast.Name) else ""
        if word not in words:
            shown = dotted(node) or "that"
            hint = nearest(word, words) if word else f"known: {', '.join(words)}"
            self._walk.complain(node, f"`{shown}` is no value of `{name}`", hint)
            return Truth(False)
        if name == _WEEKDAY:
            return Compare(op, Clock(ClockPart.WEEKDAY, self._scope.zone), Constant(Decimal(words.index(word))))
        if op not in _EQUALITIES:
            self._walk.complain(fact, f"`{name}` has no order", "compare it with == or !=")
        if name == LAST_EXIT:
            return Compare(op, PositionNumber(NumberFact.LAST_EXIT), Constant(Decimal(words.index(word))))
        found = _SIDES[word]
        return found if op is CompareOp.EQ else Not(found)

    def _is_truth(self, node: ast.expr) -> bool:
        match node:
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return True
            case ast.Call(func=ast.Name(id=name)):
                return name in TRUTH_CALLS
            case ast.Name(id=name):
                return name in ("true", "false")
            case ast.Attribute(value=ast.Name(id="session")):
                return "session" not in self._scope.outputs
            case ast.Attribute():
                return dotted(node) in tuple(TruthFact)
        return False
