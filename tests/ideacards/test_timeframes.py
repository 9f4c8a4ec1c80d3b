"""Timeframes of any name, and how old a slower value may be."""

import numpy as np
import pytest

from ideacards.card import Card
from ideacards.digest import card_digest
from ideacards.feeds import Feeds
from tests.ideacards.builders import a_card, a_card_text, faults_of
from tests.ideacards.markets import random_bars


def a_card_on(timeframes: str, feature: str) -> Card:
    blocks = "blocks:\n- id: e\n  cases:\n  - when: x > 0\n    emit: {action: exit}"
    return a_card(timeframes=f"timeframes: {timeframes}", features=f"features:\n  x: {{{feature}}}", blocks=blocks)


def column(timeframes: str, feature: str, lost: tuple[int, ...] = ()) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = Feeds.build(a_card_on(timeframes, feature), random_bars(60, lost=lost)).column("x")
    return np.asarray(found)


def test_a_named_timeframe_is_the_same_as_htf() -> None:
    named = column("{exec: 1m, trend: 5m}", "use: sma, length: 2, timeframe: trend")
    assert named.tobytes() == column("{exec: 1m, htf: 5m}", "use: sma, length: 2, timeframe: htf").tobytes()
    assert np.isnan(named[:9]).all()
    assert len(set(named[9:14])) == 1, "frozen until the next close"


def test_a_card_may_have_as_many_as_it_likes() -> None:
    card = a_card_on("{exec: 1m, a: 5m, b: 15m, c: 1h, mtf: 2m}", "use: ema, length: 1, timeframe: b")
    assert list(card.timeframes.slower()) == ["mtf", "a", "b", "c"]


def test_the_name_is_part_of_the_card_and_a_card_without_keeps_its_digest() -> None:
    one, other = (a_card_on(f"{{exec: 1m, {name}: 5m}}", "use: ema, length: 2") for name in ("a", "b"))
    assert card_digest(one) != card_digest(other)


@pytest.mark.parametrize("fresh", ["{bars: 2}", "{age: 2m}"])
def test_an_older_value_is_unknown(fresh: str) -> None:
    plain = column("{exec: 1m, htf: 5m}", "use: sma, length: 1, timeframe: htf")
    bound = column("{exec: 1m, htf: 5m}", f"use: sma, length: 1, timeframe: htf, fresh: {fresh}")
    is_old = (np.arange(60) - 4) % 5 > 2
    assert np.isnan(bound[is_old]).all()
    assert bound[~is_old].tobytes() == plain[~is_old].tobytes()


def test_over_a_gap_age_counts_time_and_bars_count_bars() -> None:
    lost = tuple(range(21, 44))  # two bars of the next bucket are there
    by_bars, by_age = (
        column("{exec: 1m, htf: 5m}", f"use: sma, length: 1, timeframe: htf, fresh: {fresh}", lost)
        for fresh in ("{bars: 9}", "{age: 9m}")
    )
    assert not np.isnan(by_bars[4:]).any()
    assert np.isnan(by_age).sum() >= 4
    everything = column("{exec: 1m, htf: 5m}", "use: sma, length: 1, timeframe: htf", lost)
    known = ~np.isnan(by_age)
    assert by_age[known].tobytes() == everything[known].tobytes()


@pytest.mark.parametrize("fresh", ["{bars: 2}", "{age: 3m}"])
def test_bar_by_bar_the_bound_gives_the_same_bytes(fresh: str) -> None:
    bars = random_bars(60, lost=(13, 14, 31))
    card = a_card_on("{exec: 1m, htf: 5m}", f"use: sma, length: 2, timeframe: htf, fresh: {fresh}")
    feeds = Feeds.build(card, bars.head(7))
    feeds.column("x")
    for stop in range(8, len(bars) + 1):
        feeds.extend(bars.head(stop))
    assert feeds.column("x").tobytes() == Feeds.build(card, bars).column("x").tobytes()


@pytest.mark.parametrize(
    ("timeframes", "feature", "words"),
    [
        ("{exec: 5m, trend: 7m}", "use: ema, length: 2", "timeframes.trend: 7m is no multiple of exec, 5m"),
        ("{exec: 5m, trend: 5m}", "use: ema, length: 2", "5m is no multiple of exec, 5m"),
        ("{exec: 5m, trend: 3}", "use: ema, length: 2", "timeframes.trend: expected a timeframe like 1m"),
        ("{exec: 5m, trend: 1y}", "use: ema, length: 2", "`1y` is no timeframe; write 1m"),
        ("{exec: 5m, 1t: 1h}", "use: ema, length: 2", "`1t` is not a timeframe's name"),
        ("{exce: 5m}", "use: ema, length: 2", "timeframes: `exec` is missing; is `exce` meant?"),
        ("[5m]", "use: ema, length: 2", "expected a mapping of exec and slower timeframes"),
        (
            "{exec: 5m, trend: 1h}",
            "use: ema, length: 2, timeframe: trned",
            "features.x.timeframe: the card has no timeframe `trned`; did you mean `trend`?",
        ),
        ("{exec: 5m, htf: 1h}", "use: ema, length: 2, fresh: {bars: 3}", "a feature on exec is new at every bar"),
        ("{exec: 5m, htf: 1h}", "use: ema, length: 2, timeframe: htf, fresh: {}", "`fresh` takes one bound"),
        (
            "{exec: 5m, htf: 1h}",
            "use: ema, length: 2, timeframe: htf, fresh: {bars: 3, age: 1h}",
            "features.x.fresh: `fresh` takes one bound; give bars or age",
        ),
        ("{exec: 5m, htf: 1h}", "use: ema, length: 2, timeframe: htf, fresh: {bars: -1}", "at least 0"),
    ],
)
def test_a_wrong_timeframe_or_bound_is_named(timeframes: str, feature: str, words: str) -> None:
    blocks = "blocks:\n- id: e\n  cases:\n  - when: x > 0\n    emit: {action: exit}"
    text = a_card_text(timeframes=f"timeframes: {timeframes}", features=f"features:\n  x: {{{feature}}}", blocks=blocks)
    assert any(words in line for line in faults_of(text)), faults_of(text)
