"""Positions on the wire: position/list and the `position` stream, leverage, position mode, trading stop, closed PnL."""

from actors.bybit.wire.base import Wire
from actors.bybit.wire.values import (
    WireCategory,
    WireExecType,
    WireOrderType,
    WirePositionIdx,
    WirePositionMode,
    WirePositionStatus,
    WireSide,
    WireTpslMode,
    WireTriggerBy,
)

__all__ = [
    "ClosedPnlPage",
    "ClosedPnlParams",
    "ClosedPnlRow",
    "PositionPage",
    "PositionsParams",
    "SetLeverageBody",
    "SwitchModeBody",
    "TradingStopBody",
    "WirePosition",
]


class PositionsParams(Wire, frozen=True):
    """GET position/list: linear needs a symbol (a row even when flat) or a settle coin (open positions only)."""

    category: WireCategory
    symbol: str | None = None
    base_coin: str | None = None
    settle_coin: str | None = None
    limit: int | None = None
    cursor: str | None = None


class WirePosition(Wire, frozen=True):
    """A position; `size` is never negative. REST calls the average `avg_price`, the stream `entry_price`."""

    symbol: str
    side: WireSide
    size: str
    position_idx: WirePositionIdx
    category: WireCategory | None = None
    risk_id: int | None = None
    risk_limit_value: str | None = None
    avg_price: str | None = None
    entry_price: str | None = None
    position_value: str | None = None
    auto_add_margin: int | None = None
    position_status: WirePositionStatus | None = None
    leverage: str | None = None
    break_even_price: str | None = None
    mark_price: str | None = None
    liq_price: str | None = None
    bust_price: str | None = None
    position_im: str | None = None
    position_im_by_mp: str | None = None
    position_mm: str | None = None
    position_mm_by_mp: str | None = None
    position_balance: str | None = None
    take_profit: str | None = None
    stop_loss: str | None = None
    trailing_stop: str | None = None
    tpsl_mode: WireTpslMode | None = None
    trade_mode: int | None = None
    session_avg_price: str | None = None
    unrealised_pnl: str | None = None
    cur_realised_pnl: str | None = None
    cum_realised_pnl: str | None = None
    adl_rank_indicator: int | None = None
    created_time: str | None = None
    updated_time: str | None = None
    open_time: int | None = None
    seq: int | str | None = None
    is_reduce_only: bool | None = None
    mmr_sys_updated_time: str | None = None
    leverage_sys_updated_time: str | None = None


class PositionPage(Wire, frozen=True):
    """Result of position/list: hedge mode gives two rows a symbol."""

    list: tuple[WirePosition, ...]
    category: WireCategory | None = None
    next_page_cursor: str | None = None


class SetLeverageBody(Wire, frozen=True):
    """POST position/set-leverage; both sides are equal in one-way mode."""

    category: WireCategory
    symbol: str
    buy_leverage: str
    sell_leverage: str


class SwitchModeBody(Wire, frozen=True):
    """POST position/switch-mode, of a symbol or of all symbols of a coin."""

    category: WireCategory
    mode: WirePositionMode
    symbol: str | None = None
    coin: str | None = None


class TradingStopBody(Wire, frozen=True):
    """POST position/trading-stop: Full edits what stands, Partial adds; "0" removes."""

    category: WireCategory
    symbol: str
    tpsl_mode: WireTpslMode
    position_idx: WirePositionIdx
    take_profit: str | None = None
    stop_loss: str | None = None
    trailing_stop: str | None = None
    active_price: str | None = None
    tp_trigger_by: WireTriggerBy | None = None
    sl_trigger_by: WireTriggerBy | None = None
    tp_size: str | None = None
    sl_size: str | None = None
    tp_limit_price: str | None = None
    sl_limit_price: str | None = None
    tp_order_type: WireOrderType | None = None
    sl_order_type: WireOrderType | None = None


class ClosedPnlParams(Wire, frozen=True):
    """GET position/closed-pnl: a window of at most seven days, UTC ms."""

    category: WireCategory
    symbol: str | None = None
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None
    cursor: str | None = None


class ClosedPnlRow(Wire, frozen=True):
    """What closing a part of a position came to."""

    symbol: str
    order_id: str
    side: WireSide
    qty: str
    closed_pnl: str
    order_price: str | None = None
    order_type: WireOrderType | None = None
    exec_type: WireExecType | None = None
    closed_size: str | None = None
    cum_entry_value: str | None = None
    avg_entry_price: str | None = None
    cum_exit_value: str | None = None
    avg_exit_price: str | None = None
    fill_count: str | None = None
    leverage: str | None = None
    created_time: str | None = None
    updated_time: str | None = None


class ClosedPnlPage(Wire, frozen=True):
    """Result of position/closed-pnl."""

    list: tuple[ClosedPnlRow, ...]
    category: WireCategory | None = None
    next_page_cursor: str | None = None
