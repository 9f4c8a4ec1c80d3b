"""Structures as a card writes them: what is refused, and what a card reads before and after a confirmation."""

import numpy as np
import pytest

from ideacards.feeds import Feeds
from tests.ideacards.builders import a_card, a_card_text, bars_of, faults_of


def _features(text: str) -> str:
    return f"features:\n  fast: {{use: ema, length: 2}}\n  slow: {{use: ema, length: 4}}\n  one: {{{text}}}"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("use: session_range, start: 480, end: 480", "end must differ from start"),
        ("use: session_range, start: 1440, end: 480", "1440"),
        ("use: session_range, end: 480", "start"),
        ("use: swing, left: 0", "0"),
        ("use: order_block, side: bull", "bull"),
        ("use: zigzag, by: ticks, threshold: 1", "ticks"),
        ("use: zigzag", "threshold"),
        ("use: equal_levels, tolerance: 0", "0"),
        ("use: swing, of: close", "of"),
    ],
)
def test_wrong_parameters_are_refused_in_one_line(text: str, word: str) -> None:
    (line,) = faults_of(a_card_text(features=_features(text)))
    assert "features.one" in line
    assert word in line


@pytest.mark.parametrize(
    "text",
    [
        "use: session_range, start: 0, end: 1439",
        "use: order_block",
        "use: equal_levels, side: lows, tolerance: 0.1, by: price",
        "use: fibonacci, threshold: 2, by: atr",
        "use: swing, left: 3, right: 1, timeframe: exec, history: 30",
    ],
)
def test_sound_ones_are_read(text: str) -> None:
    assert faults_of(a_card_text(features=_features(text))) == []


_OUTPUTS = """features:
  swings: {use: swing}
  trend: {use: trend_state}
  gap: {use: fair_value_gap}
  day: {use: previous_day}
  hours: {use: session_range, start: 480, end: 990}"""


def _when(text: str) -> str:
    blocks = f"blocks:\n- id: e\n  cases:\n  - when: {text}\n    emit: {{action: none}}"
    return a_card_text(features=_OUTPUTS, blocks=blocks)


@pytest.mark.parametrize(
    "text",
    [
        "trend.state == 1 and trend.label != -1",
        "gap.state == 1 and gap.age <= 20 and close > gap.bottom",
        "crosses_above(close, swings.high) and swings.high_age >= 3",
        "close > day.high or close < day.low - (hours.high - hours.low)",
        "hours.is_open == 0 and swings.high_confirmed_at > swings.low_confirmed_at",
    ],
)
def test_levels_are_prices_ages_and_states_are_counts(text: str) -> None:
    assert faults_of(_when(text)) == []


@pytest.mark.parametrize("text", ["close > gap.age", "gap.state > swings.high", "day.high > swings.high_confirmed_at"])
def test_numbers_of_two_kinds_are_not_compared(text: str) -> None:
    assert len(faults_of(_when(text))) == 1


def test_a_card_reads_a_swing_from_its_confirmation_on_and_not_at_its_bar() -> None:
    text = "features:\n  swings: {use: swing, left: 1, right: 2}\n  of_highs: {use: ema, of: swings.high, length: 1}"
    when = "blocks:\n- id: e\n  cases:\n  - when: swings.high > of_highs - 1\n    emit: {action: none}"
    feeds = Feeds.build(a_card(features=text, blocks=when), bars_of([5, 6, 9, 8, 7, 6, 5, 6, 7]))
    assert feeds.column("swings.high").tolist()[4:] == [9.0] * 5
    assert feeds.column("swings.high_confirmed_at").tolist()[4:] == [300_000.0] * 5
    assert feeds.column("swings.high_age").tolist()[4:] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert np.isnan(feeds.column("swings.high")[:4]).all()
    assert feeds.column("of_highs").tolist()[4:] == [9.0] * 5
    assert feeds.readiness == 3
