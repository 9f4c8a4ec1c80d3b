"""When a structure can first be known, and that a card does not wait for one that the data never make."""

from collections.abc import Iterator

import numpy as np
import pytest

from ideacards.feeds import Bars, Feeds
from ideacards.readiness import shortages
from tests.ideacards.markets import MINUTE_MS, a_card, a_feature
from tests.ideacards.structures.bars import HOUR_MS, Bar, flat_bars, noise_bars, random_hours
from tests.ideacards.structures.cases import CASES, STRUCTURES, Case, case_id, computed

DAY_MS = 24 * HOUR_MS
MONDAY_MS = 4 * DAY_MS
WAITING = [case for case in CASES if STRUCTURES[case[0]].waits_for_data]


def _stories(case: Case) -> Iterator[list[Bar]]:
    """Short walks and noise, as many as it takes; of weeks and days for what the clock decides."""
    if case[0] in ("previous_week", "previous_day"):
        yield random_hours(9, 1, start_ms=MONDAY_MS, step_ms=7 * DAY_MS)
    elif case[0] == "session_range":
        start_ms = MONDAY_MS + case[1]["start"] * MINUTE_MS
        yield from (random_hours(9, 1, start_ms, step_ms=step_ms) for step_ms in (DAY_MS, MINUTE_MS))
    else:
        for seed in range(12_000):
            yield random_hours(24, seed) if seed < 60 else noise_bars(24, seed)


def _first_known(case: Case, warm: dict[str, int]) -> dict[str, int]:
    """Output -> the earliest index of a value in the stories, up to the one in which all are at their warm index."""
    first: dict[str, int] = {}
    for bars in _stories(case):
        for output, column in computed(case, bars).items():
            known = np.flatnonzero(~np.isnan(column))
            if len(known):
                first[output] = min(first.get(output, len(bars)), int(known[0]))
        if first == warm:
            break
    return first


@pytest.mark.slow
@pytest.mark.parametrize("case", WAITING, ids=case_id)
def test_the_warm_index_is_the_first_bar_at_which_a_value_can_exist(case: Case) -> None:
    warm = STRUCTURES[case[0]].warm_index(case[1])
    assert _first_known(case, warm) == warm


@pytest.mark.parametrize("case", WAITING, ids=case_id)
def test_no_value_comes_before_the_warm_index(case: Case) -> None:
    warm = STRUCTURES[case[0]].warm_index(case[1])
    for seed in range(20):
        for output, column in computed(case, noise_bars(24, seed)).items():
            assert np.isnan(column[: warm[output]]).all(), output


def _as_bars(rows: list[Bar]) -> Bars:
    prices = {name: [int(getattr(row, name) * 100) for row in rows] for name in ("open", "high", "low", "close")}
    return Bars.of_columns("BTCUSDT", HOUR_MS, 2, [int(row.ts_open) for row in rows], prices, [1.0] * len(rows))


def test_a_card_is_ready_though_nothing_moves_and_no_structure_comes() -> None:
    card = a_card(*(a_feature(f"{use}_", use) for use in STRUCTURES), exec_="1h")
    feeds = Feeds.build(card, _as_bars(flat_bars(40)))
    assert feeds.readiness == max(feeds.stores["exec"].warm.values()) < 12
    assert shortages(card, feeds) == ()
    assert np.isnan(feeds.column("swing_.high")).all()
    assert np.isnan(feeds.column("fair_value_gap_.top")).all()


def test_too_few_bars_for_any_value_are_a_shortage() -> None:
    card = a_card(a_feature("swings", "swing", left=6, right=5), exec_="1h")
    (problem,) = shortages(card, Feeds.build(card, _as_bars(flat_bars(11))))
    assert problem.what == "`swings` needs 12 bars of 1h, and there are 11"


def test_a_first_day_that_began_before_the_bars_is_unknown_and_a_whole_one_is_not() -> None:
    case: Case = ("previous_day", {})
    late = computed(case, random_hours(60, 1, start_ms=MONDAY_MS + HOUR_MS))["high"]
    whole = computed(case, random_hours(60, 1, start_ms=MONDAY_MS))["high"]
    assert np.isnan(late).tolist() == [True] * 47 + [False] * 13
    assert np.isnan(whole).tolist() == [True] * 24 + [False] * 36
