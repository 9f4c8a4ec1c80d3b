"""Random small markets on coarse grids, as Hypothesis strategies.

Coarse, because engines break where numbers meet: a high exactly at a target, two averages exactly equal, a size exactly
at the minimum. A market is drawn as steps of one grid, so that a failing one shrinks to a few small numbers.
"""

from decimal import Decimal

from hypothesis import strategies as st

from tests.oracle.story import MINUTE_MS, Row, Story, rows_of

__all__ = ["markets", "stories"]

FIRST_PRICE = 100
FIRST_MS = 1_704_067_200_000  # 2024-01-01: bar files hold times of this century
STEPS = st.tuples(
    st.sampled_from([0, 0, 0, 1, -1, 3, -3]),  # open, from the last close
    st.sampled_from([0, 1, -1, 2, -2, 4, -4, 6, -6, 10, -10]),  # close, from the open
    st.integers(0, 6),  # how far the high stands above both
    st.integers(0, 6),  # how far the low stands below both
    st.sampled_from([0, 0, 0, 0, 1, 2]),  # bars missing before this one
)


@st.composite
def markets(draw: st.DrawFn) -> list[Row]:
    """16 to 40 bars of one minute around 100, on a grid of 0.1 to 1; fewer bars are missing than follow in a row."""
    grid = Decimal(draw(st.sampled_from(["0.1", "0.25", "0.5", "1"])))
    steps = draw(st.lists(STEPS, min_size=16, max_size=40))
    close, missing = Decimal(FIRST_PRICE), 0
    rows: list[Row] = []
    for index, (gap, move, above, below, hole) in enumerate(steps):
        opened = max(close + gap * grid, 10 * grid)
        close = max(opened + move * grid, 10 * grid)
        high, low = max(opened, close) + above * grid, min(opened, close) - below * grid
        if missing + hole < index // 3:  # one minute stays the most frequent distance
            missing += hole
        ((ts_ms, *_),) = rows_of([f"{opened}"], start_ms=FIRST_MS + MINUTE_MS * (index + missing))
        rows.append((ts_ms, f"{opened}", f"{high}", f"{low}", f"{close}"))
    return rows


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Short averages, coarse brackets, either side, any path."""
    percents = st.sampled_from(["1", None, "0.1", "0.5", "1.5", "2", "3"])
    return Story(
        fast=draw(st.sampled_from([1, 1, 2, 3])),
        slow=draw(st.sampled_from([3, 2, 4, 5])),
        warmup=draw(st.sampled_from([None, None, 0, 3, 6])),
        stop=draw(percents),
        target=draw(percents),
        notional=draw(st.sampled_from(["1000"] * 8 + ["333.3", "5", "0.05"])),
        path=draw(st.sampled_from(["nearest_extreme", "ohlc", "olhc"])),
        is_short=draw(st.booleans()),
    )
