"""One time line for all markets of an account: the earliest event comes first, at equal times in the markets' order.

When one position's price can liquidate another, every point of every path is an event. Between two events all prices
move in straight lines, so equity less maintenance margin is a concave function of time: it reaches zero in between if
and only if it is at or below zero at the end, and it does so once. Bisection finds the millisecond.
"""

from collections.abc import Sequence

from actors.model.errors import InvariantError
from actors.simulator.margin.wallet import Wallet
from actors.simulator.matching.market import SymbolMarket
from actors.simulator.venue.reasons import EndReason

__all__ = ["Timeline"]


class Timeline:
    """Runs several markets as one: `next_time` and `advance` over all of them."""

    def __init__(self, markets: Sequence[SymbolMarket], wallet: Wallet) -> None:
        self._markets = markets
        self._wallet = wallet
        self._only = markets[0] if len(markets) == 1 else None
        self._has_tiers = any(market.has_tiers for market in markets)
        self._now_ms = 0
        self._shares = False
        if self._only is not None:
            self.next_time = self._only.next_time  # type: ignore[method-assign]

    def next_time(self) -> int | None:
        """Time of the next event (UTC ms); None when there is none left."""
        times = [time for market in self._markets if (time := market.next_time()) is not None]
        event_ms = min(times, default=None)
        if event_ms is None or not self._shares:
            return event_ms
        due_ms = self._liquidation_ms(event_ms)
        return event_ms if due_ms is None else due_ms

    def advance(self) -> tuple[SymbolMarket, int | None]:
        """Perform the next event; returns its market, and the bar's index if it is a published close, else None."""
        market = self._earliest()
        time_ms = market.next_time()
        assert time_ms is not None
        due_ms = self._liquidation_ms(time_ms) if self._shares else None
        if due_ms is not None:
            return self._liquidate(due_ms), None
        self.seek(time_ms)
        bar = market.advance()
        self.settle(time_ms)
        return market, bar

    def seek(self, now_ms: int) -> None:
        """Move all markets to `now_ms`."""
        if self._only is not None:
            return
        self._now_ms = now_ms
        for market in self._markets:
            if self._shares:
                market.stand_at(now_ms)
            else:
                market.seek(now_ms)

    def settle(self, now_ms: int) -> None:
        """After an event or request: update whether positions share their risk, and what that turns on or off."""
        if self._only is not None:
            return
        self._now_ms = now_ms
        shares = self._has_tiers and self._wallet.shares_risk
        if shares is not self._shares:
            self._shares = shares
            for market in self._markets:
                market.stand_at(now_ms)
                market.walk_all(is_on=shares)

    def _earliest(self) -> SymbolMarket:
        best: tuple[int, int] | None = None
        for index, market in enumerate(self._markets):
            time_ms = market.next_time()
            if time_ms is not None and (best is None or (time_ms, index) < best):
                best = (time_ms, index)
        if best is None:
            raise InvariantError("the markets have no further event")
        return self._markets[best[1]]

    def _liquidation_ms(self, event_ms: int) -> int | None:
        """The first millisecond, up to the next event, at which the account is liquidated; None if it is not.

        An instant is not split: all bars that open then open first.
        """
        if event_ms == self._now_ms:
            return None
        if self._surplus(self._now_ms) <= 0:
            return self._now_ms
        if self._surplus(event_ms) > 0:
            return None
        safe, due = self._now_ms, event_ms
        while due - safe > 1:
            middle = (safe + due) // 2
            if self._surplus(middle) > 0:
                safe = middle
            else:
                due = middle
        return due

    def _surplus(self, time_ms: int) -> int:
        return self._wallet.surplus([market.mark_at(time_ms) for market in self._markets])

    def _liquidate(self, time_ms: int) -> SymbolMarket:
        """Cancel all orders and liquidate the position with the largest loss; if needed the next follows at once."""
        self.seek(time_ms)
        for market in self._markets:
            market.cancel_all(time_ms, EndReason.LIQUIDATION)
        worst = min(
            (market for market in self._markets if market.account.position.qty),
            key=lambda market: market.account.unrealised(market.mark_price()),
        )
        worst.liquidate(time_ms)
        self.settle(time_ms)
        return worst
