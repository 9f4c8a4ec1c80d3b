"""What a server states, in the venue's words: orders, executions, positions, balances of the model.

Numbers are written plainly; "no value" is spelled as the venue spells it for that field. What the model does not hold
(creation time, mark price, margins) is absent, for the server to fill in.
"""

from fractions import Fraction

from actors.bybit.numbers import nearest_unit, write_number
from actors.bybit.translate.levels import category_of, price_text
from actors.bybit.translate.values import WIRE_ORDER_TYPES, WIRE_SIDES, WIRE_STATUSES
from actors.bybit.wire.account import WireCoin, WireWallet
from actors.bybit.wire.executions import WireExecution
from actors.bybit.wire.orders import WireOrder
from actors.bybit.wire.positions import WirePosition
from actors.bybit.wire.values import (
    WireCategory,
    WireOrderStatus,
    WireOrderType,
    WirePositionIdx,
    WirePositionStatus,
    WireSide,
)
from actors.model.backend import EquityReport, PositionReport
from actors.model.fixed import power_of_ten
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderReport, OrderType, Side
from actors.model.origins import PAYS_ONLY

__all__ = ["write_execution", "write_order", "write_position", "write_wallet"]

_ENDED = (
    WireOrderStatus.FILLED,
    WireOrderStatus.CANCELLED,
    WireOrderStatus.REJECTED,
    WireOrderStatus.DEACTIVATED,
    WireOrderStatus.PARTIALLY_FILLED_CANCELED,
)
_NO_REASON, _NO_VALUE = "EC_NoError", "UNKNOWN"
_REJECT_PREFIX = "EC_"
_AVERAGE_DIGITS = 8


def write_order(report: OrderReport, instrument: Instrument) -> WireOrder:
    """The order object, of REST and of the stream."""
    status = WIRE_STATUSES[report.status]
    is_rejection = report.reason.startswith(_REJECT_PREFIX)
    left = 0 if status in _ENDED else report.qty - report.filled_qty
    return WireOrder(
        symbol=report.symbol,
        category=category_of(instrument),
        order_id=report.order_id,
        order_link_id=report.link_id,
        side=WIRE_SIDES[report.side],
        order_type=WIRE_ORDER_TYPES[report.type],
        order_status=status,
        position_idx=WirePositionIdx(report.position_idx),
        qty=_qty(report.qty, instrument),
        price="0" if report.type is OrderType.MARKET else price_text(report.price, instrument) or "0",
        avg_price=_average(report.filled_value, report.filled_qty, instrument) if report.filled_qty else "",
        leaves_qty=_qty(left, instrument),
        cum_exec_qty=_qty(report.filled_qty, instrument),
        cum_exec_value=_money(report.filled_value, instrument),
        create_type=report.create_type.value,
        cancel_type=_NO_VALUE if is_rejection else report.reason or _NO_VALUE,
        reject_reason=report.reason if is_rejection else _NO_REASON,
        stop_order_type=report.stop_order_type.value or _NO_VALUE,
        trigger_price=price_text(report.trigger_price, instrument) or "0",
        reduce_only=report.reduce_only,
        updated_time=write_number(report.time_ms, 0),
    )


def write_execution(fill: Fill, instrument: Instrument) -> WireExecution:
    """An execution row."""
    return WireExecution(
        symbol=fill.symbol,
        category=WireCategory(fill.category),
        exec_id=fill.exec_id,
        order_id=fill.order_id,
        order_link_id=fill.link_id,
        side=WIRE_SIDES[fill.side],
        exec_price=price_text(fill.price, instrument) or "0",
        exec_qty=_qty(fill.qty, instrument),
        exec_value=_money(instrument.value(fill.price, fill.qty), instrument),
        exec_type=fill.exec_type.value,
        fee_currency=fill.fee_currency,
        exec_fee=_money(fill.fee, instrument),
        exec_time=write_number(fill.time_ms, 0),
        is_maker=fill.is_maker,
        create_type=fill.create_type.value,
        stop_order_type=fill.stop_order_type.value or _NO_VALUE,
        order_type=WireOrderType.UNKNOWN if fill.exec_type in PAYS_ONLY else None,
    )


def write_position(report: PositionReport, instrument: Instrument) -> WirePosition:
    """A position row of REST; flat, it has no side."""
    qty, cost = report.position.qty, report.position.cost
    side = WIRE_SIDES[Side.BUY if qty > 0 else Side.SELL] if qty else WireSide.NONE
    return WirePosition(
        symbol=report.symbol,
        category=category_of(instrument),
        position_idx=WirePositionIdx(report.position_idx),
        position_status=WirePositionStatus.NORMAL,
        side=side,
        size=_qty(abs(qty), instrument),
        avg_price=_average(cost, qty, instrument) if qty else "0",
        leverage=write_number(report.leverage, 0),
        take_profit=price_text(report.take_profit, instrument) or "0",
        stop_loss=price_text(report.stop_loss, instrument) or "0",
        trailing_stop=price_text(report.trailing_stop, instrument) or "0",
        updated_time=write_number(report.time_ms, 0),
    )


def write_wallet(report: EquityReport, instrument: Instrument) -> WireWallet:
    """The wallet of the coin that the instrument settles in, worth a dollar."""
    wallet, equity = _money(report.wallet, instrument), _money(report.equity, instrument)
    unrealised = _money(report.equity - report.wallet, instrument)
    row = WireCoin(
        coin=instrument.settle_coin,
        wallet_balance=wallet,
        equity=equity,
        usd_value=equity,
        unrealised_pnl=unrealised,
        locked="0",
    )
    return WireWallet(
        account_type="UNIFIED",
        coin=(row,),
        total_equity=equity,
        total_wallet_balance=wallet,
        total_margin_balance=equity,
        total_available_balance=_money(report.available, instrument),
        total_perp_upl=unrealised,
    )


def _qty(qty: int, instrument: Instrument) -> str:
    return write_number(qty, instrument.qty_digits)


def _money(money: int, instrument: Instrument) -> str:
    return write_number(money, instrument.money_digits)


def _average(value: int, qty: int, instrument: Instrument) -> str:
    """value / quantity to eight decimals, as the venue rounds an average."""
    digits = instrument.price_digits + instrument.rate_digits
    return write_number(nearest_unit(Fraction(value, qty * power_of_ten(digits)), _AVERAGE_DIGITS), _AVERAGE_DIGITS)
