"""Leaders against the straight loop: every value at every exec bar, and every fill of a card that is led."""

from decimal import Decimal

import attrs
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from ideacards.feeds import Bars, Feeds
from tests.actors.builders import an_instrument
from tests.ideacards.led import FEW_FEATURES, LEADER, MAX_AGE, a_led_card, led_markets
from tests.oracle.leader_loop import Bar, LedFill, LedView, fills_of, views_of

CARD = a_led_card()
SEEDS = st.integers(0, 2**31)


def rows_of(bars: Bars) -> list[Bar]:
    columns = (bars.ts_open, bars.open, bars.high, bars.low, bars.close)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def told(own: Bars, leader: Bars) -> list[LedView]:
    return views_of(
        rows_of(own), rows_of(leader), bar_ms=60_000, length=4, slow_ms=300_000, slow_length=3, ratios=6
    )  # fmt: skip


def alike(column: np.ndarray, expected: list[float | None]) -> None:
    numbers = np.array([np.nan if value is None else value for value in expected])
    np.testing.assert_allclose(column, numbers, rtol=1e-12, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(2, 150))
def test_every_value_is_the_straight_loops(seed: int, count: int) -> None:
    own, leader = led_markets(count, seed)
    feeds, views = Feeds.build(CARD, own, {LEADER: leader}), told(own, leader)
    alike(feeds.column("BTCUSDT.close"), [view.close for view in views])
    alike(feeds.column("average"), [view.average for view in views])
    alike(feeds.column("strength"), [view.strength for view in views])
    fresh = [view.slow if view.age is not None and view.age <= MAX_AGE else None for view in views]
    alike(feeds.column("slow"), fresh)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(60, 200), st.booleans())
def test_every_fill_is_the_straight_loops(seed: int, count: int, every_bar: bool) -> None:
    own, leader = led_markets(count, seed)
    card = a_led_card(features=FEW_FEATURES, account="account: {equity: 1000000}")
    chosen = attrs.evolve(load_settings("simulator"), every_bar=every_bar)
    tape = run_backtest(card, own, an_instrument(symbol="ETHUSDT"), chosen, leaders={LEADER: leader})
    expected = fills_of(rows_of(own), told(own, leader), max_age=MAX_AGE)
    assert [LedFill(one.bar, one.side, float(one.price)) for one in tape.fills] == expected
    assert all(one.qty == Decimal(1) for one in tape.fills)
