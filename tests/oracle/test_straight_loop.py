"""The oracle against numbers worked out by hand: it judges the engine, so it must be trusted first.

Averages of length 1 and 3: the fast one is the close itself, the slow one the mean of the close and its last value.
With closes 90 90 90 100 the slow one stands at 95 at index 3: a cross up, and the entry is due at the open of bar 4,
10 coins for a notional of 1000. A close of 100 keeps the fast one above: no exit follows by itself.
"""

from decimal import Decimal
from fractions import Fraction

import pytest

from tests.oracle.story import Story, rows_of
from tests.oracle.straight_loop import OracleRun, averages, path_of, tell

RISE = ["90", "90", "90", "90 100 90 100"]
FALL = ["110", "110", "110", "110 110 100 100"]
LONG = Story(fast=1, slow=3, warmup=None)
SHORT = Story(fast=1, slow=3, warmup=None, is_short=True)


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def seen(run: OracleRun) -> list[tuple[int, str, str, str, str]]:
    return [(f.bar, f.side, plain(f.qty), plain(f.price), f.origin) for f in run.fills]


def test_an_average_starts_at_the_first_close_and_moves_by_its_share() -> None:
    assert averages([100.0, 104.0, 96.0], 3) == [100.0, 102.0, 99.0]
    assert averages([100.0, 104.0, 96.0], 1) == [100.0, 104.0, 96.0]


def test_a_round_trip_costs_what_the_hand_says() -> None:
    # closes 100 100 100 104 104 96 96; slow 100 100 100 102 103 99.5 97.75: up at 3, down at 5
    # quantity 1000 / 104 = 9.6153.. -> 9.615; bought at 104.5, sold at 95.9
    # cost 9.615 * 104.5 = 1004.7675, fee 0.552622125; proceeds 9.615 * 95.9 = 922.0785, fee 0.507143175
    bars = ["100", "100", "100", "100 104 100 104", "104.5 104.5 104 104", "104 104 96 96", "95.9 96 95.9 96"]
    run = tell(rows_of(bars), LONG)
    assert seen(run) == [(4, "buy", "9.615", "104.5", "user"), (6, "sell", "9.615", "95.9", "user")]
    assert [f.fee for f in run.fills] == [Decimal("0.552622125"), Decimal("0.507143175")]
    assert run.final_equity == Decimal("999916.2512347")
    assert (run.orders, run.open_at_end, run.position) == (2, 0, Decimal(0))
    # -8.6 a coin over 9.615 coins
    assert [trip.pnl for trip in run.round_trips] == [Decimal("-82.689")]
    # the last close is the lowest equity: 1000000 - 999916.2512347 = 83.7487653 below the peak
    assert run.max_drawdown == Fraction("0.0000837487653")


def test_a_cross_before_the_first_ready_bar_is_not_seen() -> None:
    # the same rise one bar earlier: the cross stands at index 2, readiness is 2 + 1 = 3
    assert tell(rows_of([*RISE[1:], "100", "100"]), LONG).orders == 0
    assert tell(rows_of([*RISE, "100"]), LONG).orders == 1
    # warmup 4 hides the cross at 3, warmup 3 does not
    assert tell(rows_of([*RISE, "100"]), Story(fast=1, slow=3, warmup=4)).orders == 0
    assert tell(rows_of([*RISE, "100"]), Story(fast=1, slow=3, warmup=3)).orders == 1


def test_an_order_of_the_last_bar_is_open_at_the_end() -> None:
    run = tell(rows_of(RISE), LONG)
    assert (run.orders, run.open_at_end, run.fills, run.final_equity) == (1, 1, (), Decimal(1_000_000))


def test_an_open_position_is_marked_at_the_last_close_without_a_fee() -> None:
    # 10 coins at 100: fee 0.55; marked at 103
    run = tell(rows_of([*RISE, "100 103 100 103"]), LONG)
    assert run.position == 10
    assert run.final_equity == Decimal("1000029.45")


@pytest.mark.parametrize(
    ("bar", "policy", "origin", "price"),
    [  # O H L C; the entry at 100 in bar 4 stands still, so the levels meet bar 5
        ("100 112 97 104", "nearest_extreme", "stop_loss", "98"),  # 12 up, 3 down: low first
        ("100 112 97 104", "ohlc", "take_profit", "110"),
        ("100 112 97 104", "olhc", "stop_loss", "98"),
        ("100 112 88 104", "nearest_extreme", "stop_loss", "98"),  # as far: low first
        ("100 111 88 104", "nearest_extreme", "take_profit", "110"),  # 11 up, 12 down: high first
        ("100 110 99 100", "nearest_extreme", "take_profit", "110"),  # the high is the target
        ("100 101 98 100", "nearest_extreme", "stop_loss", "98"),  # the low is the stop
        ("90 91 89 90.5", "nearest_extreme", "stop_loss", "90"),  # opens beyond the stop
        ("98 99 97 99", "nearest_extreme", "stop_loss", "98"),  # opens on the stop
        ("111 112 97 104", "olhc", "take_profit", "111"),  # opens beyond the target, the stop in range
        ("97 112 96 104", "ohlc", "stop_loss", "97"),  # opens beyond the stop, the target in range
    ],
)
def test_the_path_decides_which_level_is_met(bar: str, policy: str, origin: str, price: str) -> None:
    story = Story(fast=1, slow=3, warmup=None, stop="2", target="10", path=policy)
    run = tell(rows_of([*RISE, "100", bar]), story)
    assert seen(run)[1:] == [(5, "sell", "10", price, origin)]


def test_levels_live_from_the_entry_fill_on() -> None:
    story = Story(fast=1, slow=3, warmup=None, stop="2", target="10")
    run = tell(rows_of([*RISE, "100 112 97 100"]), story)
    assert seen(run) == [(4, "buy", "10", "100", "user"), (4, "sell", "10", "98", "stop_loss")]


def test_levels_are_rounded_away_from_the_entry() -> None:
    # entry 100.05: 1 % below is 99.0495 -> 99.0, 2 % above is 102.051 -> 102.1; 102.09 does not reach it
    story = Story(fast=1, slow=3, warmup=None, stop="1", target="2")
    entry = "100.05 100.05 100.05 100.05"
    assert seen(tell(rows_of([*RISE, entry, "100 102.09 99.01 100"]), story))[1:] == []
    assert seen(tell(rows_of([*RISE, entry, "100 102.1 99.5 100"]), story))[1][3:] == ("102.1", "take_profit")
    assert seen(tell(rows_of([*RISE, entry, "100 100.5 99 100"]), story))[1][3:] == ("99", "stop_loss")


def test_an_exit_due_at_the_open_goes_before_the_levels() -> None:
    # closes .. 100 100 90: slow 95 97.5 93.75, the fast one falls below it at index 5; bar 6 opens beyond the stop
    story = Story(fast=1, slow=3, warmup=None, stop="20", target="20")
    run = tell(rows_of([*RISE, "100", "100 100 90 90", "70 75 65 70", "60"]), story)
    assert seen(run)[1:] == [(6, "sell", "10", "70", "user")]


def test_the_short_side_is_the_mirror() -> None:
    # down-cross at 3, sold at 100; stop 1 % up from 100.05: 101.0505 -> 101.1, target 2 % down: 98.049 -> 98.0
    story = Story(fast=1, slow=3, warmup=None, stop="1", target="2", is_short=True)
    entry = "100.05 100.05 100.05 100.05"
    assert seen(tell(rows_of([*FALL, entry, "100 101.09 98.01 100"]), story))[1:] == []
    assert seen(tell(rows_of([*FALL, entry, "100 101.1 99 100"]), story))[1][1:] == (
        *("buy", "10", "101.1", "stop_loss"),
    )
    assert seen(tell(rows_of([*FALL, entry, "97 101.1 96 100"]), story))[1][3:] == ("97", "take_profit")
    # 10 coins sold at 100, marked at 97: 30 gained, 0.55 paid
    assert tell(rows_of([*FALL, "100 100 97 97"]), SHORT).final_equity == Decimal("1000029.45")


def test_a_size_under_the_minimum_is_refused() -> None:
    tiny = Story(fast=1, slow=3, warmup=None, notional="0.09")  # 0.0009 coins -> 0
    assert tell(rows_of([*RISE, "100"]), tiny).refusals == {"BELOW_MINIMUM": 1}
    small = Story(fast=1, slow=3, warmup=None, notional="4.99")  # 0.049 coins, worth 4.90
    assert tell(rows_of([*RISE, "100"]), small).refusals == {"BELOW_MINIMUM": 1}
    enough = Story(fast=1, slow=3, warmup=None, notional="5")
    assert tell(rows_of([*RISE, "100"]), enough).orders == 1


def test_a_lost_decision_never_acts_and_a_late_one_acts_later() -> None:
    rows = rows_of([*RISE, "100", "101", "102"])
    assert tell(rows, LONG, lost=frozenset({3})).fills == ()
    assert seen(tell(rows, LONG, late={3: 2})) == [(6, "buy", "10", "102", "user")]
    assert tell(rows, LONG, late={3: 3}).open_at_end == 1


def test_a_range_decides_only_inside_itself_but_warms_up_before_it() -> None:
    rows = rows_of([*RISE, "100", "101", "102"])
    assert tell(rows, LONG, start=4).orders == 0
    assert tell(rows, LONG, start=3, stop=4).open_at_end == 1
    assert seen(tell(rows, LONG, start=3, stop=5)) == [(4, "buy", "10", "100", "user")]


def test_the_path_has_the_nearer_extreme_first() -> None:
    o, h, low, c = Decimal(10), Decimal(12), Decimal(8), Decimal(11)
    assert path_of((o, h, low, c), "nearest_extreme") == [o, low, h, c]
    assert path_of((o, Decimal("11.9"), low, c), "nearest_extreme") == [o, Decimal("11.9"), low, c]
    assert path_of((o, h, low, c), "ohlc") == [o, h, low, c]
    assert path_of((o, h, low, c), "olhc") == [o, low, h, c]
