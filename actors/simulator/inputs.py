"""What a market is told beside its bars: finer data and other prices, funding, and when it trades."""

import attrs

from actors.simulator.margin.funding import Funding
from actors.simulator.prices.lines import PriceInputs
from actors.simulator.venue.schedule import ALWAYS, Schedule

__all__ = ["BARS_ALONE", "MarketInputs"]


@attrs.frozen(eq=False)
class MarketInputs:
    """All of one symbol."""

    data: PriceInputs = attrs.Factory(PriceInputs)
    funding: Funding | None = None
    schedule: Schedule = ALWAYS


BARS_ALONE = MarketInputs()
