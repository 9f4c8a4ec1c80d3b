"""From Python's syntax tree to the core language: whitelist, names and types in one walk.

A truth is accepted only where a truth belongs, a number only where a number belongs. Anything else is a complaint at
its column, and the walk goes on, so that all faults of an expression are found together. Depth is bounded here.
"""

import ast
import re
from decimal import Decimal

from ideacards.decimals import decimal_of
from ideacards.errors import nearest
from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    ArithmeticOp,
    Compare,
    CompareOp,
    Constant,
    Function,
    FunctionCall,
    Negative,
    Not,
    NumberExpr,
    NumberFact,
    Or,
    PositionNumber,
    PositionTruth,
    Series,
    Truth,
    TruthExpr,
    TruthFact,
    lagged,
)
from ideacards.expressions.parser import ExpressionError, parse
from ideacards.expressions.scope import ACCOUNT_NAMES, CROSSES, Complaint, Scope

__all__ = ["MAX_DEPTH", "MAX_LAG", "check", "check_number"]

MAX_DEPTH = 32
MAX_LAG = 1000

_ARITHMETIC: dict[type[ast.operator], ArithmeticOp] = {
    ast.Add: ArithmeticOp.ADD,
    ast.Sub: ArithmeticOp.SUBTRACT,
    ast.Mult: ArithmeticOp.MULTIPLY,
    ast.Div: ArithmeticOp.DIVIDE,
}
_COMPARE: dict[type[ast.cmpop], CompareOp] = {
    ast.Lt: CompareOp.LT,
    ast.LtE: CompareOp.LE,
    ast.Gt: CompareOp.GT,
    ast.GtE: CompareOp.GE,
}
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_NO_EQUALITY = "numbers are compared with < <= > >=; a truth stands alone, or with `not`"
_IS_TRUTH = "that is true or false: join it with `and`, `or`, `not`"
_HOLE = Constant(Decimal(0))  # replaces a part that has a complaint; never leaves this module


def check(text: str, scope: Scope, depth: int = 0) -> tuple[TruthExpr | None, list[Complaint]]:
    """The condition `text` states, or None and what is wrong with it. It is nested `depth` levels deep already."""
    try:
        tree = parse(text)
    except ExpressionError as error:
        return None, [error.complaint]
    checker = _Checker(text, scope)
    found = checker.truth(tree, depth + 1)
    return (None, checker.complaints) if checker.complaints else (found, [])


def check_number(text: str, scope: Scope) -> tuple[NumberExpr | None, list[Complaint]]:
    """The number `text` states, for a feature written as an expression, or None and what is wrong with it."""
    try:
        tree = parse(text)
    except ExpressionError as error:
        return None, [error.complaint]
    checker = _Checker(text, scope)
    found = checker.number(tree, 1)
    return (None, checker.complaints) if checker.complaints else (found, [])


class _Checker:
    """One walk over one expression; collects `complaints`."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.complaints: list[Complaint] = []
        self._text = text
        self._scope = scope

    def truth(self, node: ast.expr, depth: int) -> TruthExpr:
        """`node` read as something true or false."""
        if self._is_too_deep(node, depth):
            return Truth(False)
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return And(tuple(self.truth(value, depth + 1) for value in values))
            case ast.BoolOp(values=values):
                return Or(tuple(self.truth(value, depth + 1) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.truth(operand, depth + 1))
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.Call(func=ast.Name(id=name)) if name in CROSSES:
                return self._cross(node, name, depth)
            case ast.Name(id="true" | "false"):
                return Truth(node.id == "true")
            case ast.Attribute() if (fact := self._dotted(node) or "") in tuple(TruthFact):
                return PositionTruth(TruthFact(fact))
        before = len(self.complaints)
        self.number(node, depth)
        if len(self.complaints) == before:
            hint = "compare it, as in `close > 100`"
            self._complain(node, f"expected true or false, found the number `{self._source(node)}`", hint)
        return Truth(False)

    def number(self, node: ast.expr, depth: int) -> NumberExpr:
        """`node` read as a number."""
        if self._is_too_deep(node, depth):
            return _HOLE
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name() | ast.Attribute() if (name := self._dotted(node)) is not None:
                return self._named(node, name)
            case ast.Subscript(value=value):
                return self._lag(node, value, depth)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.number(operand, depth + 1))
            case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
                left = self.number(node.left, depth + 1)
                return Arithmetic(_ARITHMETIC[type(op)], left, self.number(node.right, depth + 1))
            case ast.Call(func=ast.Name(id=name)) if name in tuple(Function):
                return self._call(node, Function(name), depth)
            case ast.Call(func=ast.Name(id=name)) if name not in CROSSES:
                known = (*CROSSES, *Function)
                return self._hole(node, f"unknown function `{name}`", nearest(name, known))
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Call(func=ast.Name()):
                return self._hole(node, f"expected a number, found `{self._source(node)}`", _IS_TRUTH)
        return self._foreign(node)

    def _comparison(self, node: ast.Compare, depth: int) -> TruthExpr:
        terms = [self.number(term, depth + 1) for term in (node.left, *node.comparators)]
        pairs: list[TruthExpr] = []
        for op, left, right in zip(node.ops, terms, terms[1:], strict=False):
            if type(op) in _COMPARE:
                pairs.append(Compare(_COMPARE[type(op)], left, right))
            elif isinstance(op, ast.Eq):
                self._complain(node, "`==` is not part of the expression language", _NO_EQUALITY)
            else:
                self._complain(node, f"`{self._source(node)}` is not part of the expression language", _NO_EQUALITY)
        return pairs[0] if len(pairs) == 1 else And(tuple(pairs))

    def _cross(self, node: ast.Call, name: str, depth: int) -> TruthExpr:
        if not self._takes(node, name, 2, 2):
            return Truth(False)
        left, right = (self.number(argument, depth + 1) for argument in node.args)
        try:
            left_before, right_before = lagged(left, 1), lagged(right, 1)
        except ValueError as error:
            self._complain(node, str(error), f"`{name}` looks one bar back: give it bar columns, features and numbers")
            return Truth(False)
        now, before = (CompareOp.GT, CompareOp.LE) if name == CROSSES[0] else (CompareOp.LT, CompareOp.GE)
        return And((Compare(now, left, right), Compare(before, left_before, right_before)))

    def _call(self, node: ast.Call, function: Function, depth: int) -> NumberExpr:
        least, most = (1, 1) if function is Function.ABS else (2, MAX_DEPTH)
        if not self._takes(node, function, least, most):
            return _HOLE
        return FunctionCall(function, tuple(self.number(argument, depth + 1) for argument in node.args))

    def _takes(self, node: ast.Call, name: str, least: int, most: int) -> bool:
        is_plain = not node.keywords and not any(isinstance(argument, ast.Starred) for argument in node.args)
        if is_plain and least <= len(node.args) <= most:
            return True
        count = str(least) if least == most else f"{least} to {most}"
        what = f"`{name}` takes {count} plain argument{'s' if most > 1 else ''}, found {len(node.args)}"
        self._complain(node, what, "separated by commas")
        return False

    def _constant(self, node: ast.Constant) -> NumberExpr:
        source = self._source(node)
        if not _NUMBER.fullmatch(source):
            hint = (f"write `{source.lower()}`",) if source in ("True", "False") else ()
            return self._hole(node, f"`{source}` is not part of the expression language", *hint)
        value = decimal_of(source)
        if value is None:
            return self._hole(node, f"the number {source} has too many digits", "15 before the point, 12 after it")
        return Constant(value)

    def _named(self, node: ast.expr, name: str) -> NumberExpr:
        if name in tuple(NumberFact):
            return PositionNumber(NumberFact(name))
        if name in tuple(TruthFact) or name in ("true", "false"):
            return self._hole(node, f"expected a number, found `{name}`", _IS_TRUTH)
        if name.partition(".")[0] == "facts":
            return self._hole(node, f"`{name}`: facts are not available yet", "the word is kept for advisors")
        if name in (*CROSSES, *Function):
            return self._hole(node, f"`{name}` is a function", f"write `{name}(...)`")
        fault = self._scope.fault_of(name, ACCOUNT_NAMES)
        return Series(name) if fault is None else self._hole(node, *fault)

    def _lag(self, node: ast.Subscript, value: ast.expr, depth: int) -> NumberExpr:
        name = self._dotted(value)
        if name is None:
            return self._hole(node, "only a name can be looked back at", "write `close[1]`")
        series = self._named(value, name)
        index = node.slice
        if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
            return self._hole(index, "a negative index would look ahead", "`x[1]` is the value one exec bar ago")
        source = self._source(index)
        if not (isinstance(index, ast.Constant) and re.fullmatch(r"\d{1,9}", source) and int(source) <= MAX_LAG):
            what = f"the index `{source}` is not a whole number up to {MAX_LAG}"
            return self._hole(index, what, "it counts exec bars back")
        if isinstance(series, PositionNumber):
            return self._hole(node, f"{series.fact} has no past", "features and bar columns have one")
        return lagged(series, int(source))

    def _dotted(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute):
            head = self._dotted(node.value)
            return None if head is None else f"{head}.{node.attr}"
        return None

    def _is_too_deep(self, node: ast.expr, depth: int) -> bool:
        if depth <= MAX_DEPTH:
            return False
        if not any("deeper" in complaint.what for complaint in self.complaints):
            self._complain(node, f"nested deeper than {MAX_DEPTH}", "use all/any lists, or a feature")
        return True

    def _foreign(self, node: ast.expr) -> NumberExpr:
        hints = {ast.BinOp: ("there are + - * /",), ast.UnaryOp: ("leave the plus away",)}
        return self._hole(
            node, f"`{self._source(node)}` is not part of the expression language", *hints.get(type(node), ())
        )

    def _source(self, node: ast.expr) -> str:
        flat = self._text.replace("\n", " ")[node.col_offset : node.end_col_offset]
        return flat if len(flat) <= 60 else flat[:57] + "..."

    def _hole(self, node: ast.expr, what: str, *hint: str) -> NumberExpr:
        self._complain(node, what, *hint)
        return _HOLE

    def _complain(self, node: ast.expr, what: str, *hint: str) -> None:
        self.complaints.append(Complaint(node.col_offset, what, *hint))
