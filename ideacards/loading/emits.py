"""What a case emits: which keys go with which action, one unit a size, prices by reference.

The keys are checked before their values and apart from them, so that a wrong value does not hide a key that does not
belong there.
"""

from msgspec.structs import replace

from ideacards.card import Emit
from ideacards.errors import CardError, Problem
from ideacards.expressions.scope import BAR_FIELDS, Scope
from ideacards.intents import (
    POSITION_REFS,
    Action,
    IntentMetadata,
    OrderKind,
    OrderSpec,
    PriceRef,
    Rung,
    TimeLimit,
    UnderMinimum,
)
from ideacards.loading.conditions import read_condition
from ideacards.loading.exits import check_feature, check_level, level_of
from ideacards.loading.plans import check_plan, check_written_plan, plan_of
from ideacards.loading.resting import check_ladder, check_resting, expiry_of, follow_of
from ideacards.loading.rules import problem_at
from ideacards.loading.sizes import check_size, size_of
from ideacards.loading.structuring import read
from ideacards.loading.tree import ListNode, MapNode, Node, Scalar
from ideacards.loading.written import (
    ACTION_KEYS,
    CANCEL,
    EMIT_KEYS,
    NEEDED_EITHER,
    NEEDED_KEYS,
    NO_ACTION,
    SCALE_OUT,
    WrittenEmit,
    WrittenOrder,
    WrittenPrice,
)

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
    _check_layers(node, written, problems)
    check_written_plan(node, written, problems)
    return Emit(_ACTIONS.get(written.action) or Action(written.action), _metadata(written, scope))


_HOLDING = (Action.EXIT, SCALE_OUT, Action.SCALE_IN, Action.REVERSE)
_ACTIONS = {SCALE_OUT: Action.EXIT, CANCEL: Action.WITHDRAW}


def _metadata(written: WrittenEmit, scope: Scope) -> IntentMetadata:
    return IntentMetadata(
        size=size_of(written.size, scope),
        order=_order(written.order, scope) if written.order else OrderSpec(price=_price(written.price)),
        stop_loss=level_of(written.stop_loss),
        take_profit=level_of(written.take_profit),
        fraction=written.fraction,
        add=written.add,
        under_minimum=UnderMinimum(written.under_minimum),
        max_layers=written.max_layers,
        exits=plan_of(written),
        only_tighten=written.tighten,
    )


def _order(written: WrittenOrder, scope: Scope) -> OrderSpec:
    ends = written.expires.when if written.expires is not None else None
    return OrderSpec(
        OrderKind(written.type),
        _price(written.price),
        _price(written.limit),
        TimeLimit(written.time_in_force),
        written.post_only,
        expiry_of(written.expires),
        follow_of(written.follow),
        tuple(Rung(_price_of(rung.price), rung.weight) for rung in written.ladder or ()),
        None if ends is None else read_condition(ends, scope, []),
    )


def _price(written: WrittenPrice | None) -> PriceRef | None:
    return None if written is None else _price_of(written)


def _price_of(written: WrittenPrice) -> PriceRef:
    ref = PriceRef(written.ref, written.offset_percent, written.offset_ticks)
    offset = written.offset
    return ref if offset is None else replace(ref, offset_feature=offset.feature, offset_multiple=offset.multiple)


def _check_keys(node: MapNode, problems: list[Problem]) -> None:
    """Check that every key goes with the action."""
    action = _text(node.get("action"))
    if action not in ACTION_KEYS:
        return
    takes = ACTION_KEYS[action]
    for key in NEEDED_KEYS.get(action, ()):
        if key not in node and key != "size":
            problems.append(problem_at(node, f"`{key}` is missing", f"`{action}` needs it"))
    either = NEEDED_EITHER.get(action, ())
    if either and not any(key in node for key in either):
        problems.append(problem_at(node, f"`{action}` changes nothing", f"give it {', '.join(either)} or both"))
    for key in node:
        if key in EMIT_KEYS and key not in takes:
            hint = f"it takes {', '.join(takes)}" if takes else "it takes nothing"
            if key == "price" and "order" in takes:
                hint = "write `order: {type: limit, price: {ref: close}}`"
            problems.append(problem_at(node[key], f"`{key}` does not go with `{action}`", hint, node.key_places[key]))


def _check_order(node: MapNode, scope: Scope, problems: list[Problem]) -> None:
    """Check that a price stands exactly where the type needs one, with a known reference and at most one offset."""
    moved_to = node.get("price")
    if isinstance(moved_to, MapNode):
        _check_price(moved_to, node, scope, problems)
    order = node.get("order")
    if not isinstance(order, MapNode):
        return
    kind = _text(order.get("type")) or str(OrderKind.MARKET)
    price = order.get("price")
    if kind == OrderKind.MARKET and price is not None:
        problems.append(problem_at(price, "a market order has no price", "set `type: limit` or `type: stop`"))
    check_resting(order, _text(node.get("action")), problems)
    expires = order.get("expires")
    if isinstance(expires, MapNode) and "when" in expires:
        read_condition(expires["when"], scope, problems)
    check_ladder(order, _text(node.get("action")), problems)
    if (kind == OrderKind.STOP_LIMIT) != ("limit" in order):
        what = "`limit` is missing" if kind == OrderKind.STOP_LIMIT else f"`limit` does not go with {kind}"
        problems.append(problem_at(order.get("limit", order), what, "a stop_limit order has `price`, then `limit`"))
    if kind in (OrderKind.LIMIT, OrderKind.STOP, OrderKind.STOP_LIMIT) and price is None and "ladder" not in order:
        problems.append(problem_at(order, "`price` is missing", f"a {kind} order needs one, like {{ref: close}}"))
    ladder = order.get("ladder")
    rungs = [rung.get("price") for rung in ladder if isinstance(rung, MapNode)] if isinstance(ladder, ListNode) else []
    for stated in (price, order.get("limit"), *rungs):
        if isinstance(stated, MapNode):
            _check_price(stated, node, scope, problems)


def _check_price(price: MapNode, node: MapNode, scope: Scope, problems: list[Problem]) -> None:
    """Check a price's reference, and that it has one offset at most, by a feature that exists."""
    offset = price.get("offset")
    if isinstance(offset, MapNode) and "feature" in offset:
        check_feature(offset["feature"], scope, problems)
    if sum(key in price for key in ("offset_percent", "offset_ticks", "offset")) > 1:
        problems.append(problem_at(price, "two offsets", "give offset_percent, offset_ticks or offset"))
    ref = price.get("ref")
    if not isinstance(ref, Scalar) or not ref.text:
        return
    if ref.text == "entry":
        adds = node.get("add")
        if _text(node.get("action")) not in _HOLDING and not (isinstance(adds, Scalar) and adds.text.lower() == "true"):
            hint = "it is known in an exit, or with `add: true`"
            problems.append(problem_at(ref, "`entry` is the position's entry price, unknown while flat", hint))
    elif ref.text not in POSITION_REFS:
        fault = scope.fault_of(ref.text, POSITION_REFS) or scope.price_fault(ref.text)
        if fault is None and ref.text in BAR_FIELDS:
            fault = f"`{ref.text}` is no price to refer to", "refer to close, entry or a feature"
        if fault is not None:
            problems.append(problem_at(ref, *fault))


def _check_levels(node: Node, written: WrittenEmit, problems: list[Problem]) -> None:
    """Refuse a level 100 % or more below the entry: its price would be zero or less."""
    assert isinstance(node, MapNode)
    if written.action not in (Action.ENTER_LONG, Action.ENTER_SHORT):
        return
    key = "stop_loss" if written.action == Action.ENTER_LONG else "take_profit"
    level = getattr(written, key)
    if level is not None and level.percent is not None and level.percent >= 100:
        what = f"{key} {level.percent} % below the entry is no price"
        problems.append(problem_at(node[key], what, "below 100"))


def _check_layers(node: MapNode, written: WrittenEmit, problems: list[Problem]) -> None:
    """Check what a ladder asks of the rest of its emit."""
    rungs = written.order.ladder if written.order is not None else None
    if rungs is None:
        return
    if written.targets is not None:
        what = "`targets` are shares of one order, and a ladder is several"
        problems.append(problem_at(node["targets"], what, "give it `take_profit`, or leave by a case with `fraction`"))
    if written.max_layers is not None and len(rungs) > written.max_layers:
        what = f"a ladder of {len(rungs)} rungs is as many layers, and `max_layers` is {written.max_layers}"
        problems.append(problem_at(node["max_layers"], what, f"at least {len(rungs)}, or a shorter ladder"))


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
