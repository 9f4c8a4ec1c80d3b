"""A venue's clock beside ours, exact in millionths of a nanosecond, and exchanges of times with it.

Independent of the estimator: it knows the true offset, and reveals only what a venue would.
"""

from typing import Any

import attrs
from hypothesis import strategies as st

from actors.clocksync.estimator import Sample

__all__ = ["MS", "Exchange", "TrueClock", "exchanges", "measured", "stories"]

MS = 1_000_000
MILLION = 1_000_000


@attrs.define
class TrueClock:
    """The venue's clock as a function of ours: it starts `offset_ns` ahead and runs at a rate that changes.

    `rates` are (our ns for which it holds, ppm by which the venue's clock is faster); the last one holds for ever.
    """

    offset_ns: int
    rates: list[tuple[int, int]] = attrs.field(factory=lambda: [(0, 0)])

    def offset_millionths(self, at_ns: int) -> int:
        """Venue's time less ours at our `at_ns`, in millionths of a ns."""
        left, total = at_ns, self.offset_ns * MILLION
        for place, (span_ns, ppm) in enumerate(self.rates):
            is_last = place == len(self.rates) - 1
            taken = left if is_last else min(left, span_ns)
            total += taken * ppm
            left -= taken
        return total

    def shows_ms(self, at_ns: int) -> int:
        """The stamp it gives at our `at_ns`, cut to the ms."""
        return (at_ns * MILLION + self.offset_millionths(at_ns)) // (MS * MILLION)

    def is_within(self, low_ns: int, high_ns: int, at_ns: int) -> bool:
        """Whether the true offset at our `at_ns` lies in that interval."""
        return low_ns * MILLION <= self.offset_millionths(at_ns) <= high_ns * MILLION


@attrs.frozen
class Exchange:
    """We wait, ask, the question is on its way, the answer is; a venue that lies adds `lie_ms` to its stamp."""

    wait_ns: int
    there_ns: int
    back_ns: int
    lie_ms: int = 0


def measured(clock: TrueClock, story: list[Exchange]) -> list[Sample]:
    """What we see of these exchanges, one after another from our time 0 on."""
    now_ns, samples = 0, []
    for exchange in story:
        sent_ns = now_ns + exchange.wait_ns
        stamped_ns = sent_ns + exchange.there_ns
        now_ns = stamped_ns + exchange.back_ns
        samples.append(Sample(sent_ns, clock.shows_ms(stamped_ns) + exchange.lie_ms, now_ns))
    return samples


DELAYS = st.one_of(st.integers(0, 5 * MS), st.integers(0, 5_000 * MS))


def exchanges(lies: Any = None) -> Any:
    """Exchanges with any delays, alike or not; honest ones unless told otherwise."""
    return st.builds(Exchange, st.integers(0, 60_000 * MS), DELAYS, DELAYS, st.just(0) if lies is None else lies)


@st.composite
def stories(draw: Any, drift_ppm: int) -> tuple[TrueClock, list[Exchange]]:
    """A clock that drifts by at most `drift_ppm`, now this way and now that, and up to twenty exchanges with it."""
    rate = st.integers(-drift_ppm, drift_ppm)
    rates = draw(st.lists(st.tuples(st.integers(0, 120_000 * MS), rate), min_size=1, max_size=5))
    clock = TrueClock(draw(st.integers(-(10**15), 2 * 10**18)), rates)
    return clock, draw(st.lists(exchanges(), min_size=1, max_size=20))
