"""Public endpoints: time, candles, tickers, books, trades, instruments, funding, limits."""

from bisect import bisect_left, bisect_right
from decimal import Decimal

import msgspec

from actors.bybit.numbers import write_number
from actors.bybit.server.market.book import MAX_DEPTH
from actors.bybit.server.market.listing import Listing
from actors.bybit.server.market.trades import recent_trades
from actors.bybit.server.rest.call import RestCall, page, traded
from actors.bybit.server.shown.market import candle_row, instrument_row, levels, ticker, trade_row
from actors.bybit.server.shown.texts import money_text, price_text
from actors.bybit.server.trading.rejection import parameter_error
from actors.bybit.wire import instruments, market
from actors.bybit.wire.values import WireCategory, WireInstrumentStatus, WireInterval
from actors.model.order import Category, Side
from actors.simulator.venue.checks import price_limit

__all__ = ["INTERVALS_MS"]

_MINUTE_MS = 60_000
INTERVALS_MS = {each: int(each) * _MINUTE_MS for each in WireInterval if each.isdigit()} | {
    WireInterval.DAY: 1_440 * _MINUTE_MS,
    WireInterval.WEEK: 7 * 1_440 * _MINUTE_MS,
    WireInterval.MONTH: 30 * 1_440 * _MINUTE_MS,
}
_MAX_CANDLES, _MAX_TRADES = 1000, {Category.SPOT: 60, Category.LINEAR: 1000}


def server_time(call: RestCall, params: market.NoParams) -> market.ServerTimeResult:
    """GET market/time."""
    return market.ServerTimeResult(str(call.wall_ms // 1000), str(call.wall_ms * 1_000_000))


def _candles(call: RestCall, params: market.KlineParams) -> tuple[Listing, list[market.CandleRow]]:
    """Newest first. `start` alone begins at `start`; neither gives the newest; `end` alone ends there."""
    (listing,) = call.listings(params.category, params.symbol)
    interval_ms = INTERVALS_MS[params.interval]
    limit = _limit(params.limit, 200, _MAX_CANDLES)
    feed = call.exchange.feeds[listing.category, listing.symbol]
    if interval_ms < listing.bars.timeframe_ms:
        raise parameter_error(f"interval {params.interval} is finer than the bars that are replayed")
    last_ms = call.now_ms if params.end is None else min(params.end, call.now_ms)
    first_ms = last_ms - interval_ms * (limit - 1) - interval_ms + 1 if params.start is None else params.start
    found = feed.candles(interval_ms, first_ms, last_ms, call.now_ms)
    kept = found[:limit] if params.start is not None and params.end is None else found[-limit:]
    return listing, [candle_row(listing, each) for each in reversed(kept)]


def kline(call: RestCall, params: market.KlineParams) -> market.KlinePage:
    """GET market/kline."""
    if params.category is not None and not traded(params.category):
        return market.KlinePage(params.symbol, (), params.category)
    _, rows = _candles(call, params)
    return market.KlinePage(params.symbol, tuple(rows), params.category or WireCategory.LINEAR)


def price_kline(call: RestCall, params: market.KlineParams) -> market.PriceKlinePage:
    """GET market/mark-price-kline and index-price-kline: mark and index are the last price here."""
    if params.category is not None and not traded(params.category):
        return market.PriceKlinePage(params.symbol, (), params.category)
    _, rows = _candles(call, params)
    shown = tuple((row[0], row[1], row[2], row[3], row[4]) for row in rows)
    return market.PriceKlinePage(params.symbol, shown, params.category or WireCategory.LINEAR)


def premium_kline(call: RestCall, params: market.KlineParams) -> market.PriceKlinePage:
    """GET market/premium-index-price-kline: there is no premium here."""
    if params.category is not None and not traded(params.category):
        return market.PriceKlinePage(params.symbol, (), params.category)
    _, rows = _candles(call, params)
    return market.PriceKlinePage(
        params.symbol, tuple((row[0], "0", "0", "0", "0") for row in rows), params.category or WireCategory.LINEAR
    )


def instruments_info(call: RestCall, params: instruments.InstrumentsParams) -> instruments.InstrumentPage:
    """GET market/instruments-info: everything here trades, until it is delisted."""
    if not traded(params.category):
        return instruments.InstrumentPage((), params.category, "")
    listed = call.listings(params.category, params.symbol)
    numbers = {key: number for number, key in enumerate(call.exchange.listings, start=1)}
    rows = []
    for each in listed:
        key = each.category, each.symbol
        delivery_ms = call.exchange.feeds[key].delivery_ms
        is_over = 0 < delivery_ms <= call.now_ms
        status = WireInstrumentStatus.CLOSED if is_over else WireInstrumentStatus.TRADING
        if status is (params.status or WireInstrumentStatus.TRADING) and params.base_coin in (None, each.base_coin):
            row = instrument_row(each, numbers[key])
            if delivery_ms:
                row = msgspec.structs.replace(row, status=status, delivery_time=str(delivery_ms))
            rows.append(row)
    is_linear = params.category is WireCategory.LINEAR
    shown, cursor = page(rows[::-1], params.cursor, _limit(params.limit, 500, 1000), f"instruments {params.category}")
    return instruments.InstrumentPage(tuple(shown), params.category, cursor if is_linear else None)


def tickers(call: RestCall, params: market.TickerParams) -> market.TickerPage:
    """GET market/tickers."""
    exchange = call.exchange
    rows = tuple(
        ticker(exchange.feeds[each.category, each.symbol], exchange.books[each.category, each.symbol], call.now_ms)
        for each in call.listings(params.category, params.symbol)
    )
    return market.TickerPage(rows, params.category)


def orderbook(call: RestCall, params: market.RestBookParams) -> market.RestBook:
    """GET market/orderbook: one bid and ask of spot, twenty-five of linear, unless `limit` says otherwise."""
    if not traded(params.category):
        return market.RestBook(params.symbol, (), (), 0, 0, call.wall_ms, call.now_ms)
    (listing,) = call.listings(params.category, params.symbol)
    default = 1 if params.category is WireCategory.SPOT else 25
    depth = _limit(params.limit, default, MAX_DEPTH)
    bids, asks = call.exchange.books[listing.category, listing.symbol].levels(call.now_ms, depth)
    u = call.now_ms // 200 - call.exchange.start_ms // 200 + 2
    return market.RestBook(
        listing.symbol, levels(listing, bids), levels(listing, asks), u, call.now_ms, call.wall_ms, call.now_ms
    )


def recent_trade(call: RestCall, params: market.RecentTradeParams) -> market.RecentTradePage:
    """GET market/recent-trade, newest first."""
    if not traded(params.category):
        return market.RecentTradePage((), params.category)
    if params.symbol is None:
        raise parameter_error("symbol is required")
    (listing,) = call.listings(params.category, params.symbol)
    most = _MAX_TRADES[listing.category]
    count = _limit(params.limit, min(500, most), most)
    feed = call.exchange.feeds[listing.category, listing.symbol]
    return market.RecentTradePage(
        tuple(trade_row(listing, each) for each in recent_trades(feed, call.now_ms, count)), params.category
    )


def funding_history(call: RestCall, params: market.FundingParams) -> market.FundingPage:
    """GET market/funding/history, newest first; a start without an end is refused."""
    if params.start_time is not None and params.end_time is None:
        raise parameter_error("startTime without endTime")
    if params.category is not WireCategory.LINEAR:
        return market.FundingPage((), params.category)
    (listing,) = call.listings(params.category, params.symbol)
    funding = listing.funding
    stop = bisect_right(funding.times_ms, min(call.now_ms, params.end_time or call.now_ms))
    start = bisect_left(funding.times_ms, params.start_time or 0)
    first = max(start, stop - _limit(params.limit, 200, 200))
    digits = listing.instrument.rate_digits
    rows = tuple(
        market.FundingRow(listing.symbol, write_number(funding.rates[at], digits), str(funding.times_ms[at]))
        for at in range(stop - 1, first - 1, -1)
    )
    return market.FundingPage(rows, params.category)


def risk_limit(call: RestCall, params: market.RiskLimitParams) -> market.RiskLimitPage:
    """GET market/risk-limit: rates as fractions."""
    if params.category is not WireCategory.LINEAR:
        return market.RiskLimitPage((), params.category, "")
    rows = []
    for listing in call.listings(params.category, params.symbol):
        digits = listing.instrument.rate_digits
        for number, tier in enumerate(listing.instrument.tiers, start=1):
            rows.append(
                market.RiskLimitRow(
                    number,
                    listing.symbol,
                    money_text(listing, tier.limit),
                    Decimal(write_number(tier.maintenance_margin_rate, digits)),
                    Decimal(1) / tier.max_leverage,
                    int(number == 1),
                    str(tier.max_leverage),
                    money_text(listing, tier.deduction),
                )
            )
    return market.RiskLimitPage(tuple(rows), params.category, "")


def price_limits(call: RestCall, params: market.PriceLimitParams) -> market.PriceLimit:
    """GET market/price-limit. Raises Rejection (10001) for a category without books."""
    if params.category is not None and not traded(params.category):
        raise parameter_error("Symbol Is Invalid")
    (listing,) = call.listings(params.category, params.symbol)
    last = call.exchange.feeds[listing.category, listing.symbol].last(call.now_ms)
    highest = price_limit(Side.BUY, last, listing.instrument)
    lowest = price_limit(Side.SELL, last, listing.instrument)
    return market.PriceLimit(
        listing.symbol, price_text(listing, highest), price_text(listing, lowest), str(call.wall_ms)
    )


def open_interest(call: RestCall, params: market.OpenInterestParams) -> market.OpenInterestPage:
    """GET market/open-interest: synthetic and constant."""
    if params.category is not WireCategory.LINEAR:
        return market.OpenInterestPage(params.symbol, (), params.category, "")
    call.listings(params.category, params.symbol)
    row = market.OpenInterestRow("100000", str(call.now_ms // _MINUTE_MS * _MINUTE_MS), "100000")
    return market.OpenInterestPage(params.symbol, (row,), params.category, "")


def system_status(call: RestCall, params: market.NoParams) -> market.SystemStatus:
    """GET system/status: no maintenance is announced."""
    return market.SystemStatus(())


def _limit(given: int | None, default: int, most: int) -> int:
    """Rows of a page. Raises Rejection (10001) for a number outside 1..most."""
    if given is None:
        return default
    if not 1 <= given <= most:
        raise parameter_error(f"limit must be 1 to {most}")
    return given
