"""What the venue states, in the model's words: orders, executions, positions, balances.

Quantities and prices of trades are exact; averages, values and balances are what the venue has rounded, and go to the
nearest unit of our grid.
"""

from decimal import Decimal
from fractions import Fraction

from actors.bybit.numbers import (
    WireNumberError,
    nearest_unit,
    read_decimal,
    read_level,
    read_ms,
    read_number,
    read_rounded,
    text_or_none,
)
from actors.bybit.translate.values import ORDER_TYPES, SIDES, STATUSES
from actors.bybit.wire.account import WireCoin, WireWallet
from actors.bybit.wire.base import WireError
from actors.bybit.wire.executions import WireExecution
from actors.bybit.wire.orders import WireOrder
from actors.bybit.wire.positions import WirePosition
from actors.model.backend import EquityReport, PositionReport
from actors.model.fixed import Money, Price, Qty
from actors.model.instrument import Instrument
from actors.model.order import Category, Fill, OrderReport, OrderType, PositionIdx
from actors.model.origins import PAYS_ONLY, CreateType, ExecType, StopOrderType, read_member
from actors.model.position import Position

__all__ = ["read_execution", "read_order", "read_position", "read_wallet"]

_NO_REASON = "EC_NoError"


def read_order(order: WireOrder, instrument: Instrument, time_ms: int = 0) -> OrderReport:
    """A report; `time_ms` (UTC) stands in where the order does not say when it was updated.

    Raises WireError where a field that an order cannot be without has no value.
    """
    if order.side not in SIDES or order.order_type not in ORDER_TYPES:
        raise WireError(f"order {order.order_id}: side {order.side!r}, orderType {order.order_type!r}")
    order_type = ORDER_TYPES[order.order_type]
    create_type, stop_type, *notes = _origin_fields(order)
    price = read_number(order.price, instrument.price_digits, "price")
    trigger = read_level(order.trigger_price, instrument.price_digits, "triggerPrice")
    return OrderReport(
        order_id=order.order_id,
        link_id=order.order_link_id or "",
        symbol=order.symbol,
        side=SIDES[order.side],
        type=order_type,
        status=STATUSES[order.order_status],
        qty=_qty(order.qty, instrument, "qty"),
        filled_qty=_qty(order.cum_exec_qty, instrument, "cumExecQty"),
        filled_value=_money(order.cum_exec_value, instrument, "cumExecValue"),
        price=None if price is None or order_type is OrderType.MARKET else Price(price),
        trigger_price=None if trigger is None else Price(trigger),
        reduce_only=bool(order.reduce_only),
        time_ms=read_ms(order.updated_time, "updatedTime") or time_ms,
        position_idx=PositionIdx(order.position_idx or 0),
        create_type=create_type,
        stop_order_type=stop_type,
        reason=_reason(order),
        unknown=_unknown(*notes),
    )


def _reason(order: WireOrder) -> str:
    """Why it was rejected, else why it was cancelled; a cancel that came too late leaves a filled order without one."""
    rejection = text_or_none(order.reject_reason)
    if rejection is not None and rejection != _NO_REASON:
        return rejection
    return text_or_none(order.cancel_type) or ""


def _origin_fields(row: WireOrder | WireExecution) -> tuple[CreateType, StopOrderType, str, str]:
    """Creator and kind of conditional order, and a note on each that is not known ("" where it is)."""
    create_type, note = read_member(CreateType, row.create_type or "")
    stop_type, other = read_member(StopOrderType, row.stop_order_type or "")
    return create_type, stop_type, note, other


def _unknown(*notes: str) -> tuple[str, ...]:
    return tuple(note for note in notes if note)


def read_execution(row: WireExecution, instrument: Instrument) -> Fill:
    """An execution. One that trades nothing (funding) names the position that it is paid on, at the mark price."""
    if row.side not in SIDES:
        raise WireError(f"execution {row.exec_id}: side {row.side!r}")
    exec_type, note = read_member(ExecType, row.exec_type)
    create_type, stop_type, *notes = _origin_fields(row)
    read = read_rounded if exec_type in PAYS_ONLY else read_number
    price = read(row.exec_price, instrument.price_digits, "execPrice")
    if price is None:
        raise WireNumberError("execPrice", row.exec_price, "a price")
    return Fill(
        exec_id=row.exec_id,
        order_id=row.order_id or "",
        link_id=row.order_link_id or "",
        symbol=row.symbol,
        side=SIDES[row.side],
        price=Price(price),
        qty=_qty(row.exec_qty, instrument, "execQty"),
        fee=_money(row.exec_fee, instrument, "execFee"),
        fee_currency=row.fee_currency or "",
        is_maker=bool(row.is_maker),
        time_ms=read_ms(row.exec_time, "execTime"),
        exec_type=exec_type,
        create_type=create_type,
        stop_order_type=stop_type,
        category=Category(row.category or instrument.category),
        unknown=_unknown(note, *notes),
    )


def read_position(
    row: WirePosition, instrument: Instrument, time_ms: int, parts: tuple[OrderReport, ...] = ()
) -> PositionReport:
    """A position; its cost is the venue's rounded average times the size."""
    size = _qty(row.size, instrument, "size")
    sign = int(SIDES.get(row.side, 0))
    average = read_decimal(row.avg_price if row.avg_price is not None else row.entry_price, "avgPrice")
    cost = _average_cost(average, size, instrument) if average and sign else 0
    digits = instrument.price_digits
    stop = read_level(row.stop_loss, digits, "stopLoss")
    target = read_level(row.take_profit, digits, "takeProfit")
    trailing = read_level(row.trailing_stop, digits, "trailingStop")
    return PositionReport(
        symbol=row.symbol,
        position=Position(Qty(sign * size), Money(sign * cost)),
        stop_loss=None if stop is None else Price(stop),
        take_profit=None if target is None else Price(target),
        time_ms=time_ms,
        trailing_stop=None if trailing is None else Price(trailing),
        position_idx=PositionIdx(row.position_idx),
        average_price=average if sign else None,
        leverage=int(read_decimal(row.leverage, "leverage") or 0),
        parts=parts,
    )


def _average_cost(average: Decimal, size: int, instrument: Instrument) -> int:
    """average x size as Money, to the nearest unit."""
    return nearest_unit(Fraction(average) * size, instrument.price_digits + instrument.rate_digits)


def read_wallet(wallet: WireWallet, instrument: Instrument, time_ms: int) -> EquityReport:
    """Balances in the coin that the instrument settles in; one that the account has never held is nothing.

    What is free for new orders: in isolated margin the coin's balance without what is bound; else the account's
    total in USD, at the coin's own rate.
    """
    row = next((item for item in wallet.coin if item.coin == instrument.settle_coin), None)
    if row is None:
        return EquityReport(Money(0), Money(0), Money(0), time_ms)
    return EquityReport(
        wallet=_money(row.wallet_balance, instrument, "walletBalance"),
        equity=_money(row.equity, instrument, "equity"),
        available=_available(wallet, row, instrument),
        time_ms=time_ms,
    )


def _available(wallet: WireWallet, row: WireCoin, instrument: Instrument) -> Money:
    total = _fraction(wallet.total_available_balance, "totalAvailableBalance")
    if total is None:
        bound = (row.total_position_im, row.total_order_im, row.locked, row.bonus)
        free = _fraction(row.wallet_balance, "walletBalance") or Fraction(0)
        for text in bound:
            free -= _fraction(text, "totalOrderIM") or 0
        return Money(nearest_unit(free, instrument.money_digits))
    equity, in_usd = _fraction(row.equity, "equity"), _fraction(row.usd_value, "usdValue")
    if equity and in_usd:
        total = total * equity / in_usd
    return Money(nearest_unit(total, instrument.money_digits))


def _fraction(text: str | None, field: str) -> Fraction | None:
    value = read_decimal(text, field)
    return None if value is None else Fraction(value)


def _qty(text: str | None, instrument: Instrument, field: str) -> Qty:
    return Qty(read_number(text, instrument.qty_digits, field) or 0)


def _money(text: str | None, instrument: Instrument, field: str) -> Money:
    return Money(read_rounded(text, instrument.money_digits, field) or 0)
