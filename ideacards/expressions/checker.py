"""From Python's syntax tree to the core language: whitelist, names and types in one walk.

A truth is accepted only where a truth belongs, a number only where a number belongs. Anything else is a complaint at
its column, and the walk goes on, so that all faults of an expression are found together. Depth is bounded here.
"""

import ast
import re
from decimal import Decimal
from itertools import combinations

from ideacards.decimals import decimal_of
from ideacards.errors import nearest
from ideacards.expressions.calls import NUMBER_CALLS, TRUTH_CALLS
from ideacards.expressions.equality import ENUMS, Equality, dotted
from ideacards.expressions.facts import DERIVED, OPEN_FACTS
from ideacards.expressions.kinds import fits, kind_of
from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    ArithmeticOp,
    Clock,
    Compare,
    CompareOp,
    Constant,
    InSession,
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
from ideacards.expressions.scope import ACCOUNT_NAMES, CLOCK_NAMES, Complaint, Scope, kind_hint
from ideacards.hints import PREFIXES, meant
from ideacards.sessions import ClockPart

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
    ast.Eq: CompareOp.EQ,
    ast.NotEq: CompareOp.NE,
}
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_FUNCTIONS = (*TRUTH_CALLS, *NUMBER_CALLS)
_OTHER_NAMES = (*ACCOUNT_NAMES, *CLOCK_NAMES)
_NO_OTHER = "there are < <= > >= == !=, `and`, `or`, `not`"
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
            case ast.Call(func=ast.Name(id=name)) if name in TRUTH_CALLS:
                return TRUTH_CALLS[name](self, node, depth)
            case ast.Name(id="true" | "false"):
                return Truth(node.id == "true")
            case ast.Attribute() if (fact := dotted(node) or "") in tuple(TruthFact):
                return PositionTruth(TruthFact(fact))
            case ast.Attribute(value=ast.Name(id="session"), attr=name):
                return self._session(node, name)
        before = len(self.complaints)
        self.number(node, depth)
        if len(self.complaints) == before:
            hint = "compare it, as in `close > 100`"
            self.complain(node, f"expected true or false, found the number `{self.source(node)}`", hint)
        return Truth(False)

    def number(self, node: ast.expr, depth: int) -> NumberExpr:
        """`node` read as a number."""
        if self._is_too_deep(node, depth):
            return _HOLE
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name() | ast.Attribute() if (name := dotted(node)) is not None:
                return self._named(node, name)
            case ast.Subscript(value=value):
                return self._lag(node, value, depth)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.number(operand, depth + 1))
            case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
                terms = [node.left, node.right]
                left, right = (self.number(term, depth + 1) for term in terms)
                if type(op) in (ast.Add, ast.Sub):
                    self.alike(terms, [left, right], "do not add up")
                return Arithmetic(_ARITHMETIC[type(op)], left, right)
            case ast.Call(func=ast.Name(id=name)) if name in NUMBER_CALLS:
                return NUMBER_CALLS[name](self, node, depth)
            case ast.Call(func=ast.Name(id=name)) if name not in TRUTH_CALLS:
                return self._unknown_function(node, name)
            case ast.Call(func=ast.Attribute() as function) if (name := dotted(function)) is not None:
                return self._method(node, name)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Call(func=ast.Name()):
                return self._hole(node, f"expected a number, found `{self.source(node)}`", _IS_TRUTH)
        return self._foreign(node)

    def _comparison(self, node: ast.Compare, depth: int) -> TruthExpr:
        terms = [node.left, *node.comparators]
        known = len(self.complaints)
        numbers: dict[int, NumberExpr] = {}  # by place: the middle of a chain is read once
        equality = Equality(self, self._scope)
        pairs: list[TruthExpr] = []
        for place, op in enumerate(node.ops):
            sides = terms[place : place + 2]
            if type(op) not in _COMPARE:
                self.complain(node, f"`{self.source(node)}` is not part of the expression language", _NO_OTHER)
            elif found := equality.read(_COMPARE[type(op)], sides, depth):
                pairs.append(found)
            else:
                for each in (place, place + 1):
                    if each not in numbers:
                        numbers[each] = self.number(terms[each], depth + 1)
                pair = [numbers[place], numbers[place + 1]]
                if len(self.complaints) == known:
                    self.alike(sides, pair, "do not compare")
                    equality.check_numbers(_COMPARE[type(op)], sides[1], pair)
                pairs.append(Compare(_COMPARE[type(op)], *pair))
        return pairs[0] if len(pairs) == 1 else And(tuple(pairs))

    def _session(self, node: ast.expr, name: str) -> TruthExpr:
        session = self._scope.sessions.get(name)
        if session is None:
            self.complain(node, f"the card has no session `{name}`", nearest(name, self._scope.sessions))
            return Truth(False)
        return InSession(session)

    def alike(self, nodes: list[ast.expr], found: list[NumberExpr], verb: str) -> None:
        """Complain of the first two numbers that are not of one kind."""
        kinds = [kind_of(each, self._scope.kinds) for each in found]
        for left, right in combinations(range(len(kinds)), 2):
            if not fits(kinds[left], kinds[right]):
                one, other = (self.source(nodes[place]) for place in (left, right))
                what = f"`{one}` is {kinds[left].value} and `{other}` {kinds[right].value}: they {verb}"
                self.complain(nodes[left], what, "numbers of one kind do; a written number fits any")
                return

    def whole(self, node: ast.expr, least: int, most: int, meaning: str) -> int:
        """A whole number as the card writes it, or a parameter that is one; 0 after a complaint."""
        name = node.id if isinstance(node, ast.Name) else ""
        text = str(self._scope.parameters[name]) if name in self._scope.parameters else self.source(node)
        if re.fullmatch(r"\d{1,9}", text) and least <= int(text) <= most:
            return int(text)
        what = f"`{self.source(node)}` is not {meaning}"
        self.complain(node, what, f"a whole number from {least} to {most}")
        return 0

    def _constant(self, node: ast.Constant) -> NumberExpr:
        source = self.source(node)
        if not _NUMBER.fullmatch(source):
            hint = (f"write `{source.lower()}`",) if source in ("True", "False") else ()
            return self._hole(node, f"`{source}` is not part of the expression language", *hint)
        value = decimal_of(source)
        if value is None:
            return self._hole(node, f"the number {source} has too many digits", "15 before the point, 12 after it")
        return Constant(value)

    def _named(self, node: ast.expr, name: str) -> NumberExpr:
        if name in OPEN_FACTS:
            return PositionNumber(NumberFact(name))
        if name in DERIVED:
            return DERIVED[name]
        if name in self._scope.parameters:
            return Constant(self._scope.parameters[name])
        if name in CLOCK_NAMES and "time" not in self._scope.outputs:
            return self._clock(node, ClockPart(name.partition(".")[2]))
        if name in tuple(TruthFact) or name in ("true", "false") or name.startswith("session."):
            return self._hole(node, f"expected a number, found `{name}`", _IS_TRUTH)
        if name in ENUMS:
            words = " ".join(ENUMS[name])
            return self._hole(node, f"`{name}` is a word", f"compare it with == or != to one of {words}")
        if name.partition(".")[0] == "facts":
            return self._hole(node, f"`{name}`: facts are not available yet", "the word is kept for advisors")
        fault = self._scope.fault_of(name, (*self._scope.parameters, *_OTHER_NAMES))
        if fault is not None and name in _FUNCTIONS:
            return self._hole(node, f"`{name}` is a function", f"write `{name}(...)`")
        return Series(name) if fault is None else self._hole(node, *fault)

    def _clock(self, node: ast.expr, part: ClockPart) -> NumberExpr:
        if part is not ClockPart.WEEKDAY:
            return Clock(part, self._scope.zone)
        words = " ".join(ENUMS["time.weekday"])
        return self._hole(node, "`time.weekday` is a word", f"compare it with one of {words}")

    def _lag(self, node: ast.Subscript, value: ast.expr, depth: int) -> NumberExpr:
        name = dotted(value)
        if name is None:
            return self._hole(node, "only a name can be looked back at", "write `close[1]`")
        series = self._named(value, name)
        index = node.slice
        if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
            return self._hole(index, "a negative index would look ahead", "`x[1]` is the value one exec bar ago")
        source = self.source(index)
        if isinstance(index, ast.Name) and index.id in self._scope.parameters:
            source = str(self._scope.parameters[index.id])
        if not (re.fullmatch(r"\d{1,9}", source) and int(source) <= MAX_LAG):
            what = f"the index `{self.source(index)}` is not a whole number up to {MAX_LAG}"
            return self._hole(index, what, "it counts exec bars back")
        try:
            return lagged(series, int(source))
        except ValueError:
            return self._hole(node, f"{name} has no past", "features and bar columns have one")

    def _is_too_deep(self, node: ast.expr, depth: int) -> bool:
        if depth <= MAX_DEPTH:
            return False
        if not any("deeper" in complaint.what for complaint in self.complaints):
            self.complain(node, f"nested deeper than {MAX_DEPTH}", "use all/any lists, or a feature")
        return True

    def _method(self, node: ast.Call, name: str) -> NumberExpr:
        """A function of a library, or of an object: the language has neither."""
        if name.lower().startswith(PREFIXES):
            return self._unknown_function(node, name)
        series, _, method = name.rpartition(".")
        if method == "shift" and len(node.args) == 1 and self._scope.fault_of(series) is None:
            what = f"`{self.source(node)}` is not part of the expression language"
            return self._hole(node, what, f"write `{series}[{self.source(node.args[0])}]`")
        return self._foreign(node)

    def _unknown_function(self, node: ast.Call, name: str) -> NumberExpr:
        """A function of elsewhere: of the same meaning here, or a kind of feature; else the functions there are."""
        given = [self.source(argument) for argument in node.args]
        words = ""
        if len(given) == 2 and given[0] in self._scope.series() and given[1].isdecimal():
            words = f", of: {given[0]}, length: {given[1]}"
        elif len(given) == 1 and given[0].isdecimal():
            words = f", length: {given[0]}"
        hint = meant(name, _FUNCTIONS) or kind_hint(name, words) or nearest(name, _FUNCTIONS)
        return self._hole(node, f"unknown function `{name}`", hint)

    def _foreign(self, node: ast.expr) -> NumberExpr:
        hints = {ast.BinOp: ("there are + - * /",), ast.UnaryOp: ("leave the plus away",)}
        return self._hole(
            node, f"`{self.source(node)}` is not part of the expression language", *hints.get(type(node), ())
        )

    def source(self, node: ast.expr) -> str:
        """The text of a part, shortened."""
        flat = self._text.replace("\n", " ")[node.col_offset : node.end_col_offset]
        return flat if len(flat) <= 60 else flat[:57] + "..."

    def _hole(self, node: ast.expr, what: str, *hint: str) -> NumberExpr:
        self.complain(node, what, *hint)
        return _HOLE

    def complain(self, node: ast.expr, what: str, *hint: str) -> None:
        """Add a complaint about a part."""
        self.complaints.append(Complaint(node.col_offset, what, *hint))
