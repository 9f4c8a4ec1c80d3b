"""One time line for all markets of an account: the earliest event comes first, at equal times in the markets' order.

Where one position's liquidation hangs on another's price, every point of every path is an event, and after each the
guards of all positions are set anew: between two points of the paths the others' prices count as they were.
"""

from collections.abc import Sequence

from actors.model.errors import InvariantError
from actors.simulator.market import SymbolMarket
from actors.simulator.wallet import Wallet

__all__ = ["Timeline"]


class Timeline:
    """`next_time` and `advance` of several markets as of one."""

    def __init__(self, markets: Sequence[SymbolMarket], wallet: Wallet) -> None:
        self._markets = markets
        self._wallet = wallet
        self._only = markets[0] if len(markets) == 1 else None
        self._shared = False
        if self._only is not None:
            self.next_time = self._only.next_time  # type: ignore[method-assign]

    def next_time(self) -> int | None:
        """When the next event is (UTC ms); None when there is none left."""
        times = [time for market in self._markets if (time := market.next_time()) is not None]
        return min(times, default=None)

    def advance(self) -> tuple[SymbolMarket, int | None]:
        """Perform it; the market it belongs to, and the bar whose close it tells."""
        if self._only is not None:
            return self._only, self._only.advance()
        market = self._earliest()
        time_ms = market.next_time()
        assert time_ms is not None
        for other in self._markets:
            other.seek(time_ms)
        bar = market.advance()
        self._settle(time_ms)
        return market, bar

    def seek(self, now_ms: int) -> None:
        """All markets are as late as a request of `now_ms`."""
        if self._only is None:
            for market in self._markets:
                market.seek(now_ms)

    def _earliest(self) -> SymbolMarket:
        best: tuple[int, int] | None = None
        for index, market in enumerate(self._markets):
            time_ms = market.next_time()
            if time_ms is not None and (best is None or (time_ms, index) < best):
                best = (time_ms, index)
        if best is None:
            raise InvariantError("the markets have no further event")
        return self._markets[best[1]]

    def _settle(self, time_ms: int) -> None:
        """What the event means for the other markets: they are as late, and their guards stand elsewhere."""
        shares = self._wallet.shares_risk
        if not shares and not self._shared:
            return
        for market in self._markets:
            if market.agenda.walks_all is not shares:
                market.agenda.walks_all = shares
            market.stand_at(time_ms)
        for market in self._markets:
            market.guard_again()
        self._shared = shares
