"""What a case emits: which keys go with which action, one unit a size, prices by reference.

The keys are checked before their values and apart from them, so that a wrong value does not hide a key that does not
belong there.
"""

from ideacards.card import Emit
from ideacards.errors import CardError, Problem
from ideacards.expressions.scope import BAR_FIELDS, Scope
from ideacards.intents import (
    Action,
    IntentMetadata,
    OrderKind,
    OrderSpec,
    PriceRef,
    UnderMinimum,
)
from ideacards.loading.exits import check_level, level_of
from ideacards.loading.plans import check_plan, check_written_plan, plan_of
from ideacards.loading.rules import problem_at
from ideacards.loading.sizes import check_size, size_of
from ideacards.loading.structuring import read
from ideacards.loading.tree import MapNode, Node, Scalar
from ideacards.loading.written import ACTION_KEYS, EMIT_KEYS, NO_ACTION, WrittenEmit, WrittenOrder

__all__ = ["read_emit"]


def read_emit(node: Node, scope: Scope, problems: list[Problem]) -> Emit | None:
    """The Emit a node states, None for `action: none`. Ignore it if a fault was added to `problems`."""
    before = len(problems)
    if isinstance(node, MapNode):
        _check_keys(node, problems)
        _check_order(node, scope, problems)
        check_size(node, scope, problems)
        check_plan(node, scope, problems)
        for key in ("stop_loss", "take_profit"):
            if key in node:
                check_level(node[key], key, scope, problems)
    try:
        written = read(node, WrittenEmit)
    except CardError as error:
        problems += error.problems
        return None
    if len(problems) > before or written.action == NO_ACTION:
        return None
    assert isinstance(node, MapNode)
    _check_levels(node, written, problems)
    check_written_plan(node, written, problems)
    return Emit(Action(written.action), _metadata(written, scope))


def _metadata(written: WrittenEmit, scope: Scope) -> IntentMetadata:
    return IntentMetadata(
        size=size_of(written.size, scope),
        order=_order(written.order) if written.order else OrderSpec(),
        stop_loss=level_of(written.stop_loss),
        take_profit=level_of(written.take_profit),
        fraction=written.fraction,
        add=written.add,
        under_minimum=UnderMinimum(written.under_minimum),
        max_layers=written.max_layers,
        exits=plan_of(written),
    )


def _order(written: WrittenOrder) -> OrderSpec:
    price = written.price
    ref = PriceRef(price.ref, price.offset_percent, price.offset_ticks) if price else None
    return OrderSpec(OrderKind(written.type), ref)


def _check_keys(node: MapNode, problems: list[Problem]) -> None:
    """Check that every key goes with the action."""
    action = _text(node.get("action"))
    if action not in ACTION_KEYS:
        return
    takes = ACTION_KEYS[action]
    for key in node:
        if key in EMIT_KEYS and key not in takes:
            hint = f"it takes {', '.join(takes)}" if takes else "it takes nothing"
            problems.append(problem_at(node[key], f"`{key}` does not go with `{action}`", hint, node.key_places[key]))


def _check_order(node: MapNode, scope: Scope, problems: list[Problem]) -> None:
    """Check that a price stands exactly where the type needs one, with a known reference and at most one offset."""
    order = node.get("order")
    if not isinstance(order, MapNode):
        return
    kind = _text(order.get("type")) or str(OrderKind.MARKET)
    price = order.get("price")
    if kind == OrderKind.MARKET and price is not None:
        problems.append(problem_at(price, "a market order has no price", "set `type: limit` or `type: stop`"))
    if kind in (OrderKind.LIMIT, OrderKind.STOP) and price is None:
        problems.append(problem_at(order, "`price` is missing", f"a {kind} order needs one, like {{ref: close}}"))
    if not isinstance(price, MapNode):
        return
    if "offset_percent" in price and "offset_ticks" in price:
        problems.append(problem_at(price, "two offsets", "give offset_percent or offset_ticks"))
    ref = price.get("ref")
    if not isinstance(ref, Scalar) or not ref.text:
        return
    if ref.text == "entry":
        adds = node.get("add")
        if _text(node.get("action")) != Action.EXIT and not (isinstance(adds, Scalar) and adds.text.lower() == "true"):
            hint = "it is known in an exit, or with `add: true`"
            problems.append(problem_at(ref, "`entry` is the position's entry price, unknown while flat", hint))
    elif ref.text != "close":
        fault = scope.fault_of(ref.text, ("entry",))
        if fault is None and ref.text in BAR_FIELDS:
            fault = f"`{ref.text}` is no price to refer to", "refer to close, entry or a feature"
        if fault is not None:
            problems.append(problem_at(ref, *fault))


def _check_levels(node: Node, written: WrittenEmit, problems: list[Problem]) -> None:
    """Refuse a level 100 % or more below the entry: its price would be zero or less."""
    assert isinstance(node, MapNode)
    key = "stop_loss" if written.action == Action.ENTER_LONG else "take_profit"
    level = getattr(written, key)
    if level is not None and level.percent is not None and level.percent >= 100:
        what = f"{key} {level.percent} % below the entry is no price"
        problems.append(problem_at(node[key], what, "below 100"))


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
