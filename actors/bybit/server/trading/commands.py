"""What a client can have done on its account: orders, their changes and ends, leverage, levels, position mode.

Each command first lets the market do what it did until `now_ms`, then is carried out or refused with Bybit's code
(Rejection), and what follows from it at once is told. The answer to an order is an acknowledgement; market orders fill
in the same millisecond, and their news comes by the streams.
"""

from decimal import Decimal

import msgspec

from actors.bybit.numbers import read_decimal
from actors.bybit.server.market.listing import Listing
from actors.bybit.server.trading.account import Books, TradingAccount
from actors.bybit.server.trading.bookkeeping import Bookkeeper, settle
from actors.bybit.server.trading.records import OrderRecord, SpotTerms
from actors.bybit.server.trading.rejection import Rejection, parameter_error
from actors.bybit.translate.levels import read_levels, read_price, read_qty
from actors.bybit.translate.orders import read_request
from actors.bybit.wire.orders import AmendItem, CancelItem, CreateItem
from actors.bybit.wire.values import (
    WireMarketUnit,
    WireOrderFilter,
    WireOrderType,
    WireSide,
    WireTriggerDirection,
)
from actors.model.backend import AmendOrder, CancelOrder
from actors.model.fixed import Money, Price, fixed_from_decimal, floor_ratio
from actors.model.order import Category, OrderRequest, OrderType, Side
from actors.model.origins import StopOrderType
from actors.model.result import OrderResult, RequestOutcome
from actors.simulator.matching.arithmetic import slipped_price
from actors.simulator.venue.admission import amended

__all__ = ["amend_order", "cancel_order", "create_order", "end_orders", "find_order", "listing_of"]

NOT_FOUND = {Category.LINEAR: 110001, Category.SPOT: 170213}
DUPLICATE = {Category.LINEAR: 110072, Category.SPOT: 170141}
_MARKET_BOUND = (5, 100)  # a market order is an IOC limit 5 % beyond the market


def listing_of(books: Books | None, symbol: str) -> Listing:
    """The listing of a symbol in these books. Raises Rejection (10001) for one that is not traded here."""
    listing = None if books is None else books.listings.get(symbol)
    if listing is None:
        raise parameter_error("symbol invalid")
    return listing


def create_order(account: TradingAccount, category: Category, item: CreateItem, now_ms: int) -> OrderRecord:
    """Place an order. Raises Rejection, WireError."""
    books, listing = _market_at(account, category, item.symbol, now_ms)
    _check_position_idx(account, category, item)
    is_spot = category is Category.SPOT
    request, spot = (
        _spot_request(account, listing, item, now_ms) if is_spot else (_linear_request(listing, item), SpotTerms())
    )
    number = account.next_number()
    order_id = account.wire_id(category, number)
    link_id = request.link_id or f"auto-{number}"
    if request.link_id and (category, listing.symbol, link_id) in account.by_link:
        raise Rejection(DUPLICATE[category], "OrderLinkedID is duplicate" if not is_spot else "Duplicate clientOrderId")
    request = msgspec.structs.replace(request, link_id=link_id)
    record = OrderRecord(
        listing,
        number,
        order_id,
        link_id,
        item.order_link_id or (str(number) if is_spot else ""),
        request,
        now_ms,
        now_ms,
        Price(account.last_price(listing, now_ms)),
        qty=request.qty,
        stop_order_type=StopOrderType.STOP if request.trigger_price is not None else StopOrderType.NONE,
        spot=spot,
    )
    if request.type is OrderType.MARKET:
        record.worst_price = Price(_bound(account, listing, request.side, now_ms))
    if is_spot:
        _lock(account, record, now_ms)
    result = books.venue.submit(request, now_ms)
    if result.outcome is not RequestOutcome.ACCEPTED:
        _unlock(account, record)
        raise _rejection(result, category)
    account.orders[order_id] = account.open[order_id] = record
    account.by_link[category, listing.symbol, link_id] = record
    account.by_number[category, listing.symbol, result.order_id] = record
    record.matching_id = result.order_id
    return _told(account, books, record, now_ms)


def amend_order(account: TradingAccount, category: Category, item: AmendItem, now_ms: int) -> OrderRecord:
    """Change an open order. Raises Rejection, WireError."""
    books, listing = _market_at(account, category, item.symbol, now_ms)
    record = find_order(account, category, item)
    if not record.link_id:
        raise parameter_error("levels of the position are changed by trading-stop")
    instrument = listing.instrument
    amend = AmendOrder(
        item.symbol,
        record.link_id,
        read_qty(item.qty, instrument, "qty"),
        read_price(item.price, instrument, "price"),
        read_price(item.trigger_price, instrument, "triggerPrice"),
        None,
        read_levels(item, instrument),
    )
    before, record.request = record.request, amended(record.request, amend)
    try:
        if category is Category.SPOT:
            _lock(account, record, now_ms)
        result = books.venue.amend(amend, now_ms)
        if result.outcome is not RequestOutcome.ACCEPTED:
            raise _rejection(result, category)
    except Rejection:
        record.request = before
        if category is Category.SPOT:
            _lock(account, record, now_ms)
        raise
    record.qty, record.updated_ms = record.request.qty, now_ms
    return _told(account, books, record, now_ms)


def cancel_order(account: TradingAccount, category: Category, item: CancelItem, now_ms: int) -> OrderRecord:
    """End an open order. Raises Rejection."""
    books, _ = _market_at(account, category, item.symbol, now_ms)
    record = find_order(account, category, item)
    if not record.link_id:
        raise parameter_error("levels of the position are removed by trading-stop")
    result = books.venue.cancel(CancelOrder(item.symbol, record.link_id), now_ms)
    if result.outcome is not RequestOutcome.ACCEPTED:
        raise _rejection(result, category)
    return _told(account, books, record, now_ms)


def end_orders(
    account: TradingAccount, category: Category, records: list[OrderRecord], now_ms: int
) -> list[OrderRecord]:
    """Cancel these, the oldest first; those that could be."""
    ended = []
    for record in records:
        item = CancelItem(record.symbol, record.order_id)
        try:
            ended.append(cancel_order(account, category, item, now_ms))
        except Rejection:
            continue  # ended meanwhile
    return ended


def find_order(account: TradingAccount, category: Category, item: AmendItem | CancelItem) -> OrderRecord:
    """The open order of an item's ids, the venue's own first. Raises Rejection where there is none."""
    record = None
    if item.order_id:
        record = account.orders.get(item.order_id)
    elif item.order_link_id:
        record = account.by_link.get((category, item.symbol, item.order_link_id))
    else:
        raise parameter_error("orderId or orderLinkId is required")
    if record is None or record.has_ended or (record.category, record.symbol) != (category, item.symbol):
        text = "Order does not exist." if category is Category.SPOT else "order not exists or too late to replace"
        raise Rejection(NOT_FOUND[category], text if isinstance(item, AmendItem) else text.replace("replace", "cancel"))
    return record


def _market_at(account: TradingAccount, category: Category, symbol: str, now_ms: int) -> tuple[Books, Listing]:
    """The books and the listing of a command, after all that the market did until it came."""
    settle(account, now_ms)
    books = account.books(category)
    listing = listing_of(books, symbol)
    assert books is not None
    return books, listing


def _told(account: TradingAccount, books: Books, record: OrderRecord, now_ms: int) -> OrderRecord:
    """The order of a command that was carried out: what followed from it at once has been told."""
    Bookkeeper(account).tell(books, now_ms, commanded=record.symbol)
    settle(account, now_ms)
    return record


def _check_position_idx(account: TradingAccount, category: Category, item: CreateItem) -> None:
    """Trading is in one-way mode; a symbol that was switched to hedge mode takes nothing else."""
    idx = int(item.position_idx or 0)
    if category is Category.LINEAR and (idx != 0) is not account.is_hedged.get(item.symbol, False):
        raise Rejection(10001, "position idx not match position mode")
    if idx:
        raise parameter_error("hedge mode is not traded on the local exchange")


def _linear_request(listing: Listing, item: CreateItem) -> OrderRequest:
    if item.market_unit:
        item = msgspec.structs.replace(item, market_unit=None)
    if item.bbo_side_type is not None:
        raise parameter_error("bboSideType is not supported by the local exchange")
    return read_request(item, listing.instrument)


def _spot_request(
    account: TradingAccount, listing: Listing, item: CreateItem, now_ms: int
) -> tuple[OrderRequest, SpotTerms]:
    """A spot order with its quantity in base coin: a market buy by amount at the best ask."""
    if item.take_profit or item.stop_loss:
        raise parameter_error("takeProfit and stopLoss of spot orders are not supported by the local exchange")
    instrument = listing.instrument
    is_market = item.order_type is WireOrderType.MARKET
    by_quote = is_market and (
        item.market_unit is WireMarketUnit.QUOTE or (not item.market_unit and item.side is WireSide.BUY)
    )
    unit = (WireMarketUnit.QUOTE if by_quote else WireMarketUnit.BASE) if is_market else ""
    changes: dict[str, object] = {"market_unit": None, "reduce_only": None, "position_idx": None}
    amount: Money | None = None
    if by_quote:
        value = _decimal(item.qty)
        amount = Money(fixed_from_decimal(value, instrument.money_digits))
        _, ask = account.feeds[listing.category, listing.symbol].best(now_ms)
        steps = floor_ratio(value, ask * instrument.step, instrument.price_digits + instrument.qty_digits)
        changes["qty"] = instrument.qty_text(steps * instrument.step)
    if item.trigger_price:
        trigger = read_price(item.trigger_price, instrument, "triggerPrice") or 0
        rises = trigger > account.last_price(listing, now_ms)
        changes["trigger_direction"] = WireTriggerDirection.RISE if rises else WireTriggerDirection.FALL
    request = read_request(msgspec.structs.replace(item, **changes), instrument)
    order_filter = item.order_filter or (WireOrderFilter.STOP_ORDER if item.trigger_price else WireOrderFilter.ORDER)
    return request, SpotTerms(str(unit), str(order_filter), amount)


def _decimal(text: str) -> Decimal:
    value = read_decimal(text, "qty")
    if value is None or value <= 0:
        raise parameter_error("qty must be positive")
    return value


def _bound(account: TradingAccount, listing: Listing, side: Side, now_ms: int) -> int:
    last, tick = account.last_price(listing, now_ms), listing.instrument.tick
    return slipped_price(last // tick * tick, side, 0, _MARKET_BOUND, tick)


def _lock(account: TradingAccount, record: OrderRecord, now_ms: int) -> None:
    """Lock what the order may still spend, in place of what it locked before. Raises Rejection (170131)."""
    _unlock(account, record)
    holding = account.holdings[record.symbol]
    _, ask = account.feeds[record.category, record.symbol].best(now_ms)
    before = account.locked_cash
    left = record.request.qty - record.filled_qty
    price = record.request.price or ask
    holding.lock(record.link_id, record.request.side, left, price, account.free_cash(now_ms))
    account.linear.venue.wallet.balance += before - account.locked_cash


def _unlock(account: TradingAccount, record: OrderRecord) -> None:
    holding = account.holdings.get(record.symbol)
    if record.category is Category.SPOT and holding is not None:
        before = account.locked_cash
        holding.unlock(record.link_id)
        account.linear.venue.wallet.balance += before - account.locked_cash


_SPOT_CODES = {110001: 170213, 110007: 170131, 110094: 170140, 110072: 170141, 110003: 170193, 110064: 170313}


def _rejection(result: OrderResult, category: Category) -> Rejection:
    """The matching's no; spot has codes of its own."""
    code = _SPOT_CODES.get(result.code, result.code) if category is Category.SPOT else result.code
    return Rejection(code, result.reason)
