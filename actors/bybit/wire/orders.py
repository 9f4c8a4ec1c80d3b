"""Orders on the wire: create, amend, cancel, their batches, and the order object of REST and stream alike.

An answer to a command is an acknowledgement of receipt; what became of the order comes in the `order` stream.
"""

from actors.bybit.wire.base import Wire
from actors.bybit.wire.values import (
    WireBboSide,
    WireCategory,
    WireMarketUnit,
    WireOrderFilter,
    WireOrderStatus,
    WireOrderType,
    WirePositionIdx,
    WireSide,
    WireSlippageType,
    WireSmpType,
    WireStopOrderType,
    WireTimeInForce,
    WireTpslMode,
    WireTriggerBy,
    WireTriggerDirection,
)

__all__ = [
    "AmendBatchBody",
    "AmendItem",
    "AmendOrderBody",
    "BatchAck",
    "BatchAckRow",
    "CancelAllAck",
    "CancelAllBody",
    "CancelBatchBody",
    "CancelItem",
    "CancelOrderBody",
    "CreateBatchBody",
    "CreateItem",
    "CreateOrderBody",
    "OrderAck",
    "OrderHistoryParams",
    "OrderPage",
    "OrdersParams",
    "PreCheckResult",
    "WireOrder",
]


class CreateItem(Wire, frozen=True):
    """One order to create, without its category, as a batch holds it."""

    symbol: str
    side: WireSide
    order_type: WireOrderType
    qty: str
    price: str | None = None
    time_in_force: WireTimeInForce | None = None
    order_link_id: str | None = None
    position_idx: WirePositionIdx | None = None
    reduce_only: bool | None = None
    close_on_trigger: bool | None = None
    trigger_price: str | None = None
    trigger_direction: WireTriggerDirection | None = None
    trigger_by: WireTriggerBy | None = None
    order_filter: WireOrderFilter | None = None
    market_unit: WireMarketUnit | None = None
    is_leverage: int | None = None
    slippage_tolerance_type: WireSlippageType | None = None
    slippage_tolerance: str | None = None
    take_profit: str | None = None
    stop_loss: str | None = None
    tp_trigger_by: WireTriggerBy | None = None
    sl_trigger_by: WireTriggerBy | None = None
    tpsl_mode: WireTpslMode | None = None
    tp_order_type: WireOrderType | None = None
    sl_order_type: WireOrderType | None = None
    tp_limit_price: str | None = None
    sl_limit_price: str | None = None
    smp_type: WireSmpType | None = None
    bbo_side_type: WireBboSide | None = None
    bbo_level: str | None = None
    rpi_taker_access: bool | None = None


class CreateOrderBody(CreateItem, frozen=True, kw_only=True):
    """POST order/create and order/pre-check; args of order.create."""

    category: WireCategory


class CreateBatchBody(Wire, frozen=True):
    """POST order/create-batch: at most 20 linear, 10 spot."""

    category: WireCategory
    request: tuple[CreateItem, ...]


class AmendItem(Wire, frozen=True):
    """Changes of one order, by one of its ids; `qty` is the new total, "0" removes a take-profit or stop-loss."""

    symbol: str
    order_id: str | None = None
    order_link_id: str | None = None
    qty: str | None = None
    price: str | None = None
    trigger_price: str | None = None
    trigger_by: WireTriggerBy | None = None
    take_profit: str | None = None
    stop_loss: str | None = None
    tpsl_mode: WireTpslMode | None = None
    tp_trigger_by: WireTriggerBy | None = None
    sl_trigger_by: WireTriggerBy | None = None
    tp_limit_price: str | None = None
    sl_limit_price: str | None = None


class AmendOrderBody(AmendItem, frozen=True, kw_only=True):
    """POST order/amend; args of order.amend."""

    category: WireCategory


class AmendBatchBody(Wire, frozen=True):
    """POST order/amend-batch: no conditional orders."""

    category: WireCategory
    request: tuple[AmendItem, ...]


class CancelItem(Wire, frozen=True):
    """One order to cancel, by one of its ids."""

    symbol: str
    order_id: str | None = None
    order_link_id: str | None = None


class CancelOrderBody(CancelItem, frozen=True, kw_only=True):
    """POST order/cancel; args of order.cancel. Spot stop orders need their filter."""

    category: WireCategory
    order_filter: WireOrderFilter | None = None


class CancelBatchBody(Wire, frozen=True):
    """POST order/cancel-batch."""

    category: WireCategory
    request: tuple[CancelItem, ...]


class CancelAllBody(Wire, frozen=True):
    """POST order/cancel-all: linear needs one of symbol, base coin, settle coin."""

    category: WireCategory
    symbol: str | None = None
    base_coin: str | None = None
    settle_coin: str | None = None
    order_filter: WireOrderFilter | None = None
    stop_order_type: WireStopOrderType | None = None


class OrderAck(Wire, frozen=True):
    """Result of create, amend and cancel."""

    order_id: str
    order_link_id: str | None = None


class BatchAckRow(Wire, frozen=True):
    """One item's ids; a refused item has no order id."""

    category: WireCategory | None = None
    symbol: str | None = None
    order_id: str | None = None
    order_link_id: str | None = None
    create_at: str | None = None


class BatchAck(Wire, frozen=True):
    """Result of a batch, in the order of the request; the items' codes stand in retExtInfo."""

    list: tuple[BatchAckRow, ...]


class CancelAllAck(Wire, frozen=True):
    """Result of cancel-all; "1" is success."""

    list: tuple[OrderAck, ...]
    success: str | None = None


class PreCheckResult(Wire, frozen=True):
    """Margin rates of the account before and after the order, in 1/10000."""

    order_id: str
    order_link_id: str | None = None
    pre_imr_e4: int | None = None
    pre_mmr_e4: int | None = None
    post_imr_e4: int | None = None
    post_mmr_e4: int | None = None


class OrdersParams(Wire, frozen=True):
    """GET order/realtime: open orders, or one by id, recently closed too."""

    category: WireCategory
    symbol: str | None = None
    base_coin: str | None = None
    settle_coin: str | None = None
    order_id: str | None = None
    order_link_id: str | None = None
    open_only: int | None = None
    order_filter: WireOrderFilter | None = None
    limit: int | None = None
    cursor: str | None = None


class OrderHistoryParams(Wire, frozen=True):
    """GET order/history: a window of at most seven days, UTC ms."""

    category: WireCategory
    symbol: str | None = None
    base_coin: str | None = None
    settle_coin: str | None = None
    order_id: str | None = None
    order_link_id: str | None = None
    order_filter: WireOrderFilter | None = None
    order_status: WireOrderStatus | None = None
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None
    cursor: str | None = None


class WireOrder(Wire, frozen=True):
    """The order object; the stream adds category, closed_pnl, fee_currency and broker_order_price."""

    symbol: str
    order_id: str
    side: WireSide
    order_type: WireOrderType
    order_status: WireOrderStatus
    qty: str
    category: WireCategory | None = None
    order_link_id: str | None = None
    parent_order_link_id: str | None = None
    block_trade_id: str | None = None
    price: str | None = None
    is_leverage: str | None = None
    position_idx: WirePositionIdx | None = None
    create_type: str | None = None
    cancel_type: str | None = None
    reject_reason: str | None = None
    avg_price: str | None = None
    leaves_qty: str | None = None
    leaves_value: str | None = None
    cum_exec_qty: str | None = None
    cum_exec_value: str | None = None
    cum_exec_fee: str | None = None
    cum_fee_detail: dict[str, str] | None = None
    closed_pnl: str | None = None
    fee_currency: str | None = None
    broker_order_price: str | None = None
    time_in_force: WireTimeInForce | None = None
    stop_order_type: str | None = None
    order_iv: str | None = None
    market_unit: WireMarketUnit | None = None
    slippage_tolerance_type: WireSlippageType | None = None
    slippage_tolerance: str | None = None
    trigger_price: str | None = None
    take_profit: str | None = None
    stop_loss: str | None = None
    tpsl_mode: WireTpslMode | None = None
    oco_trigger_by: str | None = None
    tp_limit_price: str | None = None
    sl_limit_price: str | None = None
    tp_trigger_by: WireTriggerBy | None = None
    sl_trigger_by: WireTriggerBy | None = None
    trigger_direction: WireTriggerDirection | None = None
    trigger_by: WireTriggerBy | None = None
    last_price_on_created: str | None = None
    base_price: str | None = None
    reduce_only: bool | None = None
    close_on_trigger: bool | None = None
    place_type: str | None = None
    smp_type: WireSmpType | None = None
    smp_group: int | None = None
    smp_order_id: str | None = None
    created_time: str | None = None
    updated_time: str | None = None
    extra_fees: str | None = None
    rpi_taker_access: bool | None = None
    rpi_matched_qty: str | None = None


class OrderPage(Wire, frozen=True):
    """Result of order/realtime and order/history, newest created first; an empty cursor ends the pages."""

    list: tuple[WireOrder, ...]
    category: WireCategory | None = None
    next_page_cursor: str | None = None
