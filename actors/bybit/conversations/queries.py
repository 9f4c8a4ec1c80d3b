"""Questions of the port: pages of orders and executions, one order by our id, position, balances, the clock."""

from collections.abc import Sequence
from decimal import Decimal

from actors.bybit.conversations.asking import Steps, VenueAccount, question
from actors.bybit.numbers import read_decimal, read_number
from actors.bybit.translate.candles import closed_bars, interval_of, read_candle
from actors.bybit.translate.levels import category_of
from actors.bybit.translate.maintenance import MaintenanceScope, read_maintenance
from actors.bybit.translate.reports import read_execution, read_order, read_position, read_wallet
from actors.bybit.translate.values import PART_LEVELS, POSITION_LEVELS
from actors.bybit.wire.account import WalletPage, WalletParams
from actors.bybit.wire.base import WireError
from actors.bybit.wire.executions import ExecutionPage, ExecutionsParams
from actors.bybit.wire.market import KlinePage, KlineParams, NoParams, ServerTimeResult, SystemStatus
from actors.bybit.wire.orders import OrderHistoryParams, OrderPage, OrdersParams, WireOrder
from actors.bybit.wire.positions import PositionPage, PositionsParams, WirePosition
from actors.bybit.wire.values import WireCategory, WireOrderFilter, WirePositionIdx
from actors.model.backend import (
    ClosedBars,
    EquityQuery,
    EquityReport,
    Executions,
    ExecutionsQuery,
    HistoryQuery,
    OpenOrders,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    PositionQuery,
    PositionReport,
    ServerTime,
)
from actors.model.maintenance import MaintenancePlanned, PlannedMaintenance

__all__ = [
    "CANDLES_A_PAGE",
    "EXECUTIONS_A_PAGE",
    "ORDERS_A_PAGE",
    "WINDOW_MS",
    "equity",
    "executions",
    "history",
    "open_orders",
    "order_by_id",
    "position",
    "server_time",
]

ORDERS_A_PAGE = 50
EXECUTIONS_A_PAGE = 100
CANDLES_A_PAGE = 1000
WINDOW_MS = 7 * 24 * 3_600_000  # the longest that execution/list looks back over
_NS_DIGITS = 6  # of a millisecond


def open_orders(query: OpenOrdersQuery, account: VenueAccount) -> Steps[OpenOrders]:
    """A page of orders that have not ended; levels of the position are told with the position."""
    instrument = account.instruments[query.symbol]
    params = OrdersParams(
        category=category_of(instrument), symbol=query.symbol, open_only=0, limit=ORDERS_A_PAGE,
        cursor=query.cursor or None,
    )  # fmt: skip
    page, time_ms = yield from question("order/realtime", params, OrderPage)
    own = [order for order in page.list if not _is_level(order)]
    reports = tuple(read_order(order, instrument, time_ms) for order in reversed(own))
    return OpenOrders(reports, time_ms, page.next_page_cursor or "" if page.list else "")


def order_by_id(query: OrderQuery, account: VenueAccount) -> Steps[OrderFound]:
    """Among open and recently closed orders, then in the history; None says that the venue does not know it now.

    Once is no proof: creation is asynchronous, and the venue's caches lag behind.
    """
    instrument = account.instruments[query.symbol]
    category = category_of(instrument)
    params = OrdersParams(category=category, symbol=query.symbol, order_link_id=query.link_id)
    page, time_ms = yield from question("order/realtime", params, OrderPage)
    if not page.list:
        older = OrderHistoryParams(category=category, symbol=query.symbol, order_link_id=query.link_id)
        page, time_ms = yield from question("order/history", older, OrderPage)
    found = [order for order in page.list if order.order_link_id == query.link_id]
    return OrderFound(read_order(found[0], instrument, time_ms) if found else None)


def executions(query: ExecutionsQuery, account: VenueAccount) -> Steps[Executions]:
    """A page of executions, oldest first within it. The venue looks over seven days at a time, newest first.

    The cursor is the start of the window and the venue's own cursor in it. Without `since_ms` it is the last seven
    days.
    """
    instrument = account.instruments[query.symbol]
    start_text, _, cursor = query.cursor.partition(":")
    start_ms = int(start_text) if start_text else query.since_ms
    params = ExecutionsParams(
        category=category_of(instrument),
        symbol=query.symbol,
        start_time=start_ms or None,
        end_time=start_ms + WINDOW_MS - 1 if start_ms else None,
        limit=EXECUTIONS_A_PAGE,
        cursor=cursor or None,
    )
    page, time_ms = yield from question("execution/list", params, ExecutionPage)
    fills = tuple(read_execution(row, instrument) for row in reversed(page.list))
    later = ""
    if page.list and page.next_page_cursor:
        later = f"{start_ms}:{page.next_page_cursor}"
    elif start_ms and start_ms + WINDOW_MS <= time_ms:
        later = f"{start_ms + WINDOW_MS}:"
    return Executions(fills, time_ms, later)


def position(query: PositionQuery, account: VenueAccount) -> Steps[PositionReport]:
    """The position, then the levels of its parts, which are orders."""
    instrument = account.instruments[query.symbol]
    category = category_of(instrument)
    if category is WireCategory.SPOT:
        raise WireError(f"{query.symbol}: spot has balances, not positions")
    page, time_ms = yield from question(
        "position/list", PositionsParams(category=category, symbol=query.symbol), PositionPage
    )
    row = _row_of(page.list, query.symbol)
    params = OrdersParams(
        category=category, symbol=query.symbol, open_only=0, order_filter=WireOrderFilter.STOP_ORDER,
        limit=ORDERS_A_PAGE,
    )  # fmt: skip
    orders, _ = yield from question("order/realtime", params, OrderPage)
    parts = [order for order in orders.list if order.stop_order_type in PART_LEVELS]
    reports = tuple(read_order(order, instrument, time_ms) for order in reversed(parts))
    return read_position(row, instrument, time_ms, reports)


def equity(query: EquityQuery, account: VenueAccount) -> Steps[EquityReport]:
    """Balances in the coin that the instrument settles in."""
    instrument = account.instruments[query.symbol]
    params = WalletParams(account_type="UNIFIED", coin=instrument.settle_coin)
    page, time_ms = yield from question("account/wallet-balance", params, WalletPage)
    if len(page.list) != 1:
        raise WireError(f"{len(page.list)} wallets instead of one")
    return read_wallet(page.list[0], instrument, time_ms)


def history(query: HistoryQuery, account: VenueAccount) -> Steps[ClosedBars]:
    """A page of closed bars, oldest first, from `since_ms` on; without it, the last page.

    A window in which nothing closed is passed over: the next question would ask for the same one.
    """
    instrument, length = account.instruments[query.symbol], query.timeframe_ms
    start_ms = query.since_ms
    while True:
        params = KlineParams(
            category=category_of(instrument),
            symbol=query.symbol,
            interval=interval_of(length),
            start=start_ms or None,
            end=start_ms + CANDLES_A_PAGE * length - 1 if start_ms else None,
            limit=CANDLES_A_PAGE,
        )
        page, time_ms = yield from question("market/kline", params, KlinePage)
        candles = [read_candle(row, instrument) for row in reversed(page.list)]
        closed = [one for one in candles if one.ts_open + length <= time_ms and one.ts_open >= query.since_ms]
        next_ms = start_ms + CANDLES_A_PAGE * length
        has_more = bool(start_ms) and next_ms + length <= time_ms
        if closed or not has_more:
            return closed_bars(query.symbol, length, closed, has_more)
        start_ms = next_ms


def server_time() -> Steps[ServerTime]:
    """UTC ms, from the nanoseconds of the result."""
    result, _ = yield from question("market/time", NoParams(), ServerTimeResult)
    nanoseconds = read_number(result.time_nano, 0, "timeNano") or 0
    return ServerTime(nanoseconds // 10**_NS_DIGITS)


def maintenance(account: VenueAccount) -> Steps[PlannedMaintenance]:
    """What is planned or under way, as far as it concerns this account."""
    result, _ = yield from question("system/status", NoParams(), SystemStatus)
    scope = MaintenanceScope.of(account.instruments, is_demo=account.is_demo)
    said = read_maintenance(result.list, scope)
    return PlannedMaintenance(tuple(each for each in said if isinstance(each, MaintenancePlanned)))


def _row_of(rows: Sequence[WirePosition], symbol: str) -> WirePosition:
    """The position of one-way mode; in hedge mode the larger of the two, which its index tells from ours."""
    if not rows:
        raise WireError(f"{symbol}: no position row, not even a flat one")
    one_way = [row for row in rows if row.position_idx is WirePositionIdx.ONE_WAY]
    return one_way[0] if one_way else max(rows, key=lambda row: read_decimal(row.size, "size") or Decimal(0))


def _is_level(order: WireOrder) -> bool:
    """Whether it is a level of the position, made by the venue, and no order of the account's own."""
    return order.stop_order_type in (*POSITION_LEVELS, *PART_LEVELS)
