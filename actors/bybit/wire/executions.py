"""Executions on the wire: the rows of execution/list and of the `execution` and `execution.fast` streams.

Known by category, symbol and execId together. Funding and session settlement stand among them and change no quantity.
"""

from actors.bybit.wire.base import Wire
from actors.bybit.wire.values import (
    WireCategory,
    WireExecType,
    WireMarketUnit,
    WireOrderType,
    WireSide,
)

__all__ = ["ExecutionPage", "ExecutionsParams", "ExtraFee", "FastExecution", "WireExecution"]


class ExecutionsParams(Wire, frozen=True):
    """GET execution/list: a window of at most seven days, UTC ms."""

    category: WireCategory
    symbol: str | None = None
    order_id: str | None = None
    order_link_id: str | None = None
    base_coin: str | None = None
    settle_coin: str | None = None
    start_time: int | None = None
    end_time: int | None = None
    exec_type: WireExecType | None = None
    limit: int | None = None
    cursor: str | None = None


class ExtraFee(Wire, frozen=True):
    """A tax or the like beside the fee."""

    fee_coin: str | None = None
    fee_type: str | None = None
    sub_fee_type: str | None = None
    fee_rate: str | None = None
    fee: str | None = None


class WireExecution(Wire, frozen=True):
    """One execution; `exec_fee` is positive when paid. The stream adds category, is_leverage and exec_pnl."""

    symbol: str
    exec_id: str
    side: WireSide
    exec_price: str
    exec_qty: str
    exec_type: str
    exec_time: str
    category: WireCategory | None = None
    order_id: str | None = None
    order_link_id: str | None = None
    order_price: str | None = None
    order_qty: str | None = None
    leaves_qty: str | None = None
    create_type: str | None = None
    order_type: WireOrderType | None = None
    stop_order_type: str | None = None
    exec_fee: str | None = None
    exec_fee_v2: str | None = None
    exec_value: str | None = None
    exec_pnl: str | None = None
    fee_currency: str | None = None
    is_maker: bool | None = None
    is_leverage: str | None = None
    fee_rate: str | None = None
    trade_iv: str | None = None
    mark_iv: str | None = None
    mark_price: str | None = None
    index_price: str | None = None
    underlying_price: str | None = None
    block_trade_id: str | None = None
    closed_size: str | None = None
    seq: int | None = None
    extra_fees: str | tuple[ExtraFee, ...] | None = None
    market_unit: WireMarketUnit | None = None


class ExecutionPage(Wire, frozen=True):
    """Result of execution/list, newest first; an empty cursor ends the pages."""

    list: tuple[WireExecution, ...]
    category: WireCategory | None = None
    next_page_cursor: str | None = None


class FastExecution(Wire, frozen=True):
    """A trade of `execution.fast`: no fee, and no order link id where it was a maker's."""

    category: WireCategory
    symbol: str
    exec_id: str
    exec_price: str
    exec_qty: str
    order_id: str
    is_maker: bool
    side: WireSide
    exec_time: str
    seq: int
    order_link_id: str | None = None
