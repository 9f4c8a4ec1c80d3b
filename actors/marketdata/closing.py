"""Which bars of a history answer have closed. A frame states that its bar is closed; a history does not.

A venue's history ends with the bar that is still open, and our clock may be ahead of the venue's. So a bar from a
history counts as closed only once the venue's clock has passed its close for certain.
"""

from typing import NamedTuple

from msgspec.structs import replace

from actors.model.backend import ClosedBars
from actors.model.venue_time import VenueTime

__all__ = ["ClosedPart", "closed_part"]


class ClosedPart(NamedTuple):
    """The bars that have certainly closed, and the close (UTC ms) of the first that has not; None: all have."""

    bars: ClosedBars
    waits_for_ms: int | None


def closed_part(bars: ClosedBars, now: VenueTime) -> ClosedPart:
    """Split an answer by the venue's time; a range without values is kept or dropped whole, by its last close."""
    if (bars.start == bars.stop and not bars.candles) or now.is_past(bars.ts_close):
        return ClosedPart(bars, None)
    closed = tuple(candle for candle in bars.candles if now.is_past(candle.ts_open + bars.timeframe_ms))
    ts_close = closed[-1].ts_open + bars.timeframe_ms if closed else 0
    waits_for_ms = bars.candles[len(closed)].ts_open + bars.timeframe_ms if bars.candles else bars.ts_close
    return ClosedPart(replace(bars, stop=bars.start, ts_close=ts_close, candles=closed), waits_for_ms)
