"""An expression of the core language as text again, in the words of the card's grammar.

Reading the text gives the same tree, but not always the text that was written: the core language keeps neither the
parentheses nor the order in which a chain was written.
"""

from ideacards.decimals import plain_text
from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    ArithmeticOp,
    Compare,
    CompareOp,
    Constant,
    Expr,
    FunctionCall,
    Negative,
    Not,
    NumberExpr,
    Or,
    PositionNumber,
    PositionTruth,
    Series,
    Truth,
    lagged,
)

__all__ = ["cross_of", "text_of"]

_PRODUCTS = (ArithmeticOp.MULTIPLY, ArithmeticOp.DIVIDE)
# How tightly a text binds; a part that binds less than its place asks for is put in parentheses.
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
    cross = cross_of(expr)
    if cross is not None:
        return f"{cross[0]}({text_of(cross[1])}, {text_of(cross[2])})", _ATOM
    match expr:
        case Constant():
            return plain_text(expr.value), _ATOM
        case Series():
            return f"{expr.name}[{expr.lag}]" if expr.lag else expr.name, _ATOM
        case PositionNumber() | PositionTruth():
            return str(expr.fact), _ATOM
        case Truth():
            return str(expr.value).lower(), _ATOM
        case FunctionCall():
            return f"{expr.function}({', '.join(map(text_of, expr.arguments))})", _ATOM
        case Negative():
            return f"-{_inside(expr.operand, _SIGN)}", _SIGN
        case Arithmetic():
            tight = _PRODUCT if expr.op in _PRODUCTS else _SUM
            return f"{_inside(expr.left, tight)} {expr.op} {_inside(expr.right, tight + 1)}", tight
        case Compare():
            return f"{_inside(expr.left, _SUM)} {expr.op} {_inside(expr.right, _SUM)}", _COMPARE
        case Not():
            return f"not {_inside(expr.operand, _NOT)}", _NOT
        case And() | Or():
            return _joined(expr)


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
