"""Markets for the exchange's tests: bars of a chosen shape after a flat history."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from actors.bybit.server.market.listing import HISTORY_BARS, Listing, funding_of
from actors.bybit.server.trading.accounts import DEFAULT_ACCOUNT, AccountPlan
from actors.bybit.server.trading.exchange import LocalExchange
from actors.model.fixed import Money, Qty
from actors.model.order import Category
from actors.simulator.margin.wallet import on_common_money
from ideacards.feeds import Bars
from tests.actors.builders import an_instrument

START_MS = 1_700_000_040_000  # a whole minute
MINUTE_MS = 60_000
FLAT = (100, 100, 100, 100)
Row = tuple[float, float, float, float]


def bars_of(rows: Sequence[Row], history: int = HISTORY_BARS) -> Bars:
    """One-minute bars in cents: flat ones at the first open before START_MS, then the rows."""
    before = [(rows[0][0],) * 4] * history
    table = np.array([*before, *rows], dtype=np.float64)
    cents = np.rint(table * 100).astype(np.int64)
    prices = dict(zip(("open", "high", "low", "close"), cents.T, strict=True))
    times = START_MS + MINUTE_MS * np.arange(-history, len(rows))
    return Bars.of_columns("BTCUSDT", MINUTE_MS, 2, times, prices, np.full(len(times), 50.0))


def an_exchange(rows: Sequence[Row], *accounts: AccountPlan, **changes: Any) -> LocalExchange:
    """BTCUSDT linear and spot over the rows; prices in cents, quantities in thousandths."""
    bars = bars_of(rows)
    linear = an_instrument(**changes)
    spot = msgspec.structs.replace(linear, category="spot", tiers=(), max_leverage=1)
    spot = msgspec.structs.replace(spot, min_notional=Money(0), min_qty=Qty(1))
    one, other = on_common_money([linear, spot])
    listings = [
        Listing(Category.LINEAR, one, bars, HISTORY_BARS, 1, funding_of(one, 0, 0, 1)),
        Listing(Category.SPOT, other, bars, HISTORY_BARS, 2),
    ]
    return LocalExchange(listings, START_MS, accounts or (DEFAULT_ACCOUNT,))
