"""What the local exchange lists: symbols from bar files, or made from a seed.

Each linear symbol brings its grids from the instruments file. BTCUSDT is listed on spot too, over the same bars, with
the grids of `SPOT`: finer quantities and the venue's spot fees.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np

from actors.app.files.bars import read_bars
from actors.app.files.instruments import load_instrument
from actors.app.runs.synthetic import synthetic_bars
from actors.bybit.server.market.listing import HISTORY_BARS, Listing, funding_of, shifted
from actors.model.errors import InputError
from actors.model.fixed import Money, Qty, Rate, fixed_from_decimal
from actors.model.instrument import Instrument
from actors.model.order import Category
from actors.simulator.margin.funding import Funding
from actors.simulator.margin.wallet import on_common_money
from ideacards.errors import Problem
from ideacards.feeds import Bars

__all__ = ["SPOT_SYMBOL", "file_bars", "listings_of", "synthetic_market"]

SPOT_SYMBOL = "BTCUSDT"
_LEAST_RATE_DIGITS = 6  # a funding rate of 0.0001 % lies on the grid
_MADE_BARS = 4_320
_REPEATS = 16
_SPOT_STEP_DIGITS = 6
_SPOT_FEE = Decimal("0.001")
_SPOT_MOST = Decimal(83)


def synthetic_market(seed: int) -> dict[str, Bars]:
    """One-minute bars of BTCUSDT and ETHUSDT for three months: the same seed gives the same bars.

    A few days are made; after them the market goes back the way it came, and forth again.
    """
    bitcoin = _forth_and_back(synthetic_bars(seed, _MADE_BARS))
    other = _forth_and_back(synthetic_bars(seed + 1, _MADE_BARS, "ETHUSDT"))
    # A twentieth of a bitcoin: 60000.0 in tenths are 3000.00 in hundredths twice over.
    prices = {name: getattr(other, f"price_{name}") // 2 for name in ("open", "high", "low", "close")}
    ether = Bars.of_columns("ETHUSDT", other.timeframe_ms, 2, other.ts_open, prices, other.volume)
    return {"BTCUSDT": bitcoin, "ETHUSDT": ether}


def _forth_and_back(bars: Bars) -> Bars:
    """The bars, then the same in reverse, again and again, without a jump of the price in between."""
    forth = {name: getattr(bars, f"price_{name}") for name in ("open", "high", "low", "close")}
    back = {
        "open": forth["close"][::-1],
        "high": forth["high"][::-1],
        "low": forth["low"][::-1],
        "close": forth["open"][::-1],
    }
    prices = {name: np.tile(np.concatenate((forth[name], back[name])), _REPEATS) for name in forth}
    volume = np.tile(np.concatenate((bars.volume, bars.volume[::-1])), _REPEATS)
    times = int(bars.ts_open[0]) + bars.timeframe_ms * np.arange(len(volume))
    return Bars.of_columns(bars.symbol, bars.timeframe_ms, bars.price_digits, times, prices, volume)


def file_bars(
    given: Mapping[str, Path], instruments: Path | None = None, history: int = HISTORY_BARS
) -> dict[str, Bars]:
    """Bars by symbol, with as many decimals as tick or data need. Raises InputError."""
    found = {}
    for symbol, path in given.items():
        digits = load_instrument(symbol, 0, instruments).price_digits
        bars = read_bars(path, symbol, None, digits)
        if len(bars) < history + 2:
            what = f"has {len(bars)} bars; {history} go before the start, and some must come after it"
            raise InputError([Problem(str(path), None, None, "", what, "give a longer file")])
        found[symbol] = bars
    return found


def listings_of(
    market: Mapping[str, Bars],
    start_ms: int,
    seed: int,
    instruments: Path | None = None,
    *,
    history: int = HISTORY_BARS,
    is_plain: bool = False,
) -> list[Listing]:
    """Listings at the server's time; Money counts alike in all of them. Raises InputError.

    With `is_plain` linear symbols alone, without spread and funding.
    """
    bars: list[Bars] = []
    plain: list[Instrument] = []
    starts: list[int] = []
    for symbol, data in market.items():
        moved, start = shifted(data, start_ms, history)
        instrument = load_instrument(symbol, data.price_digits, instruments, least_rate_digits=_LEAST_RATE_DIGITS)
        bars.append(moved)
        plain.append(instrument)
        starts.append(start)
        if symbol == SPOT_SYMBOL and not is_plain:
            bars.append(moved)
            plain.append(_spot(instrument))
            starts.append(start)
    listings = []
    for number, (instrument, data, start) in enumerate(zip(on_common_money(plain), bars, starts, strict=True)):
        own_seed = seed * 1_000 + number
        category = Category(instrument.category)
        times = int(data.ts_open[0]), int(data.ts_close[-1])
        is_funded = category is Category.LINEAR and not is_plain
        funding = funding_of(instrument, *times, own_seed) if is_funded else Funding()
        listings.append(Listing(category, instrument, data, start, own_seed, funding, is_plain))
    return listings


def _spot(linear: Instrument) -> Instrument:
    """The spot symbol beside a linear one: quantities to a millionth, 0.1 % fees, no leverage."""
    digits = _SPOT_STEP_DIGITS
    fee = Rate(fixed_from_decimal(_SPOT_FEE, linear.rate_digits))
    factor = 10 ** (digits - linear.qty_digits)
    return msgspec.structs.replace(
        linear,
        category=Category.SPOT.value,
        qty_digits=digits,
        step=Qty(1),
        min_qty=Qty(1),
        max_qty=Qty(fixed_from_decimal(_SPOT_MOST, digits)),
        max_market_qty=Qty(fixed_from_decimal(_SPOT_MOST / 2, digits)),
        min_notional=Money(linear.min_notional * factor),
        maker_rate=fee,
        taker_rate=fee,
        max_leverage=1,
        tiers=(),
    )
