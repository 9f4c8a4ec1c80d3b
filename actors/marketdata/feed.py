"""How far one feed has come: a count of closed bars without holes, and who reads it."""

from actors.model.backend import BarRange
from runtime.messages import Ref

__all__ = ["Feed"]


class Feed:
    """Bars of one symbol and timeframe. `is_known` once its history has been read."""

    def __init__(self, symbol: str, timeframe_ms: int) -> None:
        self.symbol = symbol
        self.timeframe_ms = timeframe_ms
        self.stop = 0
        self.ts_close = 0
        self.readers: list[Ref] = []
        self.is_known = False
        self.question = 0  # the history under way; 0: none
        self.failures = 0

    def takes(self, bars: BarRange) -> tuple[int, int] | None:
        """The bars [start, stop) that are new in it; None where there are none. A hole before it is the caller's."""
        start = self.stop
        if bars.start > start or bars.stop <= start:
            return None
        self.stop, self.ts_close = bars.stop, bars.ts_close
        return start, bars.stop

    def leaves_a_hole(self, bars: BarRange) -> bool:
        """Whether bars before it are missing."""
        return bars.start > self.stop
