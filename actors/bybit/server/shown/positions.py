"""Positions and closed PnL in the wire's shape."""

import msgspec

from actors.bybit.server.shown.texts import average_text, money_text, price_text, qty_text
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.records import ExecutionRecord, OrderRecord
from actors.bybit.translate.values import WIRE_ORDER_TYPES, WIRE_SIDES
from actors.bybit.wire.positions import ClosedPnlRow, WirePosition
from actors.bybit.wire.values import (
    WireCategory,
    WireExecType,
    WireOrderType,
    WirePositionIdx,
    WirePositionStatus,
    WireSide,
    WireTpslMode,
)
from actors.model.order import Side
from actors.simulator.margin.liquidation import liquidation_level

__all__ = ["closed_pnl_row", "position_row", "stream_position"]


def position_row(account: TradingAccount, symbol: str, now_ms: int) -> WirePosition:
    """As position/list shows it; a flat position has no side."""
    books = account.linear
    listing, market = books.listings[symbol], books.market(symbol)
    report = books.venue.position_report(now_ms, symbol)
    position = report.position
    held, instrument = position.qty, listing.instrument
    mark = market.mark_price()
    value = abs(held) * mark * instrument.rate_one
    books_of = market.account
    level = liquidation_level(position, books_of.backing, instrument)
    tier = next((each for each in instrument.tiers if value <= each.limit), None)
    leverage = books_of.leverage
    to_close = abs(position.cost) // instrument.rate_one * instrument.taker_rate if held else 0
    changed = str(account.position_changed_ms.get(symbol, account.created_ms))
    return WirePosition(
        symbol=symbol,
        side=WireSide.NONE if not held else WireSide.BUY if held > 0 else WireSide.SELL,
        size=qty_text(listing, abs(held)),
        position_idx=WirePositionIdx.ONE_WAY,
        risk_id=1,
        risk_limit_value="" if tier is None else money_text(listing, tier.limit),
        avg_price=average_text(listing, position.cost, held, "0"),
        position_value=money_text(listing, abs(position.cost)),
        auto_add_margin=0,
        position_status=WirePositionStatus.NORMAL,
        leverage=str(leverage),
        break_even_price=average_text(listing, position.cost, held, ""),
        mark_price=price_text(listing, mark),
        liq_price=price_text(listing, level),
        bust_price="",
        position_im=money_text(listing, -(-value // leverage) + to_close),
        position_im_by_mp=money_text(listing, -(-value // leverage) + to_close),
        position_mm=money_text(listing, books_of.maintenance(mark)),
        position_mm_by_mp=money_text(listing, books_of.maintenance(mark)),
        position_balance="0",
        take_profit=price_text(listing, report.take_profit),
        stop_loss=price_text(listing, report.stop_loss),
        trailing_stop=price_text(listing, report.trailing_stop, "0"),
        tpsl_mode=WireTpslMode.FULL,
        trade_mode=0,
        session_avg_price="",
        unrealised_pnl=money_text(listing, books_of.unrealised(mark)) if held else "0",
        cur_realised_pnl=money_text(listing, account.realised[symbol]),
        cum_realised_pnl=money_text(listing, account.realised[symbol]),
        adl_rank_indicator=2 if held else 0,
        created_time=str(account.created_ms),
        updated_time=changed,
        open_time=int(changed) if held else 0,
        seq=account.seq if symbol in account.position_changed_ms else -1,
        is_reduce_only=False,
        mmr_sys_updated_time="",
        leverage_sys_updated_time="",
    )


def stream_position(account: TradingAccount, symbol: str, now_ms: int) -> WirePosition:
    """As the `position` stream tells it: the average is called entryPrice."""
    row = position_row(account, symbol, now_ms)
    return msgspec.structs.replace(row, category=WireCategory.LINEAR, entry_price=row.avg_price, avg_price=None)


def closed_pnl_row(order: OrderRecord, executions: list[ExecutionRecord], leverage: int) -> ClosedPnlRow:
    """What the closing executions of an order came to; `executions` are those, oldest first."""
    listing = order.listing
    instrument = listing.instrument
    closed = sum(each.closed_qty for each in executions)
    exit_value = sum(instrument.value(each.fill.price, each.closed_qty) for each in executions)
    realised = sum(each.realised for each in executions)
    fees = sum(each.fee for each in executions)
    sign = 1 if order.request.side is Side.SELL else -1
    entry_value = exit_value - sign * realised
    last = executions[-1]
    return ClosedPnlRow(
        symbol=listing.symbol,
        order_id=order.order_id,
        side=WIRE_SIDES[order.request.side],
        qty=qty_text(listing, order.qty),
        closed_pnl=money_text(listing, realised - fees),
        order_price=price_text(listing, last.order_price),
        order_type=WireOrderType.UNKNOWN if last.order_type is None else WIRE_ORDER_TYPES[last.order_type],
        exec_type=WireExecType(last.fill.exec_type),
        closed_size=qty_text(listing, closed),
        cum_entry_value=money_text(listing, entry_value),
        avg_entry_price=average_text(listing, entry_value, closed),
        cum_exit_value=money_text(listing, exit_value),
        avg_exit_price=average_text(listing, exit_value, closed),
        fill_count=str(len(executions)),
        leverage=str(leverage),
        created_time=str(order.created_ms),
        updated_time=str(last.fill.time_ms),
    )
