"""A market's inputs besides its bars: finer data, other prices, funding, and its trading schedule."""

import attrs

from actors.simulator.margin.funding import Funding
from actors.simulator.prices.lines import PriceInputs
from actors.simulator.venue.schedule import ALWAYS, Schedule

__all__ = ["BARS_ALONE", "MarketInputs"]


@attrs.frozen(eq=False)
class MarketInputs:
    """Inputs of one symbol; `funding` is None where none is modelled."""

    data: PriceInputs = attrs.Factory(PriceInputs)
    funding: Funding | None = None
    schedule: Schedule = ALWAYS


BARS_ALONE = MarketInputs()
