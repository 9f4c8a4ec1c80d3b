"""Orders to create, amend and cancel as request items, and back: what a client sends is what a server reads.

`positionIdx` always goes with a linear order, so that an account in another position mode refuses it instead of
guessing. `triggerBy` is always said, and of a spot market order that its quantity counts base coin.
"""

import msgspec

from actors.bybit.numbers import read_number, write_number
from actors.bybit.translate.levels import (
    attached_levels,
    category_of,
    price_kind,
    price_text,
    read_levels,
    read_price,
    read_qty,
    replaced_levels,
)
from actors.bybit.translate.values import (
    ORDER_TYPES,
    SIDES,
    TIMES_IN_FORCE,
    TRIGGER_DIRECTIONS,
    WIRE_ORDER_TYPES,
    WIRE_SIDES,
    WIRE_TIMES_IN_FORCE,
    WIRE_TRIGGER_DIRECTIONS,
    WIRE_TRIGGER_PRICES,
)
from actors.bybit.wire.base import WireError
from actors.bybit.wire.orders import AmendItem, CancelItem, CreateItem
from actors.bybit.wire.values import (
    WireCategory,
    WireMarketUnit,
    WireOrderFilter,
    WirePositionIdx,
    WireSlippageType,
    WireTimeInForce,
)
from actors.model.backend import AmendOrder, CancelOrder
from actors.model.fixed import Qty
from actors.model.instrument import Instrument
from actors.model.order import OrderRequest, OrderType, PositionIdx, TimeInForce

__all__ = ["read_amend", "read_cancel", "read_request", "write_amend", "write_cancel", "write_request"]

_BP_DIGITS = 2  # a hundredth of a percent is a basis point


def write_request(request: OrderRequest, instrument: Instrument) -> CreateItem:
    """An order to create."""
    is_spot = category_of(instrument) is WireCategory.SPOT
    is_market = request.type is OrderType.MARKET
    is_conditional = request.trigger_price is not None
    tolerance_type, tolerance = _slippage(request)
    item = CreateItem(
        symbol=request.symbol,
        side=WIRE_SIDES[request.side],
        order_type=WIRE_ORDER_TYPES[request.type],
        qty=write_number(request.qty, instrument.qty_digits),
        price=None if is_market else price_text(request.price, instrument),
        time_in_force=WireTimeInForce.IOC if is_market else WIRE_TIMES_IN_FORCE[request.time_in_force],
        order_link_id=request.link_id,
        position_idx=None if is_spot else WirePositionIdx(request.position_idx),
        reduce_only=None if is_spot else request.reduce_only,
        close_on_trigger=True if request.close_on_trigger else None,
        trigger_price=price_text(request.trigger_price, instrument),
        trigger_direction=WIRE_TRIGGER_DIRECTIONS[request.trigger_direction] if request.trigger_direction else None,
        trigger_by=WIRE_TRIGGER_PRICES[request.trigger_by] if is_conditional and not is_spot else None,
        order_filter=WireOrderFilter.STOP_ORDER if is_conditional and is_spot else None,
        market_unit=WireMarketUnit.BASE if is_market and is_spot else None,
        slippage_tolerance_type=tolerance_type,
        slippage_tolerance=tolerance,
    )
    if request.protection is None:
        return item
    return msgspec.structs.replace(item, **attached_levels(request.protection, instrument, is_spot))


def read_request(item: CreateItem, instrument: Instrument) -> OrderRequest:
    """The order that a client asks for. Raises WireError for what the model has no word for."""
    if item.time_in_force is WireTimeInForce.RPI:
        raise WireError("timeInForce: RPI is for approved makers")
    if item.order_type not in ORDER_TYPES or item.side not in SIDES:
        raise WireError("side or orderType: not one of an order")
    if item.market_unit is WireMarketUnit.QUOTE:
        raise WireError("marketUnit: quantities count base coin")
    order_type = ORDER_TYPES[item.order_type]
    is_market = order_type is OrderType.MARKET
    default = TimeInForce.IOC if is_market else TimeInForce.GTC
    tolerance = item.slippage_tolerance
    in_ticks = item.slippage_tolerance_type is WireSlippageType.TICK_SIZE
    return OrderRequest(
        link_id=item.order_link_id or "",
        symbol=item.symbol,
        side=SIDES[item.side],
        type=order_type,
        qty=read_qty(item.qty, instrument, "qty") or Qty(0),
        price=None if is_market else read_price(item.price, instrument, "price"),
        trigger_price=read_price(item.trigger_price, instrument, "triggerPrice"),
        trigger_direction=TRIGGER_DIRECTIONS.get(item.trigger_direction) if item.trigger_direction else None,
        time_in_force=TIMES_IN_FORCE.get(item.time_in_force, default) if item.time_in_force else default,
        reduce_only=bool(item.reduce_only),
        position_idx=PositionIdx(item.position_idx or 0),
        trigger_by=price_kind(item.trigger_by),
        close_on_trigger=bool(item.close_on_trigger),
        protection=read_levels(item, instrument),
        slippage_tolerance_ticks=read_number(tolerance, 0, "slippageTolerance") if in_ticks else None,
        slippage_tolerance_bp=None if in_ticks else read_number(tolerance, _BP_DIGITS, "slippageTolerance"),
    )


def write_amend(amend: AmendOrder, instrument: Instrument) -> AmendItem:
    """Only what changes; levels that go with the order are replaced as a whole."""
    item = AmendItem(
        symbol=amend.symbol,
        order_link_id=amend.link_id,
        qty=None if amend.qty is None else write_number(amend.qty, instrument.qty_digits),
        price=price_text(amend.price, instrument),
        trigger_price=price_text(amend.trigger_price, instrument),
        trigger_by=None if amend.trigger_by is None else WIRE_TRIGGER_PRICES[amend.trigger_by],
    )
    if amend.protection is None:
        return item
    return msgspec.structs.replace(item, **replaced_levels(amend.protection, instrument))


def read_amend(item: AmendItem, instrument: Instrument) -> AmendOrder:
    """The change that a client asks for, by our id."""
    return AmendOrder(
        symbol=item.symbol,
        link_id=item.order_link_id or "",
        qty=read_qty(item.qty, instrument, "qty"),
        price=read_price(item.price, instrument, "price"),
        trigger_price=read_price(item.trigger_price, instrument, "triggerPrice"),
        trigger_by=price_kind(item.trigger_by) if item.trigger_by else None,
        protection=read_levels(item, instrument),
    )


def write_cancel(cancel: CancelOrder) -> CancelItem:
    """By our id alone: of two ids the venue would take its own."""
    return CancelItem(symbol=cancel.symbol, order_link_id=cancel.link_id)


def read_cancel(item: CancelItem) -> CancelOrder:
    """The order to cancel, by our id."""
    return CancelOrder(item.symbol, item.order_link_id or "")


def _slippage(request: OrderRequest) -> tuple[WireSlippageType | None, str | None]:
    if request.slippage_tolerance_ticks is not None:
        return WireSlippageType.TICK_SIZE, write_number(request.slippage_tolerance_ticks, 0)
    if request.slippage_tolerance_bp is not None:
        return WireSlippageType.PERCENT, write_number(request.slippage_tolerance_bp, _BP_DIGITS)
    return None, None
