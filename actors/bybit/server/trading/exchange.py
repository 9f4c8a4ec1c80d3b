"""The exchange as a whole: what is listed, who trades, and the one time that all of it is at."""

from collections.abc import Iterable, Sequence

from actors.bybit.server.market.book import SyntheticBook
from actors.bybit.server.market.feed import SymbolFeed
from actors.bybit.server.market.listing import Listing
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.accounts import DEFAULT_ACCOUNT, AccountPlan
from actors.bybit.server.trading.bookkeeping import perform_next, settle
from actors.bybit.server.trading.rejection import parameter_error
from actors.model.errors import ConfigurationError
from actors.model.order import Category
from actors.simulator.config import VenueConfig
from actors.simulator.venue.schedule import Schedule, TradingStatus

__all__ = ["LocalExchange"]


class LocalExchange:
    """Accounts by API key. `advance_to` must be called with times that never go back.

    ConfigurationError: no linear symbol is listed, or two accounts share a key or a user id.
    """

    def __init__(
        self,
        listings: Sequence[Listing],
        start_ms: int,
        accounts: Iterable[AccountPlan] = (DEFAULT_ACCOUNT,),
        matching: VenueConfig | None = None,
    ) -> None:
        if not any(each.category is Category.LINEAR for each in listings):
            raise ConfigurationError("the local exchange needs a linear symbol")
        plans = tuple(accounts)
        for name in ("key", "uid"):
            if len({getattr(plan, name) for plan in plans}) < len(plans):
                raise ConfigurationError(f"each account needs a {name} of its own")
        self.listings = {(each.category, each.symbol): each for each in listings}
        self.feeds = {key: SymbolFeed(listing) for key, listing in self.listings.items()}
        self.books = {key: SyntheticBook(feed) for key, feed in self.feeds.items()}
        self.accounts = {plan.key: TradingAccount(plan, listings, self.feeds, start_ms, matching) for plan in plans}
        self.start_ms = start_ms
        self.end_ms = max(int(each.bars.ts_close[-1]) for each in listings)

    def advance_to(self, now_ms: int) -> None:
        """Let the market do all that it does up to `now_ms` (market time, UTC ms)."""
        for account in self.accounts.values():
            settle(account, now_ms)

    def hold(self) -> None:
        """Let events of the present instant wait for `perform_next` from now on."""
        for account in self.accounts.values():
            account.is_held = True

    def perform_next(self) -> bool:
        """Perform the earliest event of any account alone; whether it was the close of a bar."""
        due = [(time_ms, key) for key, each in self.accounts.items() if (time_ms := each.next_event_ms()) is not None]
        return perform_next(self.accounts[min(due)[1]])

    def delist(self, symbol: str, now_ms: int, delivery_ms: int) -> None:
        """Announce the end of a linear symbol: closing orders alone from now on, settlement at the mark then.

        Raises Rejection for a symbol that is not linear.
        """
        feed = self.feeds.get((Category.LINEAR, symbol))
        if feed is None:
            raise parameter_error(f"{symbol} is not a linear symbol")
        self.advance_to(now_ms)
        feed.delivery_ms = delivery_ms
        schedule = Schedule((now_ms, delivery_ms), (TradingStatus.CLOSING_ONLY, TradingStatus.DELISTED))
        for account in self.accounts.values():
            account.linear.venue.set_schedule(symbol, schedule)

    def next_event_ms(self) -> int | None:
        """When the matching of any account has something to do next."""
        times = [account.next_event_ms() for account in self.accounts.values()]
        return min((time for time in times if time is not None), default=None)
