"""Prefix stability: nothing that happens after a bar changes what a structure says at it."""

from collections.abc import Callable
from math import isnan

import numpy as np
import pytest

from ideacards.feeds import FloatArray
from tests.ideacards.structures.bars import HOUR_MS, REAL_HERE, Bar, random_hours, real_bars
from tests.ideacards.structures.cases import CASES, STRUCTURES, Case, case_id, computed

STOPS = (1, 5, 41, 42, 43, 120, 299, 371)
BARS = random_hours(400, 5, start_ms=4 * 24 * HOUR_MS, lost=3)
Computed = Callable[[Case, list[Bar]], dict[str, FloatArray]]
Poison = Callable[[list[Bar], int], list[Bar]]
every_case = pytest.mark.parametrize("case", CASES, ids=case_id)


def unknown(bars: list[Bar], stop: int) -> list[Bar]:
    """Every number from `stop` on is NaN."""
    return bars[:stop] + [Bar(*[np.nan] * 6)] * (len(bars) - stop)


def nonsense(bars: list[Bar], stop: int) -> list[Bar]:
    """Prices from `stop` on have nothing to do with those before, nor with each other; a long gap opens there."""
    dice = np.random.default_rng(stop)
    prices = dice.uniform(-1e4, 1e4, (len(bars) - stop, 4)).tolist()
    late = 83.0 * 24 * HOUR_MS
    after = [
        Bar(*map(float, (*row, bar.ts_open + late, bar.ts_close + late)))
        for row, bar in zip(prices, bars[stop:], strict=True)
    ]
    return bars[:stop] + after


def nothing(bars: list[Bar], stop: int) -> list[Bar]:
    """There is no bar from `stop` on."""
    return bars[:stop]


def unstable(case: Case, bars: list[Bar], poison: Poison, run: Computed = computed) -> set[str]:
    """The outputs of which a value before a stop depends on what comes after it."""
    whole, changed = run(case, bars), set()
    for stop in STOPS:
        after = run(case, poison(bars, stop))
        changed |= {name for name in whole if whole[name][:stop].tobytes() != after[name][:stop].tobytes()}
    return changed


@every_case
@pytest.mark.parametrize("poison", [unknown, nonsense, nothing])
def test_no_settled_value_changes(case: Case, poison: Poison) -> None:
    assert unstable(case, BARS, poison) == set()


@pytest.mark.skipif(not REAL_HERE, reason="real candles not here: ../shared/data is absent")
@every_case
def test_no_settled_value_changes_on_real_candles(case: Case) -> None:
    assert unstable(case, real_bars(400), nonsense) == set()


def _drawn_back(case: Case, bars: list[Bar]) -> dict[str, FloatArray]:
    """Swings as charts draw them: at their own bar, `right` bars before they are confirmed."""
    right = case[1]["right"]
    columns = computed(case, bars)
    return {name: np.append(column[right:], [np.nan] * right)[: len(column)] for name, column in columns.items()}


@pytest.mark.parametrize("poison", [unknown, nonsense, nothing])
def test_a_swing_shown_at_its_own_bar_is_caught(poison: Poison) -> None:
    case = next(case for case in CASES if case[0] == "swing")
    assert unstable(case, BARS, poison, _drawn_back) == set(STRUCTURES["swing"].outputs)


# Outputs that may change between confirmations, and what says so; all others change where `age` is 0 only.
_MOVING = {
    "state": "what later bars have done to a block, gap, level or zone; a trend's is its label's",
    "touches": "visits since",
    "sweep_age": "bars since a sweep",
    "extreme": "the furthest price so far",
    "pivot_age": "bars since the pivot's own bar",
    "running_high": "a session under way",
    "running_low": "a session under way",
    "is_open": "a session under way",
}


def _groups(case: Case) -> list[tuple[list[str], str, str]]:
    """The outputs that become known together, with the names of their age and `confirmed_at`."""
    outputs = STRUCTURES[case[0]].outputs
    if case[0] == "swing":
        return [([side], f"{side}_age", f"{side}_confirmed_at") for side in ("high", "low")]
    settled = [name for name in outputs if name not in (*_MOVING, "age", "confirmed_at")]
    return [(settled, "age", "confirmed_at")]


@pytest.mark.parametrize("case", [case for case in CASES if STRUCTURES[case[0]].waits_for_data], ids=case_id)
def test_a_value_changes_at_the_close_that_confirmed_at_names_and_at_no_other(case: Case) -> None:
    columns = computed(case, BARS)
    for names, age_name, time_name in _groups(case):
        last: list[float] = [np.nan] * (len(names) + 1)
        last_age = np.nan
        for k, bar in enumerate(BARS):
            now = [float(columns[name][k]) for name in (*names, time_name)]
            age = float(columns[age_name][k])
            if age == 0.0:
                assert now[-1] == bar.ts_close
            else:
                assert isnan(age) or age == last_age + 1.0
                assert np.array(now).tobytes() == np.array(last).tobytes()
            last, last_age = now, age
        assert last_age >= 0.0
