"""`--from` and `--to`: which bars a time leaves out, and which texts are not valid times."""

import pytest

from actors.app.runs.ranges import bar_range, moment_ms
from actors.model.errors import InputError
from tests.actors.app.results.tapes import FIRST_MS, MINUTE_MS, some_bars

BARS = some_bars(["100"] * 10, missing_after=(4,))


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("2024-01-01", FIRST_MS),
        ("20240101", FIRST_MS),
        ("2024-01-01T00:03", FIRST_MS + 3 * MINUTE_MS),
        ("2024-01-01 00:03:00Z", FIRST_MS + 3 * MINUTE_MS),
        ("2024-01-01T02:03+02:00", FIRST_MS + 3 * MINUTE_MS),
        ("2024-01-01T00:00:00.001", FIRST_MS + 1),
        (str(FIRST_MS), FIRST_MS),
    ],
)
def test_a_moment_is_read_as_utc(text: str, time_ms: int) -> None:
    assert moment_ms(text, "--from") == time_ms


@pytest.mark.parametrize(
    ("text", "said"),
    [("1704067200", "seconds"), ("2024", "no moment"), ("9" * 30, "no moment"), ("²", "no moment"), ("", "no moment")],
)
def test_what_is_no_moment_is_refused_with_its_option(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        moment_ms(text, "--from")
    assert caught.value.problems[0].text().startswith("--from: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("from_", "to", "expected"),
    [
        (None, None, (0, 10)),
        ("2024-01-01T00:02", None, (2, 10)),
        (None, "2024-01-01T00:02", (0, 2)),
        ("2024-01-01T00:02", "2024-01-01T00:03", (2, 3)),
        ("2024-01-01T00:01:30", "2024-01-01T00:02:30", (2, 3)),
        ("2024-01-01T00:05", "2024-01-01T00:07", (5, 6)),  # the bar of 00:05 is missing
        ("2020-01-01", "2030-01-01", (0, 10)),
    ],
)
def test_a_range_is_half_open_over_bar_opens(from_: str | None, to: str | None, expected: tuple[int, int]) -> None:
    assert bar_range(BARS, from_, to) == expected


@pytest.mark.parametrize(
    ("from_", "to", "option", "said"),
    [
        ("2024-01-01T00:03", "2024-01-01T00:02", "--to", "is not after --from 2024-01-01T00:03"),
        ("2024-01-01T00:03", "2024-01-01T00:03", "--to", "is not after"),
        ("2024-01-02", None, "--from", "leaves no bars"),
        ("2024-01-02", "2024-01-03", "--from", "leaves no bars"),
        (None, "2024-01-01", "--to", "leaves no bars"),
        ("2023-01-01", "2023-01-02", "--to", "leaves no bars"),
        ("2024-01-01T00:05", "2024-01-01T00:06", "--to", "leaves no bars"),
    ],
)
def test_a_range_without_bars_is_refused_by_the_option_to_blame(
    from_: str | None, to: str | None, option: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        bar_range(BARS, from_, to)
    (problem,) = caught.value.problems
    assert problem.text().startswith(f"{option}: ")
    assert said in problem.text()
    assert "2024-01-01T00:00 to 2024-01-01T00:10" in problem.text()


def test_both_moments_are_complained_about_at_once() -> None:
    with pytest.raises(InputError) as caught:
        bar_range(BARS, "then", "later")
    assert len(caught.value.problems) == 2
