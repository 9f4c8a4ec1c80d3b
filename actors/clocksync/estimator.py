"""Estimates the offset of the venue's clock from a window of time exchanges. Pure arithmetic in whole nanoseconds.

The venue's timestamp was taken between our sending and our receiving, so one exchange bounds the offset from both
sides, however the round trip is split between the two ways (Cristian's method, with bounds instead of a midpoint).
Clocks drift apart, so a bound widens with its age. The window's bound is the intersection of its exchanges' bounds,
allowing for one wrong exchange (Marzullo's idea, by order statistics): at least one of the two largest lower bounds is
right, so the second largest never exceeds the true offset; the same holds for the upper bounds.

If more than one exchange contradicts the others, the venue's clock has stepped, or ours has stopped for a while (a
suspended machine). The estimate then restarts from the newest exchanges that agree.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum

import attrs

__all__ = ["AGREEING", "Estimator", "Finding", "OffsetBound", "Sample"]

AGREEING = 3  # exchanges that a first estimate, and one after a step, rests on: one of them may be wrong
_WINDOW = 8
_NS_PER_MS = 1_000_000
_MILLION = 1_000_000


@attrs.frozen
class Sample:
    """One exchange: sent and received in ns of our monotonic time, the venue's timestamp in whole UTC ms, cut off."""

    sent_ns: int
    server_ms: int
    received_ns: int

    @property
    def bound(self) -> "OffsetBound":
        """The bound it puts on the offset; ValueError if it was received before it was sent."""
        if self.received_ns < self.sent_ns:
            raise ValueError(f"received {self.sent_ns - self.received_ns} ns before it was sent")
        stamp_ns = self.server_ms * _NS_PER_MS
        return OffsetBound(stamp_ns - self.received_ns, stamp_ns + _NS_PER_MS - self.sent_ns, self.sent_ns)


@attrs.frozen
class OffsetBound:
    """The venue's UTC less our monotonic time lies within [low_ns, high_ns], as of our time `at_ns`."""

    low_ns: int
    high_ns: int
    at_ns: int

    @property
    def offset_ns(self) -> int:
        """The offset in ns: the middle of the bound."""
        return (self.low_ns + self.high_ns) // 2

    @property
    def error_ns(self) -> int:
        """The largest distance in ns of the true offset from `offset_ns`."""
        return self.high_ns - self.offset_ns

    def aged(self, now_ns: int, drift_ppm: int) -> "OffsetBound":
        """This bound at `now_ns`, wider by `drift_ppm` millionths of the time since, rounded up."""
        drift_ns = -(-(now_ns - self.at_ns) * drift_ppm // _MILLION)
        return OffsetBound(self.low_ns - drift_ns, self.high_ns + drift_ns, now_ns)

    def meets(self, other: "OffsetBound") -> bool:
        """Whether both bounds can be true; they must be of the same time."""
        return self.low_ns <= other.high_ns and other.low_ns <= self.high_ns


class Finding(StrEnum):
    """How an exchange compares with the others."""

    AGREES = "agrees"
    DOUBTFUL = "doubtful"  # contradicts the others; ignored while it is the only one
    STEPPED = "stepped"  # more than one contradict the others: the offset has jumped


class Estimator:
    """`drift_ppm` bounds how fast the clocks drift apart; `prior` is the offset known before a restart, or None."""

    def __init__(self, drift_ppm: int, prior: OffsetBound | None = None) -> None:
        self._drift_ppm = drift_ppm
        self._prior = prior
        self._window: deque[OffsetBound] = deque(maxlen=_WINDOW)

    @property
    def is_settled(self) -> bool:
        """Whether enough exchanges agree, or the prior is confirmed by one."""
        return len(self._window) >= (AGREEING if self._prior is None else 1)

    def add(self, sample: Sample) -> Finding:
        """Add the newest exchange, and say how it compares with the others."""
        now_ns = sample.received_ns
        self._window.append(sample.bound)
        bound = self._bound(now_ns)
        if bound is None:
            self._start_anew(now_ns)
            return Finding.STEPPED
        is_doubtful = not self._window[-1].aged(now_ns, self._drift_ppm).meets(bound)
        return Finding.DOUBTFUL if is_doubtful else Finding.AGREES

    def at(self, now_ns: int) -> OffsetBound:
        """The bound of the offset at `now_ns` (not before the newest exchange); one exchange must have been added."""
        bound = self._bound(now_ns)
        assert bound is not None, "bounds that agreed once only loosen with time"
        return bound

    def _bound(self, now_ns: int) -> OffsetBound | None:
        """The window's bound at `now_ns`; None if more than one exchange, or the prior, contradicts the others."""
        bounds = self._aged(self._window, now_ns)
        spared = 1 if len(bounds) >= AGREEING else 0
        low_ns = sorted((bound.low_ns for bound in bounds), reverse=True)[spared]
        high_ns = sorted(bound.high_ns for bound in bounds)[spared]
        if self._prior is not None:
            prior = self._prior.aged(now_ns, self._drift_ppm)
            low_ns, high_ns = max(low_ns, prior.low_ns), min(high_ns, prior.high_ns)
        return None if low_ns > high_ns else OffsetBound(low_ns, high_ns, now_ns)

    def _start_anew(self, now_ns: int) -> None:
        """Forget the prior, and keep only the newest exchanges that agree."""
        kept: list[OffsetBound] = []
        for bound in self._aged(reversed(self._window), now_ns):
            if not all(bound.meets(other) for other in kept):
                break
            kept.append(bound)
        self._prior = None
        newest = list(self._window)[-len(kept) :]
        self._window.clear()
        self._window.extend(newest)

    def _aged(self, bounds: Iterable[OffsetBound], now_ns: int) -> list[OffsetBound]:
        return [bound.aged(now_ns, self._drift_ppm) for bound in bounds]
