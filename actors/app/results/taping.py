"""From the decision stream to the tape: fixed point becomes Decimal, events become rows. What died is named here."""

from decimal import Context, Decimal, Inexact

import numpy as np

from actors.app.results.tape import Execution, FillRow, OrderEnd, OrderRow, RefusalRow, Rows
from actors.intents.messages import IntentRefused
from actors.marketdata.messages import BarsClosed, CatchUp
from actors.model.instrument import Instrument
from actors.model.order import LocalStatus, Order
from actors.model.result import MEANINGS, RejectReason, reject_reason_of
from actors.orders.messages import ON_ITS_WAY, FillBooked, OrderUpdated
from actors.strategy.messages import Decided
from ideacards.feeds import Bars
from ideacards.intents import Action
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.recorder import Recorder

__all__ = ["BAR_UNSEEN", "DECISION_LOST", "tape_rows"]

_REJECTED = LocalStatus.REJECTED
_EXIT = Action.EXIT.value
_REFUSALS = frozenset(refusal.value for refusal in RejectReason)
_EXACT = Context(prec=100, traps=[Inexact])
DECISION_LOST = "decision_lost"
BAR_UNSEEN = "bar_unseen"
_Tape = tuple[Rows[Execution, FillRow], Rows[OrderEnd, OrderRow], tuple[RefusalRow, ...], tuple[Execution, ...]]


def tape_rows(recorder: Recorder, instrument: Instrument, bars: Bars, card_id: str) -> _Tape:
    """Of one card: fills, orders in their last state, refusals with decisions lost on their way, funding.

    Each in kernel order.
    """
    symbol = instrument.symbol
    fills: list[FillBooked] = []
    orders: dict[str, OrderEnd] = {}
    refusals: list[RefusalRow] = []
    for record in recorder.stream:
        message = record.message
        kind = type(message)
        if kind is OrderUpdated:
            order = message.order
            if not order.attempts or order.request.symbol != symbol:
                continue  # ended before it was sent, or is of another card
            time_ms = record.time_ns // 1_000_000
            orders[order.request.link_id] = OrderEnd(order, time_ms if order.status.has_ended else None)
            if order.status is _REJECTED:
                refusals.append(_refused_order(order, time_ms))
        elif kind is FillBooked:
            if message.fill.symbol == symbol:
                fills.append(message)
        elif kind is IntentRefused and message.card_id == card_id:
            is_entry = message.action != _EXIT
            code, reason = message.refusal.value, message.reason
            refusals.append(RefusalRow(message.bar_close_ms, code, message.block_id, reason, is_entry))
    lost = _lost(recorder, card_id, symbol)
    rows = Rows(tuple(orders.values()), lambda end: _order_row(end, instrument))
    executions = _executions(fills, bars)
    traded = Rows([one for one in executions if one.qty], lambda execution: _fill_row(execution, instrument))
    payments = tuple(one for one in executions if not one.qty)
    return traded, rows, (*refusals, *lost), payments


def _refused_order(order: Order, time_ms: int) -> RefusalRow:
    """The row of an order that the venue rejected, or that never arrived, with the code or reason."""
    reason = order.reason
    if order.code:
        refusal = reject_reason_of(order.code)
        reason = f"{order.code} {reason or MEANINGS[refusal]}"
    elif reason in _REFUSALS:
        refusal = RejectReason(reason)
        reason = MEANINGS[refusal]
    else:
        refusal = RejectReason.VENUE_OTHER  # the order's report gives a text but no code
        reason = reason or MEANINGS[refusal]
    return RefusalRow(time_ms, refusal.value, order.block_id, reason, order.is_entry)


def _executions(booked: list[FillBooked], bars: Bars) -> list[Execution]:
    times = np.array([message.fill.time_ms for message in booked], dtype=np.int64)
    index = (np.searchsorted(bars.ts_open, times, side="right") - 1).tolist()
    return [_execution(message, bar, number) for number, (message, bar) in enumerate(zip(booked, index, strict=True))]


def _execution(message: FillBooked, bar: int, number: int) -> Execution:
    fill, block_id = message.fill, message.block_id
    return Execution(
        bar=bar,
        time_ms=fill.time_ms,
        sign=fill.side,
        qty=fill.traded_qty,
        price=fill.price,
        fee=fill.fee,
        origin=fill.origin,
        block_id=block_id,
        fill=fill,
        number=number,
    )


def _fill_row(execution: Execution, instrument: Instrument) -> FillRow:
    fill = execution.fill
    assert fill is not None
    return FillRow(
        time_ms=fill.time_ms,
        bar=execution.bar,
        exec_id=fill.exec_id,
        link_id=fill.link_id,
        order_id=fill.order_id,
        side="buy" if fill.side > 0 else "sell",
        qty=_scaled(fill.traded_qty, instrument.qty_digits),
        price=_scaled(fill.price, instrument.price_digits),
        fee=_scaled(fill.fee, instrument.money_digits),
        is_maker=fill.is_maker,
        origin=fill.origin.value,
        block_id=execution.block_id,
    )


def _order_row(end: OrderEnd, instrument: Instrument) -> OrderRow:
    order = end.order
    request, average = order.request, None
    if order.filled_qty:
        worth = _scaled(order.filled_value, instrument.money_digits)
        average = worth / _scaled(order.filled_qty, instrument.qty_digits)
    kind = request.type.value.lower()
    return OrderRow(
        decided_ms=order.bar_close_ms,
        link_id=request.link_id,
        order_id=order.order_id,
        side="buy" if request.side > 0 else "sell",
        type=kind if request.trigger_price is None else f"stop_{kind}",
        qty=_scaled(request.qty, instrument.qty_digits),
        price=None if request.price is None else _scaled(request.price, instrument.price_digits),
        trigger_price=None
        if request.trigger_price is None
        else _scaled(request.trigger_price, instrument.price_digits),
        reduce_only=request.reduce_only,
        status=order.status.name.lower(),
        filled_qty=_scaled(order.filled_qty, instrument.qty_digits),
        average_price=average,
        reason=order.reason,
        block_id=order.block_id,
        ended_ms=end.ended_ms,
        stop_loss=order.stop_loss,
        take_profit=order.take_profit,
    )


def _lost(recorder: Recorder, card_id: str, symbol: str) -> list[RefusalRow]:
    """One row a decision, however many messages of it died, and one for a bar that never reached a card.

    A bar that a later life of the card was shown again is no such loss, nor is a decision that never left the card and
    was made again then. A bar in the card's own hand at its crash is none either: what it decided is.
    """
    if not recorder.losses:
        return []
    seen: dict[tuple[str, str, int], RefusalRow] = {}
    decided = {_key(record.message) for record in recorder.stream if isinstance(record.message, Decided)}
    caught_up = (record.message for record in recorder.stream if isinstance(record.message, CatchUp))
    shown = {message.ts_close for message in caught_up if message.symbol == symbol}
    for record in recorder.losses:
        message = record.message
        if isinstance(message, Decided):
            key = _key(message)
            if key[0] != card_id or (record.lost == DeadCause.ROLLED_BACK and key in decided):
                continue
        elif isinstance(message, ON_ITS_WAY) and message.card_id == card_id and message.bar_close_ms:
            key = (message.card_id, message.block_id, message.bar_close_ms)
        elif isinstance(message, BarsClosed) and message.symbol == symbol:
            if record.lost != DeadCause.CRASH and message.ts_close not in shown:
                reason = f"a closed bar did not reach the card: {record.lost}"
                row = RefusalRow(message.ts_close, BAR_UNSEEN, "", reason)
                seen.setdefault(("", "", message.ts_close), row)
            continue
        else:
            continue
        reason = f"{type(message).__name__} died: {record.lost}"
        seen.setdefault(key, RefusalRow(key[2], DECISION_LOST, key[1], reason))
    return list(seen.values())


def _key(message: Decided) -> tuple[str, str, int]:
    intent = message.intent
    return (intent.card_id, intent.block_id, intent.bar_close_ms)


def _scaled(value: int, digits: int) -> Decimal:
    return _EXACT.scaleb(Decimal(value), -digits)
