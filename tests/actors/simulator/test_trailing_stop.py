"""The trailing stop: directed stories, and random markets against a walk of every tick."""

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.backend import SetTradingStop
from actors.model.result import VenueCode
from actors.simulator.matching.trailing import Trail
from actors.simulator.prices.finer import FinerBars
from actors.simulator.prices.lines import PriceInputs
from actors.simulator.prices.path import PathPolicy
from ideacards.feeds import WakeSet, first_in_trail
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, px

Row = tuple[int, int, int, int]


def test_it_follows_the_best_price_and_acts_at_the_distance() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 100, 110), (110, 120, 116, 120), (120, 120, 100, 100)])
    hand.buy()
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 115, False, "trailing_stop")
    assert hand.held == 0


def test_a_short_trails_from_below() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 90, 90), (90, 91, 80, 91)])
    hand.sell()
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    assert hand.told()[1] == ("buy", 1, 85, False, "trailing_stop")


def test_the_way_inside_a_bar_decides() -> None:
    """High first, the fall from it meets the stop; low first, the bar ends above it."""
    for policy, told in ((PathPolicy.OHLC, [105]), (PathPolicy.OLHC, [])):
        hand = Hand([FLAT_BAR, FLAT_BAR, (100, 110, 96, 108)], path=policy)
        hand.buy()
        hand.until_fill()
        hand.trail(5)
        hand.finish()
        assert [fill.price for fill in hand.fills[1:]] == [px(price) for price in told]


def test_a_gap_beyond_it_fills_at_the_open() -> None:
    hand = Hand([FLAT_BAR, (100, 104, 100, 104), (90, 90, 90, 90)])
    hand.buy()
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 90, False, "trailing_stop")


def test_it_waits_for_its_activation_price() -> None:
    hand = Hand([FLAT_BAR, (100, 104, 90, 100), (100, 107, 100, 107), (107, 107, 101, 101)])
    hand.buy()
    hand.until_fill()
    hand.trail(5, active=106)
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 102, False, "trailing_stop")


def test_it_is_reported_moved_removed_and_gone_with_the_position() -> None:
    hand = Hand([FLAT_BAR] * 5)
    hand.buy()
    hand.until_fill()
    hand.trail(5, stop_loss=90)
    report = hand.venue.position_report()
    assert (report.trailing_stop, report.stop_loss) == (px(5), px(90))
    assert hand.trail(5, stop_loss=90).code == VenueCode.NOTHING_CHANGED
    assert hand.trail(6, stop_loss=90).code == 0
    assert hand.venue.position_report().trailing_stop == px(6)
    hand.protect(90)
    assert hand.venue.position_report().trailing_stop is None
    hand.trail(5)
    hand.exit()
    hand.finish()
    assert hand.venue.position_report().trailing_stop is None
    assert [report.reason for report in hand.reports if report.status.value == "Deactivated"] == [
        "CancelByUser",
        "CancelByUser",
        "CancelByUser",
        "CancelByTpSlTsClear",
    ]


def test_no_trailing_stop_without_a_position_or_off_the_tick() -> None:
    hand = Hand([FLAT_BAR] * 3)
    assert hand.trail(5).code == VenueCode.PARAMETER
    hand.buy()
    hand.close()
    assert hand.trail(5.05).code == VenueCode.PARAMETER
    hand.venue.set_trading_stop(SetTradingStop("BTCUSDT", None, None, None, px(106)), hand.now)
    assert hand.venue.position_report().trailing_stop is None


# -- against a walk of every tick -----------------------------------------------------------------------------------


def path_of(policy: PathPolicy, row: Row) -> list[int]:
    o, h, low, c = row
    up = policy is PathPolicy.OHLC or (policy is PathPolicy.NEAREST_EXTREME and h - o < o - low)
    return [o, h, low, c] if up else [o, low, h, c]


def slow_stop(rows: list[Row], policy: PathPolicy, side: int, distance: int, start: int) -> tuple[int, int] | None:
    """(bar, price) of the exit, one unit of price after the other, from the entry at the open of bar `start` on."""
    best = rows[start][0]
    for bar in range(start, len(rows)):
        points = path_of(policy, rows[bar])
        price = points[0]
        walk = [price]
        for point in points[1:]:
            step = 1 if point > price else -1
            while price != point:
                price += step
                walk.append(price)
        for price in walk:
            if side * (best - price) >= distance:
                return bar, price
            best = max(best, price) if side > 0 else min(best, price)
    return None


prices = st.integers(80, 120)
rows_of = st.lists(
    st.tuples(prices, prices, prices, prices).map(lambda four: (four[0], max(four), min(four), four[3])),
    min_size=2,
    max_size=14,
)
policies = st.sampled_from([PathPolicy.NEAREST_EXTREME, PathPolicy.OHLC, PathPolicy.OLHC])


def nothing_waited_for(bars: int) -> WakeSet:
    never = np.zeros(bars, dtype=bool)
    return WakeSet(never, never, never, never)


@given(rows_of, policies, st.sampled_from([BUY, SELL]), st.integers(1, 25), st.booleans())
def test_random_markets_agree_with_a_walk_of_every_price_with_and_without_jumps(
    rows: list[Row], policy: PathPolicy, side: int, distance: int, jumps: bool
) -> None:
    hand = Hand(rows, path=policy)
    if jumps:
        hand.venue.market.subscribe(nothing_waited_for(len(rows)))
    hand.send(BUY if side > 0 else SELL)
    hand.until_fill()
    hand.trail(distance)
    hand.finish()
    expected = slow_stop(rows, policy, side, distance, 0)
    found = [(fill.time_ms // 60_000, fill.price // 100) for fill in hand.fills[1:]]
    assert found == ([] if expected is None else [expected])


def test_a_planted_fault_in_the_scan_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop that forgets the highs of the bars it jumps over stands too low."""
    rows: list[Row] = [(100, 100, 100, 100), (100, 120, 100, 120), (120, 120, 119, 119), (119, 119, 100, 100)]
    monkeypatch.setattr(Trail, "see_range", lambda self, low, high: None)
    hand = Hand(rows)
    hand.venue.market.subscribe(nothing_waited_for(len(rows)))
    hand.buy()
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    found = [(fill.time_ms // 60_000, fill.price // 100) for fill in hand.fills[1:]]
    assert found != [slow_stop(rows, PathPolicy.NEAREST_EXTREME, 1, 5, 0)]


@given(rows_of, st.integers(1, 30), st.booleans())
def test_the_scan_leaves_out_no_bar_that_could_meet_it(rows: list[Row], distance: int, is_long: bool) -> None:
    low, high = (np.array([row[at] for row in rows]) for at in (2, 1))
    best = rows[0][0]
    low.flags.writeable = high.flags.writeable = False
    found = first_in_trail(low, high, 0, len(rows), best, distance, is_long)
    for bar in range(found):
        best = max(best, int(high[bar])) if is_long else min(best, int(low[bar]))
        assert (low[bar] > best - distance) if is_long else (high[bar] < best + distance)


def test_finer_bars_move_it_too() -> None:
    fine = Hand([(100, 110, 100, 110), (110, 110, 96, 96)]).bars
    inside = attrs.evolve(
        fine, timeframe_ms=30_000, ts_open=fine.ts_open // 2 + 60_000, ts_close=fine.ts_close // 2 + 60_000
    )
    rows = [FLAT_BAR, (100, 110, 96, 96)]
    hand = Hand(rows, lines=lambda bars: PriceInputs(FinerBars(bars, inside, PathPolicy.NEAREST_EXTREME)))
    hand.buy()
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 105, False, "trailing_stop")
