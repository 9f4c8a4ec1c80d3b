"""An expression of the core language as text again, in the words of the card's grammar.

Reading the text gives the same tree, but not always the text that was written: the core language keeps neither the
parentheses nor the order in which a chain was written, and of a session its times, not its name.
"""

from decimal import Decimal

from ideacards.decimals import plain_text
from ideacards.expressions.facts import DERIVED
from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    ArithmeticOp,
    BarNumber,
    BarsSince,
    Clock,
    Compare,
    CompareOp,
    Constant,
    CountTrue,
    Expr,
    FunctionCall,
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
    ValueWhen,
    lagged,
)
from ideacards.position_view import ExitReason
from ideacards.sessions import WEEKDAYS, ClockPart, Session

__all__ = ["cross_of", "text_of"]

_PRODUCTS = (ArithmeticOp.MULTIPLY, ArithmeticOp.DIVIDE)
# How tightly a text binds; a part that binds less than its place asks for is put in parentheses.
_NAMES = {expr: name for name, expr in DERIVED.items()}
_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(8)


def text_of(expr: Expr) -> str:
    """`fast > slow and not position.long`."""
    return _text(expr)[0]


def cross_of(expr: Expr) -> tuple[str, NumberExpr, NumberExpr] | None:
    """(`crosses_above` or `crosses_below`, left, right) if the expression is what the checker makes of one."""
    match expr:
        case And(operands=(Compare() as now, Compare() as before)):
            names = {
                (CompareOp.GT, CompareOp.LE): "crosses_above",
                (CompareOp.LT, CompareOp.GE): "crosses_below",
            }
            name = names.get((now.op, before.op))
            if name is not None and _is_a_bar_before(before, now):
                return name, now.left, now.right
    return None


def _is_a_bar_before(before: Compare, now: Compare) -> bool:
    try:
        return (before.left, before.right) == (lagged(now.left, 1), lagged(now.right, 1))
    except ValueError:  # the account has no past
        return False


def _text(expr: Expr) -> tuple[str, int]:
    """The text, and how tightly it binds."""
    atom = _atom(expr)
    if atom is not None:
        return atom, _ATOM
    match expr:
        case Negative():
            return f"-{_inside(expr.operand, _SIGN)}", _SIGN
        case Arithmetic():
            tight = _PRODUCT if expr.op in _PRODUCTS else _SUM
            return f"{_inside(expr.left, tight)} {expr.op} {_inside(expr.right, tight + 1)}", tight
        case Compare():
            right = _word_of(expr) or _inside(expr.right, _SUM)
            return f"{_weekday(expr.left) or _inside(expr.left, _SUM)} {expr.op} {right}", _COMPARE
        case Not():
            return f"not {_inside(expr.operand, _NOT)}", _NOT
        case And() | Or():
            return _joined(expr)
    raise AssertionError("every other expression is an atom")


def _atom(expr: Expr) -> str | None:
    """The text of a name, a number or a call; None of what has operators."""
    cross = cross_of(expr)
    if cross is not None:
        return f"{cross[0]}({text_of(cross[1])}, {text_of(cross[2])})"
    if expr in _NAMES:
        return _NAMES[expr]
    match expr:
        case Constant():
            return plain_text(expr.value)
        case Series():
            return _lagged(expr.name, expr.lag)
        case Clock():
            return _lagged(f"time.{expr.part}", expr.lag)
        case BarNumber():
            return _lagged("bar number", expr.lag)
        case PositionNumber() | PositionTruth():
            return str(expr.fact)
        case Truth():
            return str(expr.value).lower()
        case FunctionCall():
            return f"{expr.function}({', '.join(map(text_of, expr.arguments))})"
        case BarsSince():
            return f"bars_since({text_of(expr.condition)})"
        case ValueWhen():
            return f"value_when({text_of(expr.condition)}, {text_of(expr.value)})"
        case InSession():
            return _lagged(_session(expr.session), expr.lag)
        case CountTrue():
            return _counted(expr)
    return None


def _lagged(text: str, lag: int) -> str:
    return f"{text}[{lag}]" if lag else text


def _counted(expr: CountTrue) -> str:
    """A window as it was written: rising, falling, held_for, within_last or count_true."""
    inner = expr.operand
    if expr.least == expr.bars and isinstance(inner, Compare) and inner.op in (CompareOp.GT, CompareOp.LT):
        try:
            is_trend = inner.right == lagged(inner.left, 1)
        except ValueError:
            is_trend = False
        if is_trend:
            return f"{'rising' if inner.op is CompareOp.GT else 'falling'}({text_of(inner.left)}, {expr.bars})"
    if expr.least == expr.bars:
        return f"held_for({expr.bars}, {text_of(inner)})"
    if expr.least == 1:
        return f"within_last({expr.bars}, {text_of(inner)})"
    return f"count_true({expr.bars}, {expr.least}, {text_of(inner)})"


def _session(session: Session) -> str:
    from_, to = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (session.from_minute, session.to_minute))
    days = "" if len(session.days) == len(WEEKDAYS) else " on " + " ".join(WEEKDAYS[day] for day in session.days)
    return f"session({from_} to {to} {session.zone}{days})"


def _weekday(expr: Expr) -> str | None:
    is_day = isinstance(expr, Clock) and expr.part is ClockPart.WEEKDAY
    return "time.weekday" if is_day else None


def _word_of(expr: Compare) -> str | None:
    """The word for a number that stands for one: a weekday, or the reason of an exit."""
    words: tuple[str, ...] = ()
    if _weekday(expr.left):
        words = WEEKDAYS
    elif expr.left == PositionNumber(NumberFact.LAST_EXIT):
        words = tuple(str(reason) for reason in ExitReason)
    value = expr.right.value if isinstance(expr.right, Constant) else Decimal(-1)
    return words[int(value)] if 0 <= value < len(words) else None


def _joined(expr: And | Or) -> tuple[str, int]:
    word, tight = ("and", _AND) if isinstance(expr, And) else ("or", _OR)
    if not expr.operands:
        return str(isinstance(expr, And)).lower(), _ATOM
    if len(expr.operands) == 1:
        return _text(expr.operands[0])
    return f" {word} ".join(_inside(operand, tight + 1) for operand in expr.operands), tight


def _inside(expr: Expr, tight: int) -> str:
    text, binds = _text(expr)
    return text if binds >= tight else f"({text})"
