"""A moment of a card in lines: the account, each block's evaluation tree, and what became of each intent."""

from collections.abc import Iterator
from datetime import UTC, datetime

from actors.app.tools.why import BlockStory, CardMoment
from actors.intents.messages import IntentRefused
from actors.model.order import Order
from actors.model.result import RejectReason
from ideacards.expressions.evaluation import Clause, number_text
from ideacards.intents import Action, Intent

__all__ = ["lines_of"]

_WORDS = {True: "holds", False: "fails", None: "unknown"}
_MOVES = (Action.SET_STOP, Action.SET_TARGET, Action.TRAIL)
_OF_OTHERS = (Action.REPLACE, Action.WITHDRAW, Action.FLATTEN)  # they change orders of other blocks
_BY_ORDER = {RejectReason.ENTRY_IN_FLIGHT: True, RejectReason.EXIT_IN_FLIGHT: False}


def lines_of(moment: CardMoment) -> Iterator[str]:
    """The whole story, a line each."""
    bars, index = moment.run.bars, moment.index
    prices = ", ".join(f"{name} {number_text(float(getattr(bars, name)[index]))}" for name in _PRICES)
    opened, closed = _time(int(bars.ts_open[index])), _time(moment.ts_close)
    yield f"{moment.run.card.id} at the close of bar {index}, which opens {opened} and closes {closed} UTC ({prices})"
    yield f"account: {_account(moment)}"
    if index < moment.ready_from:
        first = int(bars.ts_close[moment.ready_from]) if moment.ready_from < len(bars) else None
        when = "with more bars" if first is None else f"at bar {moment.ready_from}, which closes {_time(first)}"
        yield f"the card does not decide yet: it is ready {when}; its conditions are shown all the same"
    for block in moment.blocks:
        yield from _block(block, moment)
    yield from _outcomes(moment)


_PRICES = ("open", "high", "low", "close", "volume")


def _account(moment: CardMoment) -> str:
    view, fills = moment.view, moment.fills()
    equity = f"equity {number_text(view.equity)}"
    if view.qty_sign:
        side = "long" if view.qty_sign > 0 else "short"
        last = f"; last fill {_time(fills[-1].fill.time_ms)}" if fills else ""
        return f"{side} {number_text(abs(view.size))} at {number_text(view.entry_price or 0.0)}{last}; {equity}"
    last = ""
    if fills:
        fill, block = fills[-1].fill, fills[-1].block_id
        by = f" of block {block}" if block else f" ({fill.origin.value})"
        last = f"; last fill {_time(fill.time_ms)}{by}"
    flight = ", an entry in flight" if view.has_entry_in_flight else ""
    return f"no position{flight}{last}; {equity}"


def _block(block: BlockStory, moment: CardMoment) -> Iterator[str]:
    yield f"block {block.id}"
    for number, clause in enumerate(block.clauses):
        yield f"  case {number}: {_WORDS[clause.holds]}"
        yield from _clause(clause, 2)
    if block.chosen is None and not block.has_else:
        yield "  no case holds and there is no else: it emits nothing"
        return
    which = "else" if block.chosen is None else f"case {block.chosen}"
    action = "nothing (action: none)" if block.emit is None else block.emit.action.value
    yield f"  {which} emits {action}"
    missed = len(moment.run.card.blocks[_place(block, moment)].cases) - len(block.clauses)
    if missed:
        yield f"  {missed} later case{'' if missed == 1 else 's'} not tried"


def _place(block: BlockStory, moment: CardMoment) -> int:
    return [each.id for each in moment.run.card.blocks].index(block.id)


def _clause(clause: Clause, depth: int) -> Iterator[str]:
    detail = f": {clause.detail}" if clause.detail else ""
    yield f"{'  ' * depth}[{_WORDS[clause.holds]}] {clause.text}{detail}"
    for part in clause.parts:
        yield from _clause(part, depth + 1)


def _outcomes(moment: CardMoment) -> Iterator[str]:
    if not moment.intents:
        yield "no intent"
        return
    refusals = {each.block_id: each for each in moment.refusals()}
    orders: dict[str, list[Order]] = {}
    for each in moment.orders():
        orders.setdefault(each.order.block_id, []).append(each.order)
    for intent in moment.intents:
        watched = f" ({intent.metadata.reason})" if intent.metadata.reason else ""
        who = f"intent {intent.action.value} of block {intent.block_id}{watched}"
        if intent.block_id in refusals:
            yield from _refused(intent, refusals[intent.block_id], moment)
        elif intent.action in _MOVES:
            yield f"{who}: it moves levels of the position, and no order"
        elif intent.block_id in orders:
            yield f"{who}: {'; '.join(_order(order, moment) for order in orders[intent.block_id])}"
        elif moment.index + 1 >= len(moment.run.bars):
            yield f"{who}: this is the last bar, so nothing acts on it"
        else:
            block_id = None if intent.action in _OF_OTHERS else intent.block_id
            changed = "; ".join(_order(each.order, moment) for each in moment.changed(block_id))
            yield f"{who}: {changed or 'no order has changed by the end of the next bar'}"


def _refused(intent: Intent, refused: IntentRefused, moment: CardMoment) -> Iterator[str]:
    yield f"intent {intent.action.value} of block {intent.block_id}: refused, {refused.refusal.value}: {refused.reason}"
    if refused.refusal in _BY_ORDER:
        for each in moment.in_flight():
            if each.order.is_entry is _BY_ORDER[refused.refusal]:
                yield f"  blocked by the order of block {each.order.block_id}: {_order(each.order, moment)}"
        first = next((one for one in moment.intents if one.block_id != intent.block_id), None)
        if first is not None and not moment.in_flight():
            yield f"  blocked by the intent of block {first.block_id} at the same bar, which comes first in the card"
    elif refused.refusal is RejectReason.POSITION_OPEN:
        yield f"  blocked by the position: {_account(moment)}"


def _order(order: Order, moment: CardMoment) -> str:
    request, instrument = order.request, moment.run.instrument
    side = "buy" if request.side > 0 else "sell"
    price = "" if request.price is None else f" at {instrument.price_text(request.price)}"
    trigger = "" if request.trigger_price is None else f", trigger {instrument.price_text(request.trigger_price)}"
    filled = f", {instrument.qty_text(order.filled_qty)} filled" if order.filled_qty else ""
    text = f"{request.type.value.lower()} {side} of {instrument.qty_text(request.qty)}{price}{trigger}"
    decided = "" if order.bar_close_ms == moment.ts_close else f", decided {_time(order.bar_close_ms)}"
    reason = f" ({order.reason})" if order.reason else ""
    return f"{text}{decided}: {order.status.name.lower()}{filled}{reason}"


def _time(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")
