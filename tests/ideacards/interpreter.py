"""A second implementation of expressions: it walks its own trees, one bar at a time, in Kleene's three-valued logic.

Trees are tuples, written out as text for the engine. It shares no code with the engine: unknown is None here, a cross
looks back by index, a chain of comparisons stays a chain, a session asks the zone for the time of one bar.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ideacards.position_view import PositionView

__all__ = ["DAYS", "ZONE", "Tree", "is_undefined", "number", "shift", "text_of", "truth"]

Tree = tuple[Any, ...]
Data = Mapping[str, Sequence[float]]

ARITHMETIC: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
ZONE = "Europe/London"  # of the card's clock
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def text_of(tree: Tree) -> str:
    """The tree in the card's grammar, parentheses everywhere."""
    match tree:
        case ("number", text) | ("fact", text):
            return str(text)
        case ("literal", value):
            return "true" if value else "false"
        case ("series", name, lag):
            return f"{name}[{lag}]" if lag else str(name)
        case ("negative", operand):
            return f"(-{text_of(operand)})"
        case ("not", operand):
            return f"(not {text_of(operand)})"
        case ("arithmetic", op, left, right):
            return f"({text_of(left)} {op} {text_of(right)})"
        case ("call" | "cross", name, arguments):
            return f"{name}({', '.join(map(text_of, arguments))})"
        case ("and" | "or" as word, operands):
            return "(" + f" {word} ".join(map(text_of, operands)) + ")"
        case ("chain", terms, ops):
            tail = "".join(f" {op} {text_of(term)}" for op, term in zip(ops, terms[1:], strict=True))
            return f"({text_of(terms[0])}{tail})"
        case ("clock", part):
            return f"time.{part}"
        case ("weekday", op, day):
            return f"(time.weekday {op} {day})"
        case ("side", op, side):
            return f"(position.side {op} {side})"
        case ("session", name, *_):
            return f"session.{name}"
        case ("same", op, left, right):
            return f"({text_of(left)} {op} {text_of(right)})"
        case ("near", left, right, within):
            return f"near({text_of(left)}, {text_of(right)}, {text_of(within)})"
        case ("near percent", left, right, percent):
            return f"near({text_of(left)}, {text_of(right)}, percent={percent})"
        case ("between", *terms):
            return f"between({', '.join(map(text_of, terms))})"
        case ("trend", name, value, bars):
            return f"{name}({text_of(value)}, {bars})"
        case ("window", "count_true", bars, least, operand):
            return f"count_true({bars}, {least}, {text_of(operand)})"
        case ("window", name, bars, _, operand):
            return f"{name}({bars}, {text_of(operand)})"
        case ("sequence", first, second, bars):
            return f"sequence({text_of(first)}, {text_of(second)}, {bars})"
        case ("since", condition):
            return f"bars_since({text_of(condition)})"
        case ("when", condition, value):
            return f"value_when({text_of(condition)}, {text_of(value)})"
    raise AssertionError(tree)


def number(tree: Tree, data: Data, i: int, view: PositionView) -> float | None:
    """The value at bar i, None if unknown."""
    match tree:
        case ("number", text):
            return float(text)
        case ("fact", name):
            facts = {"position.size": view.size, "position.entry_price": view.entry_price, "equity": view.equity}
            return facts[name]
        case ("series", name, lag):
            return _known(data[name][i - lag]) if i >= lag else None
        case ("negative", operand):
            value = number(operand, data, i, view)
            return None if value is None else -value
        case ("arithmetic", op, left, right):
            a, b = number(left, data, i, view), number(right, data, i, view)
            if a is None or b is None or (op == "/" and b == 0):
                return None
            return _known(a / b if op == "/" else ARITHMETIC[op](a, b))
        case ("call", name, arguments):
            values = [number(argument, data, i, view) for argument in arguments]
            known = [value for value in values if value is not None]
            if len(known) < len(values):
                return None
            return abs(known[0]) if name == "abs" else min(known) if name == "min" else max(known)
        case ("clock", part):
            return _clock(part, data, i)
        case ("since", condition):
            last = _last(condition, data, i, view)
            return None if last is None else i - last
        case ("when", condition, value):
            last = _last(condition, data, i, view)
            return None if last is None else number(value, data, last, view)
    raise AssertionError(tree)


def truth(tree: Tree, data: Data, i: int, view: PositionView) -> bool | None:
    """True, False, or None for unknown."""
    match tree:
        case ("literal", value):
            return bool(value)
        case ("fact", name):
            is_flat = view.qty_sign == 0 and not view.has_entry_in_flight
            facts = {"position.flat": is_flat, "position.long": view.qty_sign > 0, "position.short": view.qty_sign < 0}
            return facts[name]
        case ("not", operand):
            value = truth(operand, data, i, view)
            return None if value is None else not value
        case ("and", operands):
            return _conjunction([truth(operand, data, i, view) for operand in operands])
        case ("or", operands):
            values = [truth(operand, data, i, view) for operand in operands]
            return True if True in values else None if None in values else False
        case ("chain", terms, ops):
            numbers = [number(term, data, i, view) for term in terms]
            return _conjunction([_compared(*pair) for pair in zip(ops, numbers, numbers[1:], strict=False)])
        case ("cross", name, (left, right)):
            now, before = (">", "<=") if name == "crosses_above" else ("<", ">=")
            is_now = _compared(now, number(left, data, i, view), number(right, data, i, view))
            was = _compared(before, number(left, data, i - 1, view), number(right, data, i - 1, view))
            return _conjunction([is_now, was])
        case ("near" | "near percent", left, right, within):
            return _near(tree[0], number(left, data, i, view), number(right, data, i, view), within, data, i, view)
        case ("between", value, lower, upper):
            return truth(("chain", (lower, value, upper), ("<=", "<=")), data, i, view)
        case ("same", op, left, right):
            a, b = truth(left, data, i, view), truth(right, data, i, view)
            return None if a is None or b is None else (a is b) is (op == "==")
        case ("side", op, side):
            return (side == ("flat", "long", "short")[view.qty_sign]) is (op == "==")
    return _of_history(tree, data, i, view)


def _near(
    form: str, left: float | None, right: float | None, within: Any, data: Data, i: int, view: PositionView
) -> bool | None:
    if left is None or right is None:
        return None
    distance = _known(abs(left - right))
    bound = number(within, data, i, view) if form == "near" else _known(abs(right) * float(within) / 100)
    return None if distance is None or bound is None else distance <= bound


def _of_history(tree: Tree, data: Data, i: int, view: PositionView) -> bool | None:
    match tree:
        case ("window", _, bars, least, operand):
            values = [truth(operand, data, j, view) if j >= 0 else None for j in range(i - bars + 1, i + 1)]
            return True if values.count(True) >= least else None if bars - values.count(False) >= least else False
        case ("trend", name, value, bars):
            compared = ">" if name == "rising" else "<"
            each = ("cross bar", compared, value)
            return truth(("window", "held_for", bars, bars, each), data, i, view)
        case ("cross bar", op, value):
            return _compared(op, number(value, data, i, view), number(value, data, i - 1, view))
        case ("sequence", first, second, bars):
            before = [truth(first, data, j, view) if j >= 0 else None for j in range(i - bars, i)]
            was = True if True in before else None if None in before else False
            return _conjunction([truth(second, data, i, view), was])
        case ("weekday", op, day):
            today = _local(data, i)
            return None if today is None else COMPARE[op](today.weekday(), DAYS.index(day))
        case ("session", _, from_, to, days):
            return _in_session(_local(data, i), from_, to, days)
    raise AssertionError(tree)


def _last(condition: Tree, data: Data, i: int, view: PositionView) -> int | None:
    """The bar at which it last held; None if it never did, or is unknown at a later bar."""
    for j in range(i, -1, -1):
        value = truth(condition, data, j, view)
        if value is not False:
            return j if value else None
    return None


def _local(data: Data, i: int) -> datetime | None:
    if i < 0:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=data["ts_close"][i])).astimezone(ZoneInfo(ZONE))


def _clock(part: str, data: Data, i: int) -> float | None:
    now = _local(data, i)
    if now is None:
        return None
    return {"hour": now.hour, "minute": now.minute, "date": 10_000 * now.year + 100 * now.month + now.day}[part]


def _in_session(now: datetime | None, from_: str, to: str, days: Sequence[str]) -> bool | None:
    if now is None:
        return None
    clock, today = f"{now:%H:%M}", DAYS[now.weekday()]
    if from_ < to:
        return today in days and from_ <= clock < to
    yesterday = DAYS[now.weekday() - 1]
    return (today in days and clock >= from_) or (yesterday in days and clock < to)


def shift(tree: Tree) -> int:
    """How many bars before the deciding one it may read as if they were that one: no card runs before such a bar."""
    own = tree[0] in ("cross", "trend", "sequence")
    return own + max(map(shift, _below(tree)), default=0)


def is_undefined(tree: Tree, data: Data, i: int, view: PositionView) -> bool:
    """Does it read an undefined value, or divide by a zero that the arrays alone decide?"""
    match tree:
        case ("series", _, _):
            return number(tree, data, i, view) is None
        case ("cross", _, arguments):
            return any(is_undefined(each, data, bar, view) for each in arguments for bar in (i, i - 1))
        case ("since" | "when", *_) if number(tree, data, i, view) is None:
            return True
        case ("trend", _, value, _):
            return any(is_undefined(value, data, bar, view) for bar in (i, i - 1))
        case ("sequence", first, second, _):
            return is_undefined(first, data, i - 1, view) or is_undefined(second, data, i, view)
        case ("arithmetic", "/", _, divisor) if not _asks_account(divisor) and number(divisor, data, i, view) == 0:
            return True
    return any(is_undefined(each, data, i, view) for each in _below(tree))


def _asks_account(tree: Tree) -> bool:
    return tree[0] in ("fact", "side") or any(_asks_account(each) for each in _below(tree))


def _below(tree: Tree) -> Sequence[Tree]:
    match tree:
        case ("negative" | "not", operand):
            return [operand]
        case ("arithmetic", _, left, right):
            return [left, right]
        case ("call" | "cross", _, trees) | ("and" | "or", trees) | ("chain", trees, _):
            return list(trees)
        case ("near", *trees) | ("between", *trees) | ("when", *trees) | ("same", _, *trees):
            return trees
        case ("near percent", left, right, _):
            return [left, right]
        case ("trend", _, operand, _) | ("window", _, _, _, operand) | ("since", operand):
            return [operand]
        case ("sequence", first, second, _):
            return [first, second]
    return []


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _compared(op: str, left: float | None, right: float | None) -> bool | None:
    return None if left is None or right is None else COMPARE[op](left, right)


def _conjunction(values: Sequence[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True
