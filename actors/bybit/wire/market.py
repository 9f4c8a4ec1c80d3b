"""Market data by REST: time, candles, tickers, trades, book, funding, limits. None of it is signed."""

from decimal import Decimal

from actors.bybit.wire.base import Wire
from actors.bybit.wire.values import WireCategory, WireInterval, WireMaintenanceState, WireSide

__all__ = [
    "CandleRow",
    "FeeGroupPage",
    "FeeGroupParams",
    "FeeGroupRow",
    "FeeLevel",
    "FeeLevels",
    "FundingPage",
    "FundingParams",
    "FundingRow",
    "KlinePage",
    "KlineParams",
    "Maintenance",
    "NoParams",
    "OpenInterestPage",
    "OpenInterestParams",
    "OpenInterestRow",
    "PriceCandleRow",
    "PriceKlinePage",
    "PriceLevel",
    "PriceLimit",
    "PriceLimitParams",
    "RecentTradePage",
    "RecentTradeParams",
    "RecentTradeRow",
    "RestBook",
    "RestBookParams",
    "RiskLimitPage",
    "RiskLimitParams",
    "RiskLimitRow",
    "ServerTimeResult",
    "SystemStatus",
    "TickerPage",
    "TickerParams",
    "WireTicker",
]

PriceLevel = tuple[str, str]
"""Price and size."""

CandleRow = tuple[str, str, str, str, str, str, str]
"""Start in UTC ms, open, high, low, close, volume (linear: base coin), turnover (linear: quote coin)."""

PriceCandleRow = tuple[str, str, str, str, str]
"""Start in UTC ms, open, high, low, close of a mark, index or premium price."""


class NoParams(Wire, frozen=True):
    """No query."""


class ServerTimeResult(Wire, frozen=True):
    """Result of market/time."""

    time_second: str
    time_nano: str


class KlineParams(Wire, frozen=True):
    """GET market/kline and its mark, index and premium kin: `start` and `end` in UTC ms, by candle start, inclusive."""

    symbol: str
    interval: WireInterval
    category: WireCategory | None = None
    start: int | None = None
    end: int | None = None
    limit: int | None = None


class KlinePage(Wire, frozen=True):
    """Result of market/kline, newest first; the newest may still be open."""

    symbol: str
    list: tuple[CandleRow, ...]
    category: WireCategory | None = None


class PriceKlinePage(Wire, frozen=True):
    """Result of the mark, index and premium candles, newest first."""

    symbol: str
    list: tuple[PriceCandleRow, ...]
    category: WireCategory | None = None


class TickerParams(Wire, frozen=True):
    """GET market/tickers; base coin and expiry are for options."""

    category: WireCategory
    symbol: str | None = None
    base_coin: str | None = None
    exp_date: str | None = None


class WireTicker(Wire, frozen=True):
    """Linear and spot fields in one shape; a stream delta holds only those that changed."""

    symbol: str
    last_price: str | None = None
    index_price: str | None = None
    mark_price: str | None = None
    prev_price_24h: str | None = None
    price_24h_pcnt: str | None = None
    high_price_24h: str | None = None
    low_price_24h: str | None = None
    prev_price_1h: str | None = None
    open_interest: str | None = None
    open_interest_value: str | None = None
    single_open_interest: str | None = None
    single_open_interest_value: str | None = None
    turnover_24h: str | None = None
    volume_24h: str | None = None
    funding_rate: str | None = None
    next_funding_time: str | None = None
    predicted_delivery_price: str | None = None
    basis_rate: str | None = None
    basis: str | None = None
    basis_rate_year: str | None = None
    delivery_fee_rate: str | None = None
    delivery_time: str | None = None
    ask1_size: str | None = None
    bid1_price: str | None = None
    ask1_price: str | None = None
    bid1_size: str | None = None
    pre_open_price: str | None = None
    pre_qty: str | None = None
    cur_pre_listing_phase: str | None = None
    funding_interval_hour: str | None = None
    funding_cap: str | None = None
    tick_direction: str | None = None
    usd_index_price: str | None = None


class TickerPage(Wire, frozen=True):
    """Result of market/tickers."""

    list: tuple[WireTicker, ...]
    category: WireCategory | None = None


class RestBookParams(Wire, frozen=True):
    """GET market/orderbook."""

    category: WireCategory
    symbol: str
    limit: int | None = None


class RestBook(Wire, frozen=True):
    """Result of market/orderbook, best first; `u` is that of the 1000-level stream. Times in UTC ms."""

    s: str
    b: tuple[PriceLevel, ...]
    a: tuple[PriceLevel, ...]
    u: int
    seq: int
    ts: int
    cts: int | None = None


class RecentTradeParams(Wire, frozen=True):
    """GET market/recent-trade."""

    category: WireCategory
    symbol: str | None = None
    limit: int | None = None


class RecentTradeRow(Wire, frozen=True):
    """A public trade; `side` is the taker's."""

    exec_id: str
    symbol: str
    price: str
    size: str
    side: WireSide
    time: str
    is_block_trade: bool | None = None
    is_rpi_trade: bool | None = None
    seq: str | None = None


class RecentTradePage(Wire, frozen=True):
    """Result of market/recent-trade."""

    list: tuple[RecentTradeRow, ...]
    category: WireCategory | None = None


class FundingParams(Wire, frozen=True):
    """GET market/funding/history: a start alone is an error. UTC ms."""

    category: WireCategory
    symbol: str
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None


class FundingRow(Wire, frozen=True):
    """The rate that was charged at a time (UTC ms)."""

    symbol: str
    funding_rate: str
    funding_rate_timestamp: str


class FundingPage(Wire, frozen=True):
    """Result of market/funding/history, newest first."""

    list: tuple[FundingRow, ...]
    category: WireCategory | None = None


class RiskLimitParams(Wire, frozen=True):
    """GET market/risk-limit."""

    category: WireCategory
    symbol: str | None = None
    cursor: str | None = None


class RiskLimitRow(Wire, frozen=True):
    """A risk tier. The two margin rates come as numbers or as text; their unit is to be checked live."""

    id: int
    symbol: str
    risk_limit_value: str
    maintenance_margin: Decimal
    initial_margin: Decimal
    is_lowest_risk: int | None = None
    max_leverage: str | None = None
    mm_deduction: str | None = None


class RiskLimitPage(Wire, frozen=True):
    """Result of market/risk-limit."""

    list: tuple[RiskLimitRow, ...]
    category: WireCategory | None = None
    next_page_cursor: str | None = None


class PriceLimitParams(Wire, frozen=True):
    """GET market/price-limit."""

    symbol: str
    category: WireCategory | None = None


class PriceLimit(Wire, frozen=True):
    """Highest price to buy and lowest to sell at, now."""

    symbol: str
    buy_lmt: str
    sell_lmt: str
    ts: str | None = None


class OpenInterestParams(Wire, frozen=True):
    """GET market/open-interest."""

    category: WireCategory
    symbol: str
    interval_time: str
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None
    cursor: str | None = None


class OpenInterestRow(Wire, frozen=True):
    """Open interest at a time (UTC ms)."""

    open_interest: str
    timestamp: str
    single_open_interest: str | None = None


class OpenInterestPage(Wire, frozen=True):
    """Result of market/open-interest."""

    symbol: str
    list: tuple[OpenInterestRow, ...]
    category: WireCategory | None = None
    next_page_cursor: str | None = None


class FeeGroupParams(Wire, frozen=True):
    """GET market/fee-group-info."""

    product_type: str
    group_id: str | None = None


class FeeLevel(Wire, frozen=True):
    """Rates of one level."""

    level: str
    taker_fee_rate: str | None = None
    maker_fee_rate: str | None = None
    maker_rebate: str | None = None


class FeeLevels(Wire, frozen=True):
    """Levels of professionals and market makers."""

    pro: tuple[FeeLevel, ...] | None = None
    market_maker: tuple[FeeLevel, ...] | None = None


class FeeGroupRow(Wire, frozen=True):
    """Symbols that share a fee table."""

    group_name: str
    symbols: tuple[str, ...]
    fee_rates: FeeLevels
    weighting_factor: int | None = None
    symbols_numbers: int | None = None
    group_id: str | int | None = None
    update_time: str | None = None


class FeeGroupPage(Wire, frozen=True):
    """Result of market/fee-group-info."""

    list: tuple[FeeGroupRow, ...]


class Maintenance(Wire, frozen=True):
    """An announced maintenance window in UTC ms.

    Service types: 1 trading, 2 trading REST, 3 trading socket, 4 private socket, 5 market data. Products: 1 futures,
    2 spot, 3 option, 4 spread.
    """

    id: str
    state: WireMaintenanceState
    begin: str
    end: str
    title: str | None = None
    href: str | None = None
    service_types: tuple[int, ...] | None = None
    product: tuple[int, ...] | None = None
    uid_suffix: tuple[int, ...] | None = None
    maintain_type: int | None = None
    env: int | None = None


class SystemStatus(Wire, frozen=True):
    """Result of system/status."""

    list: tuple[Maintenance, ...]
