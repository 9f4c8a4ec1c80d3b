"""Each structure is what a plain function of all bars up to now says, at every bar."""

from math import isclose, isnan

import pytest

from tests.ideacards.structures.bars import REAL_HERE, Bar, random_hours, real_bars
from tests.ideacards.structures.cases import CASES, STRUCTURES, Case, case_id, computed
from tests.ideacards.structures.references import REFERENCES

every_case = pytest.mark.parametrize("case", CASES, ids=case_id)


def _differences(case: Case, bars: list[Bar]) -> list[str]:
    """Where the columns are not what the reference says."""
    columns, reference = computed(case, bars), REFERENCES[case[0]]
    found = []
    for stop in range(1, len(bars) + 1):
        said = reference(bars[:stop], **case[1])
        assert list(said) == list(columns)
        for output, value in said.items():
            here = float(columns[output][stop - 1])
            if not (isnan(here) if value is None else isclose(here, value, rel_tol=1e-12, abs_tol=1e-12)):
                found.append(f"{output} at {stop - 1}: {here}, not {value}")
    return found


@every_case
@pytest.mark.parametrize("seed", [1, 2])
def test_a_structure_is_what_its_reference_says(case: Case, seed: int) -> None:
    assert _differences(case, random_hours(220, seed)) == []


@every_case
def test_with_lost_bars_too(case: Case) -> None:
    assert _differences(case, random_hours(220, 3, start_ms=4 * 86_400_000, lost=12)) == []


@pytest.mark.skipif(not REAL_HERE, reason="real candles not here: ../shared/data is absent")
@every_case
def test_on_real_candles_too(case: Case) -> None:
    assert _differences(case, real_bars(260)) == []


@every_case
def test_every_output_comes_to_be_known_and_changes(case: Case) -> None:
    columns = computed(case, random_hours(900, 1))
    for output, column in columns.items():
        known = {value for value in column.tolist() if not isnan(value)}
        assert len(known) > 1 or (output, case[1].get("length")) in (("high_age", 1), ("low_age", 1)), output


def test_every_kind_has_a_reference_and_a_case() -> None:
    assert list(REFERENCES) == list(STRUCTURES)
    assert {use for use, _ in CASES} == set(STRUCTURES)


def test_a_reference_that_shows_a_swing_a_bar_early_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = REFERENCES["swing"]
    monkeypatch.setitem(REFERENCES, "swing", lambda bars, left, right: honest(bars, left, right - 1))
    assert _differences(("swing", {"left": 2, "right": 2}), random_hours(60, 1))
