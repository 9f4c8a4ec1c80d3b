"""Orders and executions: commands, batches, open orders, history, executions."""

from actors.bybit.endpoints import MAX_BATCH
from actors.bybit.server.rest.call import RestCall, category_of, page, traded
from actors.bybit.server.shown.orders import order_row, wire_execution
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.bookkeeping import settle
from actors.bybit.server.trading.commands import amend_order, cancel_order, create_order, end_orders
from actors.bybit.server.trading.records import OrderRecord
from actors.bybit.server.trading.rejection import Rejection, parameter_error
from actors.bybit.wire import executions, orders
from actors.bybit.wire.base import WireError
from actors.bybit.wire.envelope import ItemCode, ItemCodes
from actors.bybit.wire.values import WireCategory, WireOrderFilter, WireStopOrderType
from actors.model.order import Category, VenueStatus

__all__ = [
    "amend",
    "amend_batch",
    "cancel",
    "cancel_all",
    "cancel_batch",
    "create",
    "create_batch",
    "execution_list",
    "history",
    "page_size",
    "pre_check",
    "realtime",
    "window",
]

_DAY_MS = 86_400_000
_WINDOW_MS = 7 * _DAY_MS
_MAX_CANCELLED = 500
Batch = tuple[orders.BatchAck, ItemCodes]


def create(call: RestCall, body: orders.CreateOrderBody) -> orders.OrderAck:
    """POST order/create: an acknowledgement; the outcome comes on the streams."""
    return _ack(create_order(call.account, category_of(body.category), body, call.now_ms))


def amend(call: RestCall, body: orders.AmendOrderBody) -> orders.OrderAck:
    """POST order/amend."""
    return _ack(amend_order(call.account, category_of(body.category), body, call.now_ms))


def cancel(call: RestCall, body: orders.CancelOrderBody) -> orders.OrderAck:
    """POST order/cancel; spot stop orders need their filter."""
    category = category_of(body.category)
    if category is Category.SPOT:
        wanted = body.order_filter or WireOrderFilter.ORDER
        record = _known(call.account, category, body)
        if record is not None and record.spot.order_filter != wanted:
            raise Rejection(170213, "Order does not exist.")
    return _ack(cancel_order(call.account, category, body, call.now_ms))


def cancel_all(call: RestCall, body: orders.CancelAllBody) -> orders.CancelAllAck:
    """POST order/cancel-all: linear needs a symbol or a coin; of spot only plain orders unless the filter says else."""
    category = category_of(body.category)
    if category is Category.LINEAR and not (body.symbol or body.base_coin or body.settle_coin):
        raise parameter_error("symbol, baseCoin or settleCoin is required")
    account = call.account
    settle(account, call.now_ms)
    chosen = [record for record in _open(account, category) if record.link_id and _is_meant(record, body)]
    ended = end_orders(account, category, chosen[:_MAX_CANCELLED], call.now_ms)
    return orders.CancelAllAck(tuple(_ack(record) for record in ended), "1")


def create_batch(call: RestCall, body: orders.CreateBatchBody) -> Batch:
    """POST order/create-batch: an answer for each item."""
    category = _batch(body.category, len(body.request))
    return _each(body, lambda item: create_order(call.account, category, item, call.now_ms))


def amend_batch(call: RestCall, body: orders.AmendBatchBody) -> Batch:
    """POST order/amend-batch: no conditional orders."""
    category = _batch(body.category, len(body.request))

    def one(item: orders.AmendItem) -> OrderRecord:
        record = _known(call.account, category, item)
        if record is not None and record.is_conditional:
            raise parameter_error("conditional orders cannot be amended in a batch")
        return amend_order(call.account, category, item, call.now_ms)

    return _each(body, one)


def cancel_batch(call: RestCall, body: orders.CancelBatchBody) -> Batch:
    """POST order/cancel-batch."""
    category = _batch(body.category, len(body.request))
    return _each(body, lambda item: cancel_order(call.account, category, item, call.now_ms))


def pre_check(call: RestCall, body: orders.CreateOrderBody) -> orders.PreCheckResult:
    """POST order/pre-check: not supported; always refused."""
    raise Rejection(10032, "order/pre-check is not supported by the local exchange")


def realtime(call: RestCall, params: orders.OrdersParams) -> orders.OrderPage:
    """GET order/realtime: open orders, newest first; by id also one that has ended."""
    if not traded(params.category):
        return orders.OrderPage((), params.category, "")
    category = Category(params.category)
    if category is Category.LINEAR and not (
        params.symbol or params.base_coin or params.settle_coin or params.order_id or params.order_link_id
    ):
        raise parameter_error("symbol, baseCoin or settleCoin is required")
    account = call.account
    settle(account, call.now_ms)
    if params.order_id or params.order_link_id:
        found = [record for record in _all(account, category) if _has_id(record, params.order_id, params.order_link_id)]
    elif params.open_only:
        found = [record for record in _all(account, category) if record.has_ended][-500:]
    else:
        found = _open(account, category)
    rows = [record for record in found if _matches(record, params.symbol, params.base_coin, params.settle_coin)]
    if params.order_filter:
        rows = [record for record in rows if _filter_of(record) == params.order_filter]
    query = f"realtime {category} {params.symbol} {params.base_coin} {params.settle_coin} {params.open_only}"
    shown, cursor = page(rows, params.cursor, page_size(params.limit, 20, 50), query)
    return orders.OrderPage(tuple(order_row(record) for record in shown), params.category, cursor)


def history(call: RestCall, params: orders.OrderHistoryParams) -> orders.OrderPage:
    """GET order/history: ended orders of the window; those without a fill are gone after a day."""
    if not traded(params.category):
        return orders.OrderPage((), params.category, "")
    account, category = call.account, Category(params.category)
    settle(account, call.now_ms)
    start_ms, end_ms = window(params.start_time, params.end_time, call.now_ms)
    by_id = bool(params.order_id or params.order_link_id)
    rows = [
        record
        for record in _all(account, category)
        if record.has_ended
        and (record.filled_qty or record.updated_ms > call.now_ms - _DAY_MS)
        and (by_id or start_ms <= record.created_ms <= end_ms)
        and (not by_id or _has_id(record, params.order_id, params.order_link_id))
        and _matches(record, params.symbol, params.base_coin, params.settle_coin)
        and params.order_filter in (None, _filter_of(record))
        and params.order_status in (None, order_row(record).order_status)
    ]
    query = f"history {category} {params.symbol} {params.order_id} {params.order_link_id} {params.order_status}"
    shown, cursor = page(rows, params.cursor, page_size(params.limit, 20, 50), query)
    return orders.OrderPage(tuple(order_row(record) for record in shown), params.category, cursor)


def execution_list(call: RestCall, params: executions.ExecutionsParams) -> executions.ExecutionPage:
    """GET execution/list, newest first."""
    if not traded(params.category):
        return executions.ExecutionPage((), params.category, "")
    account, category = call.account, Category(params.category)
    settle(account, call.now_ms)
    start_ms, end_ms = window(params.start_time, params.end_time, call.now_ms)
    by_id = bool(params.order_id or params.order_link_id)
    rows = [
        record
        for record in account.executions
        if record.listing.category is category
        and (by_id or start_ms <= record.fill.time_ms <= end_ms)
        and (not by_id or record.order_id == params.order_id or record.shown_link_id == params.order_link_id)
        and (by_id or params.symbol in (None, record.listing.symbol))
        and (by_id or params.exec_type is None or str(params.exec_type) == str(record.fill.exec_type))
    ]
    query = f"executions {category} {params.symbol} {params.order_id} {params.order_link_id} {params.exec_type}"
    shown, cursor = page(rows, params.cursor, page_size(params.limit, 50, 100), query)
    return executions.ExecutionPage(tuple(wire_execution(record) for record in shown), params.category, cursor)


# -- parts ------------------------------------------------------------------------------------------------------------


def _ack(record: OrderRecord) -> orders.OrderAck:
    return orders.OrderAck(record.order_id, record.shown_link_id)


def _batch(category: WireCategory, count: int) -> Category:
    found = category_of(category)
    most = MAX_BATCH[str(found)]
    if not 1 <= count <= most:
        raise parameter_error(f"a batch holds 1 to {most} requests")
    return found


def _each(body: orders.CreateBatchBody | orders.AmendBatchBody | orders.CancelBatchBody, one: object) -> Batch:
    rows, codes = [], []
    assert callable(one)
    for item in body.request:
        link_id = item.order_link_id or ""
        try:
            record: OrderRecord = one(item)
        except Rejection as error:
            rows.append(orders.BatchAckRow(body.category, item.symbol, "", link_id, ""))
            codes.append(ItemCode(error.code, error.text))
        except WireError as error:
            rows.append(orders.BatchAckRow(body.category, item.symbol, "", link_id, ""))
            codes.append(ItemCode(10001, f"params error: {error}"))
        else:
            rows.append(
                orders.BatchAckRow(
                    body.category, item.symbol, record.order_id, record.shown_link_id, str(record.created_ms)
                )
            )
            codes.append(ItemCode(0, "OK"))
    return orders.BatchAck(tuple(rows)), ItemCodes(tuple(codes))


def _known(
    account: TradingAccount, category: Category, item: orders.AmendItem | orders.CancelItem
) -> OrderRecord | None:
    if item.order_id:
        return account.orders.get(item.order_id)
    return account.by_link.get((category, item.symbol, item.order_link_id or ""))


def _all(account: TradingAccount, category: Category) -> list[OrderRecord]:
    return [record for record in account.orders.values() if record.category is category]


def _open(account: TradingAccount, category: Category) -> list[OrderRecord]:
    return [record for record in account.open.values() if record.category is category]


def _has_id(record: OrderRecord, order_id: str | None, link_id: str | None) -> bool:
    return record.order_id == order_id if order_id else record.shown_link_id == link_id


def _matches(record: OrderRecord, symbol: str | None, base: str | None, settle_coin: str | None) -> bool:
    listing = record.listing
    if symbol:
        return record.symbol == symbol
    if base:
        return listing.base_coin == base
    return not settle_coin or listing.quote_coin == settle_coin


def _filter_of(record: OrderRecord) -> WireOrderFilter:
    if record.category is Category.SPOT:
        return WireOrderFilter(record.spot.order_filter)
    is_stop = record.is_conditional and record.status in (VenueStatus.UNTRIGGERED, VenueStatus.DEACTIVATED)
    return WireOrderFilter.STOP_ORDER if is_stop or not record.link_id else WireOrderFilter.ORDER


def _is_meant(record: OrderRecord, body: orders.CancelAllBody) -> bool:
    if not _matches(record, body.symbol, body.base_coin, body.settle_coin):
        return False
    if body.stop_order_type not in (None, WireStopOrderType.NONE) and not record.is_conditional:
        return False
    if body.order_filter is None:
        return record.category is Category.LINEAR or record.spot.order_filter == WireOrderFilter.ORDER
    if body.order_filter is WireOrderFilter.OPEN_ORDER:
        return True
    return _filter_of(record) == body.order_filter


def window(start_ms: int | None, end_ms: int | None, now_ms: int) -> tuple[int, int]:
    """At most seven days; neither end given: the last seven. Raises Rejection (10001)."""
    if start_ms is None and end_ms is None:
        return now_ms - _WINDOW_MS, now_ms
    if start_ms is None:
        assert end_ms is not None
        return end_ms - _WINDOW_MS, end_ms
    if end_ms is None:
        return start_ms, start_ms + _WINDOW_MS
    if end_ms < start_ms or end_ms - start_ms > _WINDOW_MS:
        raise parameter_error("the window from startTime to endTime must be at most 7 days")
    return start_ms, end_ms


def page_size(given: int | None, default: int, most: int) -> int:
    if given is None:
        return default
    if not 1 <= given <= most:
        raise parameter_error(f"limit must be 1 to {most}")
    return given
