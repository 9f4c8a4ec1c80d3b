"""Finer bars and trades inside a bar: they decide what is reached first, and at which price."""

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.model.order import TimeInForce
from actors.simulator.prices.finer import FinerBars, Trades
from actors.simulator.prices.path import PathPolicy
from ideacards.feeds import Bars
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import FLAT_BAR, Hand, px

POLICY = PathPolicy.NEAREST_EXTREME
SUB_MS = 15_000
WIDE = (100, 112, 90, 104)  # by the policy the low comes last of the extremes here
LOW_FIRST = [(100, 101, 90, 95), (95, 100, 95, 100), (100, 112, 100, 110), (110, 110, 104, 104)]
HIGH_FIRST = [(100, 112, 100, 110), (110, 110, 99, 100), (100, 100, 90, 95), (95, 104, 95, 104)]


def finer_bars(rows: Sequence[Sequence[float]], bar: int = 1, step_ms: int = SUB_MS) -> Bars:
    """Finer bars from the open of `bar` on."""
    names = ("open", "high", "low", "close")
    prices = {name: [px(row[at]) for row in rows] for at, name in enumerate(names)}
    times = [bar * MINUTE_MS + number * step_ms for number in range(len(rows))]
    return Bars.of_columns("BTCUSDT", step_ms, 2, times, prices, [1.0] * len(rows))


def held_through(rows: Sequence[Sequence[float]] | None) -> Hand:
    """One coin bought at 100 with a stop at 92 and a target at 110, then a wide bar."""
    hand = Hand(
        [FLAT_BAR, FLAT_BAR, WIDE, FLAT_BAR],
        finer=None if rows is None else lambda bars: FinerBars(bars, finer_bars(rows, bar=2), POLICY),
    )
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(92, 110)
    hand.finish()
    return hand


def test_finer_bars_say_which_level_was_met_first() -> None:
    assert held_through(LOW_FIRST).told()[1][2:] == (92, False, "stop_loss")
    assert held_through(HIGH_FIRST).told()[1][2:] == (110, False, "take_profit")


def test_the_fill_has_its_time_inside_the_finer_bar() -> None:
    fill = held_through(HIGH_FIRST).fills[1]
    assert 2 * MINUTE_MS < fill.time_ms < 2 * MINUTE_MS + SUB_MS


def test_a_jump_between_finer_bars_is_met_at_the_next_open() -> None:
    """91 is not traded on the way from 100 down to 90: the stop acts at 90."""
    jumping = [(100, 112, 100, 100), (90, 104, 90, 104)]
    hand = Hand(
        [FLAT_BAR, FLAT_BAR, WIDE],
        finer=lambda bars: FinerBars(bars, finer_bars(jumping, bar=2, step_ms=30_000), POLICY),
    )
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(91)
    hand.finish()
    assert hand.told()[1][2:] == (90, False, "stop_loss")


def test_bars_without_finer_ones_are_walked_by_the_policy() -> None:
    hand = Hand(
        [FLAT_BAR, WIDE, FLAT_BAR],
        finer=lambda bars: FinerBars(bars, finer_bars([FLAT_BAR] * 4, bar=0), POLICY),
    )
    plain = Hand([FLAT_BAR, WIDE, FLAT_BAR])
    for one in (hand, plain):
        one.buy(price=91)
        one.sell(price=111)
        one.finish()
    assert hand.told() == plain.told() != []


def trades(rows: Sequence[tuple[int, float]]) -> Callable[[Bars], Trades]:
    def made(bars: Bars) -> Trades:
        return Trades(bars, np.array([row[0] for row in rows]), np.array([px(row[1]) for row in rows]))

    return made


def test_trades_are_met_one_by_one_and_nothing_between_them() -> None:
    """A limit fills at its own price, a stop at the trade that is beyond it."""
    rows = [
        (MINUTE_MS + 5_000, 104.0),
        (MINUTE_MS + 9_000, 97.0),
        (MINUTE_MS + 30_000, 90.0),
        (MINUTE_MS + 40_000, 112.0),
    ]
    hand = Hand([FLAT_BAR, WIDE], finer=trades(rows))
    hand.buy(price=98)
    hand.sell(trigger=95, rise=False)
    hand.finish()
    assert [(fill.time_ms - MINUTE_MS, fill.price) for fill in hand.fills] == [(9_000, px(98)), (30_000, px(90))]


def test_what_arrives_inside_meets_the_last_trade() -> None:
    rows = [(MINUTE_MS + 5_000, 104.0), (MINUTE_MS + 9_000, 97.0)]
    hand = Hand([FLAT_BAR, WIDE], finer=trades(rows))
    hand.close()
    hand.buy(at_ms=MINUTE_MS + 6_000)
    assert (hand.until_fill().price, hand.fills[0].time_ms) == (px(104), MINUTE_MS + 6_000)


@given(st.lists(st.tuples(*[st.integers(80, 120)] * 4), min_size=4, max_size=4), st.sampled_from([91, 95, 99]))
def test_a_level_is_met_by_finer_bars_exactly_where_they_reach_it(rows: list[tuple[int, ...]], level: int) -> None:
    """An independent look: the first finer bar whose low is a tick below the level, whatever is inside it."""
    bars = [(row[0], max(row), min(row), row[3]) for row in rows]
    whole = (bars[0][0], max(bar[1] for bar in bars), min(bar[2] for bar in bars), bars[-1][3])
    hand = Hand([(100, 100, 100, bars[0][0]), whole], finer=lambda exec_: FinerBars(exec_, finer_bars(bars), POLICY))
    hand.close()
    hand.buy(price=level, time_in_force=TimeInForce.POST_ONLY)
    hand.finish()
    if whole[0] <= level:
        assert hand.fills == []
        return
    first = next((number for number, bar in enumerate(bars) if bar[2] < level), None)
    met = [(fill.time_ms - MINUTE_MS) // SUB_MS for fill in hand.fills]
    assert met == ([] if first is None else [first])
    assert all(fill.price == px(level) for fill in hand.fills)
