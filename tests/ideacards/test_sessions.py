"""The card's clock: parts of the local time at the close, sessions in a zone, and daylight saving."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ideacards.blocks import StrategyBlocksExecutor
from ideacards.feeds import Bars, Feeds
from ideacards.position_view import PositionView
from ideacards.sessions import Session, session_column
from ideacards.zones import local_ms, zone_names
from tests.ideacards.builders import MINUTE_MS, a_card, bars_of, faults_of
from tests.ideacards.builders import a_card_text as text_of_card

FLAT = PositionView()
HOUR_MS = 60 * MINUTE_MS
QUARTERS = 900_000
HARD = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "UTC")


def ms(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


def card_lines(**parts: str) -> dict[str, str]:
    return {"features": ""} | parts


def matches(when: str, start: str, count: int, sessions: str = "", time_zone: str = "") -> list[bool]:
    """Whether the condition holds at each of so many minutes, the first bar closing at `start`."""
    card = a_card(
        **card_lines(sessions=sessions, time_zone=time_zone),
        blocks=f"blocks:\n- id: e\n  cases:\n  - when: {when}\n    emit: {{action: exit}}",
    )
    bars: Bars = bars_of([100] * count, ms(start) - MINUTE_MS)
    executor = StrategyBlocksExecutor(card, Feeds.build(card, bars))
    return [bool(executor.evaluate_at(i, int(bars.ts_close[i]), FLAT)) for i in range(count)]


LONDON = "sessions:\n  london: {zone: Europe/London, from: 08:00, to: 08:02, days: [thu]}"


@pytest.mark.parametrize(
    ("start", "why"),
    [("2024-07-04T06:59", "in summer London is an hour ahead of UTC"), ("2024-01-04T07:59", "in winter it is not")],
)
def test_a_session_begins_with_its_first_minute_and_ends_before_its_last(start: str, why: str) -> None:
    assert matches("session.london", start, 5, LONDON) == [False, True, True, False, False], why


def test_a_session_on_other_days_is_closed() -> None:
    assert not any(matches("session.london", "2024-07-05T06:59", 5, LONDON))


def test_a_session_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    sessions = 'sessions:\n  night: {from: "23:59", to: 00:01, days: [fri]}'
    assert matches("session.night", "2024-07-05T23:58", 4, sessions) == [False, True, True, False]
    assert not any(matches("session.night", "2024-07-06T23:58", 4, sessions))


def test_the_clock_is_utc_unless_the_card_has_a_zone() -> None:
    assert matches("time.hour == 13 and time.minute < 1", "2024-07-05T12:59", 3) == [False, True, False]
    zone = "time_zone: America/New_York"
    assert matches("time.hour == 9 and time.minute == 30", "2024-07-05T13:29", 3, "", zone) == [False, True, False]
    assert matches("time.date == 20240705 and time.weekday == fri", "2024-07-06T03:59", 2, "", zone) == [True, False]


def test_local_times_are_those_of_zoneinfo_in_every_quarter_of_an_hour() -> None:
    times = np.arange(ms("2023-12-30T00:00"), ms("2025-01-03T00:00"), QUARTERS)
    for name in HARD:
        zone = ZoneInfo(name)
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        for time_ms, local in zip(times.tolist(), local_ms(name, times).tolist(), strict=True):
            offset = (epoch + timedelta(milliseconds=time_ms)).astimezone(zone).utcoffset()
            assert offset is not None
            assert local - time_ms == offset // timedelta(milliseconds=1), name


def test_a_zone_does_not_change_its_clock_twice_within_a_day() -> None:
    """What `local_ms` rests on."""
    days = np.arange(ms("2022-01-01T00:00"), ms("2027-12-31T00:00"), 24 * HOUR_MS)
    for name in (*HARD, *zone_names()[::60]):
        ends, middles = local_ms(name, days) - days, local_ms(name, days + 12 * HOUR_MS) - days - 12 * HOUR_MS
        is_still = ends[:-1] == ends[1:]
        assert (middles[:-1] == ends[:-1])[is_still].all(), name


def test_a_column_of_one_bar_is_that_of_all_bars() -> None:
    times = np.arange(ms("2024-03-30T20:00"), ms("2024-04-01T04:00"), 7 * MINUTE_MS)
    session = Session("Europe/London", 0, 120, (6, 0))
    one_by_one = [bool(session_column(session, times[i : i + 1])[0]) for i in range(len(times))]
    assert session_column(session, times).tolist() == one_by_one
    assert 0 < sum(one_by_one) < len(times)


def session(text: str) -> Sequence[str]:
    return faults_of(text_of_card(sessions=f"sessions:\n  {text}"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {from: 08:00}", "sessions.a: `to` is missing"),
        ("a: {from: 8:00, to: 09:00}", "sessions.a.from: expected a time of day like 08:00, found the text `8:00`"),
        ("a: {from: 08:60, to: 09:00}", "expected a time of day"),
        ("a: {from: 08:00, to: 25:00}", "expected a time of day"),
        ("a: {from: 08:00, to: 08:00}", "sessions.a: a session of no length"),
        ("a: {from: 800, to: 09:00}", "found the number 800"),
        (
            "a: {from: 08:00, to: 09:00, zone: Europe/Lodnon}",
            "no time zone `Europe/Lodnon`; did you mean `Europe/London`",
        ),
        ("a: {from: 08:00, to: 09:00, days: []}", "a session on no day"),
        ("a: {from: 08:00, to: 09:00, days: [monday]}", "the text `monday` is no day; one of mon, tue"),
        ("a: {from: 08:00, to: 09:00, days: mon}", "expected a list of days"),
        ("a: {form: 08:00, to: 09:00}", "unknown key `form`; did you mean `from`?"),
        ("1a: {from: 08:00, to: 09:00}", "sessions.1a: `1a` is not a session name"),
        ("a: london", "expected a mapping of from, to, zone, days"),
    ],
)
def test_a_wrong_session_is_named_with_its_place(text: str, words: str) -> None:
    (line,) = session(text)
    assert words in line
    assert line.startswith("probe.yaml:")


def test_a_wrong_zone_of_the_card_is_named_once() -> None:
    (line,) = faults_of(text_of_card(time_zone="time_zone: London"))
    assert "time_zone: there is no time zone `London`; did you mean `Europe/London`?" in line


def test_the_end_of_the_day_is_24_00() -> None:
    sessions = 'sessions:\n  late: {from: "23:59", to: "24:00"}'
    assert matches("session.late", "2024-07-05T23:58", 4, sessions) == [False, True, False, False]
