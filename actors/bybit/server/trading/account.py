"""One account on the exchange: its derivatives and spot books, its orders and executions, and its settings.

The matching is the simulated venue's, one for each category, on prices that the account cannot move. What this adds is
what Bybit tells about it: ids, records of orders and executions, coins. Time only goes forward; every method that takes
`now_ms` (market time, UTC ms) first performs what the market did until then. News is what the private streams tell.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID

import attrs

from actors.bybit.server.market.dice import mixed
from actors.bybit.server.market.feed import PATH, SymbolFeed
from actors.bybit.server.market.listing import Listing
from actors.bybit.server.trading.accounts import AccountPlan
from actors.bybit.server.trading.records import ExecutionRecord, OrderRecord
from actors.bybit.server.trading.spot import SpotHoldings
from actors.model.fixed import Money, fixed_from_decimal
from actors.model.order import Category
from actors.model.position import FLAT, Position
from actors.simulator.config import MarginMode, PriceBand, VenueConfig
from actors.simulator.matching.market import MarketPlan, SymbolMarket
from actors.simulator.venue.limits import VenueRates
from actors.simulator.venue.venue import Venue

__all__ = ["MAX_RECORDS", "Books", "News", "TradingAccount"]

_NO_LIMIT = 100_000  # the server counts requests itself, by key and endpoint
_SPOT_MONEY = Decimal(10) ** 12  # the spot matching never lacks money: holdings are checked before
MAX_RECORDS = 50_000
"""Executions, and orders, that an account remembers; beyond it the oldest ended ones are forgotten."""


@attrs.frozen
class News:
    """What happened to the account at one moment, in the venue's order."""

    events: tuple[OrderRecord | ExecutionRecord, ...] = ()
    positions: tuple[str, ...] = ()  # linear symbols whose position or orders changed
    coins: tuple[str, ...] = ()  # coins whose balance changed


@attrs.frozen(eq=False)
class Books:
    """One category of the account."""

    category: Category
    venue: Venue
    listings: dict[str, Listing]

    def market(self, symbol: str) -> SymbolMarket:
        """Of one symbol."""
        return self.venue.markets[symbol]


_RATES = VenueRates(_NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT)


def _venue(
    listings: Sequence[Listing], money: Money, leverage: int, band: PriceBand, matching: VenueConfig | None = None
) -> Venue:
    if matching is not None:
        config = attrs.evolve(matching, leverage=leverage, start_equity=money, rates=_RATES)
    else:
        config = VenueConfig(
            path=PATH,
            limit_fill_ticks=0,
            drift_ticks_per_second=0,
            price_band=band,
            margin_mode=MarginMode.CROSS,
            leverage=leverage,
            start_equity=money,
            rates=_RATES,
        )
    plans = [MarketPlan(each.instrument, each.bars, each.start, len(each.bars), each.inputs()) for each in listings]
    return Venue(plans, config)


class TradingAccount:
    """`listings` of both categories count Money alike; `feeds` by category and symbol show their prices.

    `matching` says how derivatives fill, where they are to fill as in a back-test. While `is_held`, events of the
    market's present instant wait: a request of that instant comes before them.
    """

    def __init__(
        self,
        plan: AccountPlan,
        listings: Sequence[Listing],
        feeds: dict[tuple[Category, str], SymbolFeed],
        now_ms: int,
        matching: VenueConfig | None = None,
    ) -> None:
        self.plan = plan
        self.is_held = False
        self.feeds = feeds
        self.created_ms = now_ms
        instrument = listings[0].instrument
        self.money_digits = instrument.money_digits
        balances = dict(plan.balances)
        start = Money(fixed_from_decimal(balances.pop("USDT", Decimal(0)), self.money_digits))
        linear = [each for each in listings if each.category is Category.LINEAR]
        spot = [each for each in listings if each.category is Category.SPOT]
        self.linear = Books(
            Category.LINEAR,
            _venue(linear, Money(max(start, 1)), plan.leverage, PriceBand.REPRICE, matching),
            {each.symbol: each for each in linear},
        )
        spot_money = Money(fixed_from_decimal(_SPOT_MONEY, self.money_digits))
        self.spot = (
            Books(Category.SPOT, _venue(spot, spot_money, 1, PriceBand.REJECT), {each.symbol: each for each in spot})
            if spot
            else None
        )
        self.holdings = {each.symbol: SpotHoldings(each) for each in spot}
        for holding in self.holdings.values():
            held = balances.get(holding.listing.base_coin, Decimal(0))
            holding.base = fixed_from_decimal(held, holding.listing.instrument.qty_digits) * instrument.rate_one
        self._bands = {Category.LINEAR: PriceBand.REPRICE, Category.SPOT: PriceBand.REJECT}
        self.is_hedged: dict[str, bool] = {}
        self.orders: dict[str, OrderRecord] = {}  # by the id that clients see, oldest first
        self.open: dict[str, OrderRecord] = {}  # those of `orders` that have not ended
        self.by_link: dict[tuple[Category, str, str], OrderRecord] = {}  # by the matching's id
        self.by_number: dict[tuple[Category, str, str], OrderRecord] = {}  # by the matching's order id
        self.executions: list[ExecutionRecord] = []
        self.positions: dict[str, Position] = dict.fromkeys(self.linear.listings, FLAT)
        self.position_changed_ms: dict[str, int] = {}
        self.realised: dict[str, int] = dict.fromkeys(self.linear.listings, 0)  # of all time, less fees, in Money
        self.seq = 10**9
        self._numbers = 0
        self.listener: Callable[[News], None] = lambda news: None  # hears what the private streams tell

    @property
    def cash(self) -> Money:
        """The USDT that the account holds, in Money: paid in, realised, fees and funding, spot trades.

        The wallet of the matching is less what spot orders lock, so that derivatives cannot use it as margin.
        """
        return Money(self.linear.venue.wallet.balance + self.locked_cash)

    @property
    def locked_cash(self) -> int:
        """USDT that open spot buys lock, in Money."""
        return sum(holding.locked_cash for holding in self.holdings.values())

    @property
    def linear_band(self) -> PriceBand:
        """What happens to a derivatives limit price outside the band."""
        return self._bands[Category.LINEAR]

    def set_price_band(self, category: Category, band: PriceBand) -> None:
        """Move limit prices outside the band, or reject them."""
        self._bands[category] = band
        books = self.books(category)
        if books is not None:
            for market in books.venue.markets.values():
                market.set_price_band(band)

    def books(self, category: Category) -> Books | None:
        """The books of a category that is traded here."""
        return self.linear if category is Category.LINEAR else self.spot if category is Category.SPOT else None

    def free_cash(self, now_ms: int) -> int:
        """USDT that new orders may use: what margin and spot orders leave of it; in Money."""
        return self.linear.venue.equity_report(now_ms).available

    def next_number(self) -> int:
        """A number for a new order."""
        self._numbers += 1
        return self._numbers

    def wire_id(self, category: Category, number: int) -> str:
        """The id that clients see: a UUID, or for spot a decimal number."""
        if category is Category.SPOT:
            return str(1_600_000_000_000_000_000 + self.plan.uid * 1_000_000 + number)
        words = mixed(self.plan.uid, number), mixed(self.plan.uid, number, 1)
        return str(UUID(int=words[0] << 64 | words[1], version=4))

    def next_event_ms(self) -> int | None:
        """When the matching has something to do next."""
        times = [books.venue.next_time() for books in (self.linear, self.spot) if books is not None]
        return min((time for time in times if time is not None), default=None)

    def last_price(self, listing: Listing, now_ms: int) -> int:
        """The price displayed last."""
        return self.feeds[listing.category, listing.symbol].last(now_ms)
