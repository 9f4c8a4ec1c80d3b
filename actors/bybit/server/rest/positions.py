"""Positions: list, closed PnL, leverage, mode, levels."""

import msgspec

from actors.bybit.server.rest.call import RestCall, category_of, page
from actors.bybit.server.rest.orders import page_size, window
from actors.bybit.server.shown.positions import closed_pnl_row, position_row
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.bookkeeping import settle
from actors.bybit.server.trading.levels import set_levels, set_leverage, switch_mode
from actors.bybit.server.trading.records import ExecutionRecord
from actors.bybit.server.trading.rejection import parameter_error
from actors.bybit.wire import positions
from actors.bybit.wire.envelope import NoResult
from actors.bybit.wire.values import WireCategory, WirePositionIdx
from actors.model.order import Category

__all__ = ["closed_pnl", "leverage", "mode", "position_list", "trading_stop"]


def position_list(call: RestCall, params: positions.PositionsParams) -> positions.PositionPage:
    """GET position/list: by symbol a row even when flat, by settle coin the open positions alone."""
    if params.category is not WireCategory.LINEAR:
        return positions.PositionPage((), params.category, "")
    if not (params.symbol or params.settle_coin or params.base_coin):
        raise parameter_error("symbol or settleCoin is required")
    account = call.account
    settle(account, call.now_ms)
    listings = account.linear.listings
    if params.symbol:
        if params.symbol not in listings:
            raise parameter_error("symbol invalid")
        symbols = [params.symbol]
    else:
        symbols = [
            symbol
            for symbol, listing in listings.items()
            if account.positions[symbol].qty
            and params.settle_coin in (None, listing.quote_coin)
            and params.base_coin in (None, listing.base_coin)
        ]
    shown, cursor = page(symbols, params.cursor, page_size(params.limit, 20, 200), f"positions {params.settle_coin}")
    rows = tuple(row for symbol in shown for row in _rows(account, symbol, call.now_ms))
    return positions.PositionPage(rows, params.category, cursor)


def _rows(account: TradingAccount, symbol: str, now_ms: int) -> tuple[positions.WirePosition, ...]:
    """One row; in hedge mode one for each side, flat both, because this exchange takes no orders in that mode."""
    row = position_row(account, symbol, now_ms)
    if not account.is_hedged.get(symbol, False):
        return (row,)
    sides = (WirePositionIdx.HEDGE_LONG, WirePositionIdx.HEDGE_SHORT)
    return tuple(msgspec.structs.replace(row, position_idx=side) for side in sides)


def closed_pnl(call: RestCall, params: positions.ClosedPnlParams) -> positions.ClosedPnlPage:
    """GET position/closed-pnl, newest first: a row for each order that closed something."""
    if params.category is not WireCategory.LINEAR:
        return positions.ClosedPnlPage((), params.category, "")
    account = call.account
    settle(account, call.now_ms)
    start_ms, end_ms = window(params.start_time, params.end_time, call.now_ms)
    closing: dict[str, list[ExecutionRecord]] = {}
    for record in account.executions:
        if record.closed_qty and params.symbol in (None, record.listing.symbol):
            closing.setdefault(record.order_id, []).append(record)
    rows = [
        closed_pnl_row(account.orders[order_id], parts, account.linear.market(parts[0].listing.symbol).account.leverage)
        for order_id, parts in closing.items()
        if start_ms <= parts[-1].fill.time_ms <= end_ms
    ]
    shown, cursor = page(rows, params.cursor, page_size(params.limit, 50, 100), f"closed {params.symbol}")
    return positions.ClosedPnlPage(tuple(shown), params.category, cursor)


def leverage(call: RestCall, body: positions.SetLeverageBody) -> NoResult:
    """POST position/set-leverage."""
    _linear(body.category)
    set_leverage(call.account, body, call.now_ms)
    return NoResult()


def mode(call: RestCall, body: positions.SwitchModeBody) -> NoResult:
    """POST position/switch-mode."""
    _linear(body.category)
    switch_mode(call.account, body, call.now_ms)
    return NoResult()


def trading_stop(call: RestCall, body: positions.TradingStopBody) -> NoResult:
    """POST position/trading-stop."""
    _linear(body.category)
    set_levels(call.account, body, call.now_ms)
    return NoResult()


def _linear(category: WireCategory) -> None:
    if category_of(category) is not Category.LINEAR:
        raise parameter_error("category must be linear")
