"""What others do to the account, and what the venue does to the market: performed by the exchange's own commands."""

import attrs

from actors.bybit.numbers import write_number
from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.faults.kinds import (
    ChangeLeverage,
    ChangeMode,
    ClockStep,
    Delisting,
    ExchangeFault,
    ForeignOrder,
    ForeignPosition,
    ModeName,
)
from actors.bybit.server.faults.matching import Match
from actors.bybit.server.rest.call import RestCall, category_of
from actors.bybit.server.trading.account import News, TradingAccount
from actors.bybit.server.trading.bookkeeping import Bookkeeper, settle
from actors.bybit.server.trading.commands import create_order, find_order
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.levels import set_leverage, switch_mode
from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.wire.orders import CancelOrderBody, CreateItem, OrderAck
from actors.bybit.wire.positions import SetLeverageBody, SwitchModeBody
from actors.bybit.wire.values import WireCategory, WireMarketUnit, WireOrderType, WirePositionMode, WireSide
from actors.model.order import Category, VenueStatus

__all__ = ["can_lose", "lose_race", "perform"]

_CANCEL_REFUSED = "EC_OrigClOrdIDDoesNotExist"


def perform(fault: ExchangeFault, match: Match, exchange: LocalExchange, clock: ExchangeClock) -> TradingAccount | None:
    """Do it; the account that has changed. Raises Rejection, WireError where the venue would refuse it."""
    now_ms, symbol = clock.market_ms(), match.symbol or ""
    account = exchange.accounts[match.account or next(iter(exchange.accounts))]
    if isinstance(fault, ForeignOrder):
        price = None if fault.price is None else f"{fault.price:f}"
        _place(account, Category(fault.category), symbol, fault, price, now_ms)
    elif isinstance(fault, ForeignPosition):
        _place(account, Category.LINEAR, symbol, fault, None, now_ms)
    elif isinstance(fault, ChangeLeverage):
        text = write_number(fault.leverage, 0)
        set_leverage(account, SetLeverageBody(WireCategory.LINEAR, symbol, text, text), now_ms)
    elif isinstance(fault, ChangeMode):
        mode = WirePositionMode.HEDGE if fault.mode is ModeName.HEDGE else WirePositionMode.ONE_WAY
        switch_mode(account, SwitchModeBody(WireCategory.LINEAR, mode, symbol), now_ms)
    elif isinstance(fault, Delisting):
        exchange.delist(symbol, now_ms, now_ms + fault.after_ms)
        return None
    elif isinstance(fault, ClockStep):
        clock.step_wall(fault.by_ms)
        return None
    return account


def _place(
    account: TradingAccount,
    category: Category,
    symbol: str,
    fault: ForeignOrder | ForeignPosition,
    price: str | None,
    now_ms: int,
) -> None:
    """An order without a link id, as one of the web page: a quantity of base coin."""
    item = CreateItem(
        symbol=symbol,
        side=WireSide(fault.side),
        order_type=WireOrderType.MARKET if price is None else WireOrderType.LIMIT,
        qty=f"{fault.qty:f}",
        price=price,
        market_unit=WireMarketUnit.BASE if category is Category.SPOT and price is None else None,
    )
    create_order(account, category, item, now_ms)


def can_lose(call: RestCall, body: object) -> bool:
    """Whether a cancel is of an order that rests at a limit price, which can fill in its place."""
    assert isinstance(body, CancelOrderBody)
    settle(call.account, call.now_ms)
    try:
        record = find_order(call.account, category_of(body.category), body)
    except Rejection:
        return False
    return bool(record.link_id) and record.status in (VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED)


def lose_race(call: RestCall, body: CancelOrderBody) -> OrderAck:
    """POST order/cancel that is acknowledged and loses: the order fills at its price, and is told Filled twice."""
    account, category, now_ms = call.account, category_of(body.category), call.now_ms
    books = account.books(category)
    assert books is not None
    record = find_order(account, category, body)
    is_filled = books.venue.fill_resting(body.symbol, record.link_id, now_ms)
    assert is_filled, "an order that can_lose"
    Bookkeeper(account).tell(books, now_ms, commanded=body.symbol)
    account.listener(News((attrs.evolve(record, cancel_type="CancelByUser", reject_reason=_CANCEL_REFUSED),)))
    settle(account, now_ms)
    return OrderAck(record.order_id, record.shown_link_id)
