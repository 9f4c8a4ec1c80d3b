"""Times of a bar file: every row is judged, so no mixture of units and no slip of a digit comes to a run."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.actors.app.files.bar_files import HEADER_LINE, MINUTE_MS, START_MS, a_file, problems_of

FACTORS = {"seconds": 1e-3, "microseconds": 1e3, "nanoseconds": 1e6}


def _lines(times: list[int]) -> list[str]:
    return [HEADER_LINE, *(f"{time},100,110,90,105,1" for time in times)]


def _times(count: int) -> list[int]:
    return [START_MS + MINUTE_MS * at for at in range(count)]


@pytest.mark.parametrize("unit", FACTORS)
@pytest.mark.parametrize(
    ("before", "odd", "after"), [(5, 5, 0), (30, 5, 0), (0, 5, 5), (3, 1, 3), (5, 1, 0), (0, 1, 5)]
)
def test_two_units_in_a_file_are_one_line(tmp_path: Path, unit: str, before: int, odd: int, after: int) -> None:
    times = _times(before + odd + after)
    for at in range(before, before + odd):
        times[at] = int(times[at] * FACTORS[unit])
    more = f", and {odd - 1} more rows are not in milliseconds" if odd > 1 else ""
    expected = f"{before + 2}: ts_ms: `{times[before]}` seems to be in {unit}{more}"
    assert problems_of(a_file(tmp_path, _lines(times))) == [expected]


def test_a_last_row_of_the_year_57000_is_named(tmp_path: Path) -> None:
    times = [*_times(9), 1_736_600_000_000_000]
    assert problems_of(a_file(tmp_path, _lines(times)))[0].startswith("11: ts_ms: `1736600000000000` seems to be in")


def test_a_single_row_out_of_the_century_is_named(tmp_path: Path) -> None:
    found = problems_of(a_file(tmp_path, _lines([START_MS * 10])))
    assert found == [f"2: ts_ms: `{START_MS * 10}` is no time from 2000 to 2100 in milliseconds"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 11), st.integers(0, 12), st.sampled_from(["drop", *"0123456789"]))
def test_a_digit_too_many_or_too_few_names_its_row(tmp_path: Path, row: int, at: int, change: str) -> None:
    times = _times(12)
    text = str(times[row])
    digit = "" if change == "drop" else change
    slipped = text[:at] + digit + text[at + (change == "drop") :]
    times[row] = int(slipped)
    if times[row] == START_MS + MINUTE_MS * row:  # a leading zero changes no number
        return
    found = problems_of(a_file(tmp_path, _lines(times)))
    assert len(found) == 1
    assert found[0].startswith(f"{row + 2}: ts_ms: `{times[row]}` ")
