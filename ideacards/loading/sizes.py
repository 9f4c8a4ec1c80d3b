"""The size of an entry: one unit, and what the unit needs."""

from decimal import Decimal

from ideacards.errors import Problem
from ideacards.expressions.checker import check_number
from ideacards.expressions.scope import Scope
from ideacards.intents import Action, Size, SizeKind
from ideacards.loading.conditions import complaint_at
from ideacards.loading.exits import check_feature
from ideacards.loading.rules import problem_at
from ideacards.loading.tree import MapNode, Scalar, ScalarKind
from ideacards.loading.written import ACTION_KEYS, WrittenSize

__all__ = ["check_size", "size_of"]

_PLAIN = (SizeKind.NOTIONAL, SizeKind.QUANTITY, SizeKind.EQUITY_PERCENT, SizeKind.AVAILABLE_PERCENT)


def size_of(written: WrittenSize | None, scope: Scope) -> Size | None:
    """What a written size becomes; its unit and names have been checked."""
    if written is None:
        return None
    for kind in _PLAIN:
        value: Decimal | None = getattr(written, kind)
        if value is not None:
            return Size(kind, value)
    if written.risk is not None:
        return Size(SizeKind.RISK, written.risk.percent)
    if written.volatility is not None:
        return Size(SizeKind.VOLATILITY, written.volatility.percent, written.volatility.feature)
    if written.expression is not None:
        found, _ = check_number(written.expression, scope)
        return Size(SizeKind.EXPRESSION, expression=found)
    return None


def check_size(node: MapNode, scope: Scope, problems: list[Problem]) -> None:
    """Check that an entry's size has one unit, that its names exist, and that a risk has a stop to be measured by."""
    action = node.get("action")
    name = action.text if isinstance(action, Scalar) else ""
    if "size" not in ACTION_KEYS.get(name, ()):
        return
    size, units = node.get("size"), ", ".join(SizeKind)
    if size is None and name == Action.REPLACE:
        return
    if size is None:
        problems.append(problem_at(node, "`size` is missing", f"an entry takes one of {units}"))
        return
    if not isinstance(size, MapNode):
        return
    kinds = [key for key in size if key in tuple(SizeKind)]
    if len(kinds) != 1:
        found = "no unit" if not kinds else " and ".join(kinds)
        problems.append(problem_at(size, f"a size has one unit, found {found}", f"give one of {units}"))
    if "risk" in size and "stop_loss" not in node and name != Action.REPLACE:
        what = "`risk` is a share of equity over the distance to the stop loss, and the entry has no `stop_loss`"
        problems.append(problem_at(size["risk"], what, "add one, like `stop_loss: {percent: 1}`"))
    volatility = size.get("volatility")
    if isinstance(volatility, MapNode) and "feature" in volatility:
        check_feature(volatility["feature"], scope, problems)
    expression = size.get("expression")
    if isinstance(expression, Scalar) and expression.kind is ScalarKind.TEXT:
        found_number, complaints = check_number(expression.text, scope)
        if found_number is None:
            problems += [complaint_at(expression, complaint) for complaint in complaints]
