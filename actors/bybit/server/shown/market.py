"""Market data in the wire's shape: tickers, candles, books, trades, instruments."""

from typing import Any

from actors.bybit.numbers import write_number
from actors.bybit.server.market.book import Level, SyntheticBook
from actors.bybit.server.market.feed import ShownCandle, SymbolFeed
from actors.bybit.server.market.listing import FUNDING_INTERVAL_MS, Listing
from actors.bybit.server.market.trades import PublicTrade
from actors.bybit.server.shown.texts import money_text, price_text, qty_text, ratio_text
from actors.bybit.wire.instruments import LeverageFilter, LotSizeFilter, PriceFilter, RiskParameters, WireInstrument
from actors.bybit.wire.market import CandleRow, PriceLevel, RecentTradeRow, WireTicker
from actors.bybit.wire.values import WireInstrumentStatus, WireSide
from actors.model.order import Category

__all__ = [
    "candle_row",
    "funding_rate_at",
    "instrument_row",
    "levels",
    "next_funding_ms",
    "ticker",
    "trade_row",
    "turnover_text",
    "volume_text",
]

_HOUR_MS = 3_600_000
_OPEN_INTEREST = 100_000  # in base coin: synthetic and constant
_MAX_PRICE = 1_999_999
_LAUNCH_MS = 1_585_526_400_000


def volume_text(listing: Listing, volume: float) -> str:
    """A volume in base coin, on the quantity grid."""
    return write_number(round(volume * 10**listing.instrument.qty_digits), listing.instrument.qty_digits)


def turnover_text(volume: float, price: float) -> str:
    """Volume by price in quote coin, to four decimals."""
    return write_number(round(volume * price * 10_000), 4)


def candle_row(listing: Listing, candle: ShownCandle) -> CandleRow:
    """Start, open, high, low, close, volume, turnover; the turnover at the mean of the four prices."""
    prices = (candle.open, candle.high, candle.low, candle.close)
    mean = sum(prices) / 4 / 10.0**listing.instrument.price_digits
    open_, high, low, close = (price_text(listing, price) for price in prices)
    volume = volume_text(listing, candle.volume)
    return str(candle.start_ms), open_, high, low, close, volume, turnover_text(candle.volume, mean)


def levels(listing: Listing, side: list[Level]) -> tuple[PriceLevel, ...]:
    """Price and size of each."""
    return tuple((price_text(listing, each.price), qty_text(listing, each.size)) for each in side)


def next_funding_ms(now_ms: int) -> int:
    """The next funding time after `now_ms`."""
    return (now_ms // FUNDING_INTERVAL_MS + 1) * FUNDING_INTERVAL_MS


def funding_rate_at(listing: Listing, time_ms: int) -> int:
    """The rate that is charged at a funding time; 0 where none is planned."""
    funding = listing.funding
    return dict(zip(funding.times_ms, funding.rates, strict=True)).get(time_ms, 0)


def ticker(feed: SymbolFeed, book: SyntheticBook, now_ms: int) -> WireTicker:
    """All fields of a snapshot. Mark and index are the last price."""
    listing = feed.listing
    last = feed.last(now_ms)
    first, high, low, volume, turnover = feed.day(now_ms)
    bids, asks = book.levels(now_ms, 1)
    last_text = price_text(listing, last)
    common: dict[str, Any] = {
        "symbol": listing.symbol,
        "last_price": last_text,
        "prev_price_24h": price_text(listing, first),
        "price_24h_pcnt": ratio_text(last - first, first, 6),
        "high_price_24h": price_text(listing, max(high, last)),
        "low_price_24h": price_text(listing, min(low, last)),
        "turnover_24h": write_number(round(turnover * 10_000), 4),
        "volume_24h": volume_text(listing, volume),
        "bid1_price": price_text(listing, bids[0].price),
        "bid1_size": qty_text(listing, bids[0].size),
        "ask1_price": price_text(listing, asks[0].price),
        "ask1_size": qty_text(listing, asks[0].size),
    }
    if listing.category is Category.SPOT:
        return WireTicker(**common, usd_index_price=last_text)
    funding_ms = next_funding_ms(now_ms)
    interest = write_number(_OPEN_INTEREST, 0)
    value = write_number(round(_OPEN_INTEREST * last / 10.0**listing.instrument.price_digits * 100), 2)
    return WireTicker(
        **common,
        index_price=last_text,
        mark_price=last_text,
        prev_price_1h=price_text(listing, feed.price_before(now_ms, _HOUR_MS)),
        open_interest=interest,
        open_interest_value=value,
        single_open_interest=interest,
        single_open_interest_value=value,
        funding_rate=write_number(funding_rate_at(listing, funding_ms), listing.instrument.rate_digits),
        next_funding_time=str(funding_ms),
        predicted_delivery_price="",
        basis_rate="",
        basis="",
        basis_rate_year="",
        delivery_fee_rate="",
        delivery_time=str(feed.delivery_ms),
        pre_open_price="",
        pre_qty="",
        cur_pre_listing_phase="",
        funding_interval_hour=str(FUNDING_INTERVAL_MS // _HOUR_MS),
        funding_cap="0.005",
        tick_direction="ZeroPlusTick",
    )


def trade_row(listing: Listing, trade: PublicTrade) -> RecentTradeRow:
    """As market/recent-trade shows it."""
    return RecentTradeRow(
        exec_id=trade.trade_id,
        symbol=listing.symbol,
        price=price_text(listing, trade.price),
        size=qty_text(listing, trade.size),
        side=WireSide.BUY if trade.is_buy else WireSide.SELL,
        time=str(trade.time_ms),
        is_block_trade=False,
        is_rpi_trade=False,
        seq=str(trade.seq),
    )


def instrument_row(listing: Listing, number: int) -> WireInstrument:
    """As market/instruments-info shows it; of a symbol that trades and is not announced to end."""
    instrument = listing.instrument
    band = RiskParameters(
        write_number(instrument.price_limit_ratio_x, instrument.rate_digits),
        write_number(instrument.price_limit_ratio_y, instrument.rate_digits),
    )
    tick, step = price_text(listing, instrument.tick), qty_text(listing, instrument.step)
    most, most_market = qty_text(listing, instrument.max_qty), qty_text(listing, instrument.max_market_qty)
    least, value = qty_text(listing, instrument.min_qty), money_text(listing, instrument.min_notional)
    common: dict[str, Any] = {
        "symbol": listing.symbol,
        "status": WireInstrumentStatus.TRADING,
        "base_coin": listing.base_coin,
        "quote_coin": listing.quote_coin,
        "symbol_id": number,
        "symbol_type": "",
        "risk_parameters": band,
    }
    if listing.category is Category.SPOT:
        return WireInstrument(
            **common,
            price_filter=PriceFilter(tick),
            lot_size_filter=LotSizeFilter(
                base_precision=step,
                quote_precision="0.0000001",
                min_order_qty=least,
                max_order_qty=most,
                min_order_amt=value,
                max_order_amt="8000000",
                max_limit_order_qty=most,
                max_market_order_qty=most_market,
                post_only_max_limit_order_size=most,
            ),
            innovation="0",
            margin_trading="none",
            st_tag="0",
            xstock_multiplier="",
        )
    return WireInstrument(
        **common,
        price_filter=PriceFilter(tick, tick, str(_MAX_PRICE)),
        lot_size_filter=LotSizeFilter(least, most, most_market, step, value, most),
        contract_type="LinearPerpetual",
        settle_coin=listing.quote_coin,
        launch_time=str(_LAUNCH_MS),
        delivery_time="0",
        delivery_fee_rate="",
        price_scale=str(instrument.price_digits),
        leverage_filter=LeverageFilter("1", str(instrument.max_leverage), "1"),
        unified_margin_trade=True,
        funding_interval=FUNDING_INTERVAL_MS // 60_000,
        copy_trading="none",
        upper_funding_rate="0.005",
        lower_funding_rate="-0.005",
        display_name="",
        forbid_upl_withdrawal=False,
        is_pre_listing=False,
        pre_listing_info=None,
    )
