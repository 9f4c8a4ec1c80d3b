"""Optional market data files: read, and checked against the bars and each other."""

from hashlib import blake2b
from pathlib import Path
from typing import Any

import attrs

from actors.app.files.finer import finer_bars, finer_trades
from actors.app.files.funding import FundingRates
from actors.app.files.lines import price_bars, quote_lines
from actors.app.files.status import read_status
from actors.model.errors import InputError
from actors.model.instrument import Instrument
from actors.simulator.inputs import MarketInputs
from actors.simulator.prices.lines import PriceInputs
from actors.simulator.prices.path import PathPolicy
from actors.simulator.venue.schedule import ALWAYS
from ideacards.errors import Problem
from ideacards.feeds import Bars

__all__ = ["NO_FILES", "MarketFiles", "market_inputs"]


@attrs.frozen
class MarketFiles:
    """The files, each optional; the options and a journal's header use the same names."""

    sub_bars: Path | None = None
    trades: Path | None = None
    quotes: Path | None = None
    mark: Path | None = None
    index: Path | None = None
    funding: Path | None = None
    status: Path | None = None

    def given(self) -> dict[str, Path]:
        """The given files, by name."""
        return {name: file for name, file in attrs.asdict(self).items() if file is not None}

    def facts(self) -> dict[str, Any]:
        """The path of each given file and a digest of its bytes."""
        facts: dict[str, Any] = {}
        for name, file in self.given().items():
            facts[name] = str(file.absolute())
            facts[f"{name}_digest"] = blake2b(file.read_bytes(), digest_size=16).hexdigest()
        return facts


NO_FILES = MarketFiles()


def market_inputs(
    files: MarketFiles, bars: Bars, instrument: Instrument, rates: FundingRates | None, policy: PathPolicy
) -> MarketInputs:
    """The market data of the run's bars; InputError for files that do not fit the bars or each other."""
    if files.sub_bars is not None and files.trades is not None:
        raise InputError([Problem("--trades", None, None, "", "goes without --sub-bars: one of them tells the way")])
    finer = None if files.sub_bars is None else finer_bars(files.sub_bars, bars, policy)
    trades = None if files.trades is None else finer_trades(files.trades, bars, instrument.qty_digits)
    ask, bid = (None, None) if files.quotes is None else quote_lines(files.quotes, bars)
    data = PriceInputs(
        finer=finer if trades is None else trades,
        mark=None if files.mark is None else price_bars(files.mark, bars),
        index=None if files.index is None else price_bars(files.index, bars),
        ask=ask,
        bid=bid,
        sizes=trades if trades is not None and trades.has_sizes else None,
    )
    schedule = ALWAYS if files.status is None else read_status(files.status)
    return MarketInputs(data, None if rates is None else rates.on(instrument), schedule)
