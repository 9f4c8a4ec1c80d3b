"""Which bars of a history's answer have closed. A frame says itself that its bar is closed; a history does not.

A venue's history ends with the bar that is still open, and our clock may be ahead of the venue's. So a bar out of a
history counts as closed only when the venue's clock has passed its close for certain.
"""

from typing import NamedTuple

from msgspec.structs import replace

from actors.model.backend import BarRange
from actors.model.venue_time import VenueTime

__all__ = ["ClosedPart", "closed_part"]


class ClosedPart(NamedTuple):
    """The bars that have closed for certain, and the close (UTC ms) that the others wait for; None: there are none."""

    bars: BarRange
    waits_for_ms: int | None


def closed_part(bars: BarRange, now: VenueTime) -> ClosedPart:
    """A range tells the close of its last bar alone: it is taken whole, or nothing of it."""
    if bars.start == bars.stop or now.is_past(bars.ts_close):
        return ClosedPart(bars, None)
    return ClosedPart(replace(bars, stop=bars.start, ts_close=0), bars.ts_close)
