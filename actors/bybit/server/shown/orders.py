"""Order and execution records in the wire's shape, with the venue's spellings of no value."""

from typing import Any

import msgspec

from actors.bybit.numbers import write_number
from actors.bybit.server.market.listing import Listing
from actors.bybit.server.shown.texts import average_text, coin_text, money_text, price_text, qty_text
from actors.bybit.server.trading.records import ExecutionRecord, OrderRecord
from actors.bybit.translate.values import WIRE_ORDER_TYPES, WIRE_SIDES, WIRE_STATUSES, WIRE_TIMES_IN_FORCE
from actors.bybit.wire.executions import FastExecution, WireExecution
from actors.bybit.wire.orders import WireOrder
from actors.bybit.wire.values import (
    WireCategory,
    WireExecType,
    WireMarketUnit,
    WireOrderType,
    WirePositionIdx,
    WireSlippageType,
    WireSmpType,
    WireStopOrderType,
    WireTimeInForce,
    WireTpslMode,
    WireTriggerBy,
    WireTriggerDirection,
)
from actors.model.order import Category, OrderType, PriceKind, ProtectionTerms
from actors.model.origins import PAYS_ONLY

__all__ = ["fast_execution", "order_row", "stream_execution", "stream_order", "wire_execution"]


def order_row(record: OrderRecord) -> WireOrder:
    """As order/realtime and order/history show it."""
    listing, request = record.listing, record.request
    is_market = request.type is OrderType.MARKET
    price = record.worst_price if is_market else request.price
    left, is_linear = record.leaves_qty, record.category is Category.LINEAR
    has_trigger = request.trigger_price is not None
    fee = sum(record.fees.values()) if len(record.fees) == 1 else 0
    coin = next(iter(record.fees), listing.quote_coin)
    tolerance = _tolerance(record)
    return WireOrder(
        symbol=listing.symbol,
        order_id=record.order_id,
        side=WIRE_SIDES[request.side],
        order_type=WIRE_ORDER_TYPES[request.type],
        order_status=WIRE_STATUSES[record.status],
        qty=_qty(record),
        order_link_id=record.shown_link_id,
        parent_order_link_id=record.parent_link_id,
        block_trade_id="",
        price=price_text(listing, price, "0"),
        is_leverage="" if is_linear else "0",
        position_idx=WirePositionIdx.ONE_WAY,
        create_type=str(record.create_type) if is_linear else "",
        cancel_type=record.cancel_type,
        reject_reason=record.reject_reason,
        avg_price=average_text(listing, record.filled_value, record.filled_qty),
        leaves_qty=qty_text(listing, left),
        leaves_value=money_text(listing, listing.instrument.value(price or 0, left)),
        cum_exec_qty=qty_text(listing, record.filled_qty),
        cum_exec_value=money_text(listing, record.filled_value),
        cum_exec_fee=coin_text(listing, fee, coin),
        cum_fee_detail={name: coin_text(listing, amount, name) for name, amount in record.fees.items()},
        time_in_force=WireTimeInForce.IOC if is_market else WIRE_TIMES_IN_FORCE[request.time_in_force],
        stop_order_type=WireStopOrderType(record.stop_order_type),
        order_iv="",
        market_unit=WireMarketUnit(record.spot.market_unit),
        slippage_tolerance_type=tolerance[0],
        slippage_tolerance=tolerance[1],
        trigger_price=price_text(listing, request.trigger_price),
        **_attached_levels(record),
        tpsl_mode=_mode(record),
        oco_trigger_by="",
        trigger_direction=WireTriggerDirection(int(request.trigger_direction or 0)),
        trigger_by=_by(request.trigger_by if has_trigger and is_linear else None),
        last_price_on_created=price_text(listing, record.last_price_on_created),
        base_price=None if is_linear else price_text(listing, record.last_price_on_created),
        reduce_only=request.reduce_only or (not record.link_id and is_linear),
        close_on_trigger=request.close_on_trigger or (not record.link_id and is_linear),
        place_type="",
        smp_type=WireSmpType.NONE,
        smp_group=0,
        smp_order_id="",
        created_time=str(record.created_ms),
        updated_time=str(record.updated_ms),
        extra_fees="",
        rpi_taker_access=False,
        rpi_matched_qty="0",
    )


def _attached_levels(record: OrderRecord) -> dict[str, Any]:
    """Stop loss and take profit that the order carries; "" where it carries none."""
    listing, terms = record.listing, record.request.protection or ProtectionTerms()
    return {
        "take_profit": price_text(listing, terms.take_profit),
        "stop_loss": price_text(listing, terms.stop_loss),
        "tp_limit_price": price_text(listing, terms.take_profit_limit_price),
        "sl_limit_price": price_text(listing, terms.stop_loss_limit_price),
        "tp_trigger_by": _by(terms.take_profit_trigger_by if terms.take_profit else None),
        "sl_trigger_by": _by(terms.stop_loss_trigger_by if terms.stop_loss else None),
    }


def stream_order(record: OrderRecord) -> WireOrder:
    """As the `order` stream tells it."""
    row = order_row(record)
    listing = record.listing
    return msgspec.structs.replace(
        row,
        category=WireCategory(record.category),
        closed_pnl=money_text(listing, record.closed_pnl),
        fee_currency=next(iter(record.fees), ""),
        broker_order_price="",
    )


def wire_execution(record: ExecutionRecord) -> WireExecution:
    """As execution/list shows it."""
    listing, fill = record.listing, record.fill
    instrument = listing.instrument
    rate = instrument.maker_rate if fill.is_maker else instrument.taker_rate
    is_payment = fill.exec_type in PAYS_ONLY
    fee = coin_text(listing, record.fee, record.fee_coin)
    return WireExecution(
        symbol=listing.symbol,
        exec_id=record.exec_id,
        side=WIRE_SIDES[fill.side],
        exec_price=price_text(listing, fill.price),
        exec_qty=qty_text(listing, fill.qty),
        exec_type=WireExecType(fill.exec_type),
        exec_time=str(fill.time_ms),
        order_id=record.order_id,
        order_link_id=record.shown_link_id,
        order_price=price_text(listing, record.order_price),
        order_qty=qty_text(listing, record.order_qty),
        leaves_qty=qty_text(listing, record.leaves_qty),
        create_type="" if is_payment else str(fill.create_type),
        order_type=WireOrderType.UNKNOWN if record.order_type is None else WIRE_ORDER_TYPES[record.order_type],
        stop_order_type=WireStopOrderType(fill.stop_order_type or "UNKNOWN"),
        exec_fee=fee,
        exec_fee_v2="",
        exec_value=money_text(listing, instrument.value(fill.price, fill.qty)),
        fee_currency=record.fee_coin,
        is_maker=fill.is_maker,
        fee_rate=_rate(listing, 0 if is_payment else rate),
        trade_iv="",
        mark_iv="",
        mark_price=price_text(listing, record.mark_price),
        index_price="",
        underlying_price="",
        block_trade_id="",
        closed_size=qty_text(listing, record.closed_qty),
        seq=record.seq,
        extra_fees="",
        market_unit=WireMarketUnit(record.market_unit),
    )


def stream_execution(record: ExecutionRecord) -> WireExecution:
    """As the `execution` stream tells it."""
    listing = record.listing
    return msgspec.structs.replace(
        wire_execution(record),
        category=WireCategory(listing.category),
        exec_pnl=money_text(listing, record.realised),
        is_leverage="0",
        extra_fees=(),
    )


def fast_execution(record: ExecutionRecord) -> FastExecution:
    """As `execution.fast` tells it: without the link id of a maker."""
    listing, fill = record.listing, record.fill
    return FastExecution(
        category=WireCategory(listing.category),
        symbol=listing.symbol,
        exec_id=record.exec_id,
        exec_price=price_text(listing, fill.price),
        exec_qty=qty_text(listing, fill.qty),
        order_id=record.order_id,
        is_maker=fill.is_maker,
        side=WIRE_SIDES[fill.side],
        exec_time=str(fill.time_ms),
        seq=record.seq,
        order_link_id="" if fill.is_maker else record.shown_link_id,
    )


def _qty(record: OrderRecord) -> str:
    """A spot market buy by amount shows the amount."""
    if record.spot.quote_qty is not None:
        return money_text(record.listing, record.spot.quote_qty)
    return qty_text(record.listing, record.qty)


def _mode(record: OrderRecord) -> WireTpslMode:
    terms = record.request.protection
    if terms is not None:
        return WireTpslMode.PARTIAL if terms.is_partial else WireTpslMode.FULL
    if record.link_id:
        return WireTpslMode.NONE
    return WireTpslMode.PARTIAL if record.stop_order_type.startswith("Partial") else WireTpslMode.FULL


def _tolerance(record: OrderRecord) -> tuple[WireSlippageType, str]:
    request = record.request
    if request.slippage_tolerance_ticks is not None:
        return WireSlippageType.TICK_SIZE, str(request.slippage_tolerance_ticks)
    if request.slippage_tolerance_bp is not None:
        whole, rest = divmod(request.slippage_tolerance_bp, 100)
        return WireSlippageType.PERCENT, f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return WireSlippageType.UNKNOWN, "0"


def _by(kind: PriceKind | None) -> WireTriggerBy:
    return WireTriggerBy.NONE if kind is None else WireTriggerBy(kind)


def _rate(listing: Listing, rate: int) -> str:
    return write_number(rate, listing.instrument.rate_digits)
