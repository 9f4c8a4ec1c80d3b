"""A user's own feature: compiled or not it gives the same bytes bar by bar, and every fault has its place and bar."""

from pathlib import Path

import numpy as np
import pytest

from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.errors import CardError
from ideacards.feeds import Feeds, GrowingBars
from ideacards.indicators.own import own_step
from ideacards.indicators.own_stepper import OwnStepper
from ideacards.loader import card_digest, load_card
from tests.ideacards.builders import a_card_text
from tests.ideacards.markets import random_bars
from tests.ideacards.test_feeds_prefix import another_walk, unstable
from tests.ideacards.test_growing_feeds import appended

RANGE = "def span(state, bar):\n    state[0] = 0.9 * state[0] + 0.1 * (bar.high - bar.low)\n    return state[0]\n"
PLAIN = "import json\ndef span(state, bar):\n    state[0] += json.loads('1')\n    return state[0] * bar.close\n"
BARS = random_bars(300)


def a_card_with(folder: Path, source: str, use: str = "python:mine.py:span", **more: str) -> Card:
    """A card of a file beside `mine.py`."""
    (folder / "mine.py").write_text(source, "utf-8")
    options = "".join(f", {key}: {value}" for key, value in more.items())
    features = f"features:\n  fast: {{use: {use!r}{options}}}\n  slow: {{use: sma, of: fast, length: 4}}"
    (folder / "own.yaml").write_text(a_card_text(features=features), "utf-8")
    return load_card(folder / "own.yaml")


def faults_of(folder: Path, source: str, use: str = "python:mine.py:span", **more: str) -> list[str]:
    with pytest.raises(CardError) as caught:
        Feeds.build(a_card_with(folder, source, use, **more), BARS)
    return [problem.text() for problem in caught.value.problems]


def test_it_is_a_feature_like_any_other(tmp_path: Path) -> None:
    card = a_card_with(tmp_path, RANGE)
    feeds = Feeds.build(card, BARS)
    value, expected = 0.0, []
    for high, low in zip(BARS.high.tolist(), BARS.low.tolist(), strict=True):
        value = 0.9 * value + 0.1 * (high - low)
        expected.append(value)
    assert feeds.column("fast").tolist() == expected
    assert feeds.warm_at("slow") == 3
    assert StrategyBlocksExecutor(card, feeds).first_index == 3


@pytest.mark.parametrize("source", [RANGE, PLAIN], ids=["compiled", "plain"])
def test_batch_chunks_and_snapshots_give_the_same_bytes(tmp_path: Path, source: str) -> None:
    card = a_card_with(tmp_path, source)
    whole, columns = Feeds.build(card, BARS), GrowingBars(BARS.symbol, BARS.timeframe_ms, BARS.price_digits)
    grown, stop = Feeds.build(card, columns.newest()), 0
    for size in (1, 1, 40, 1, 100, 1, 156):
        grown.extend(appended(columns, BARS, stop, stop + size))
        stop += size
    assert grown.column("slow").tobytes() == whole.column("slow").tobytes()
    own = own_step("python:mine.py:span", tmp_path, 16)
    inputs = [np.array(getattr(BARS, name), dtype=np.float64) for name in own.kind.inputs]
    first, second = OwnStepper(own), OwnStepper(own)
    head = first.batch(*(column[:100] for column in inputs))["value"]
    second.restore(first.snapshot())
    tail = second.batch(*(column[100:] for column in inputs))["value"]
    assert np.concatenate((head, tail)).tobytes() == whole.column("fast").tobytes()


def test_it_stands_the_prefix_run(tmp_path: Path) -> None:
    assert unstable(a_card_with(tmp_path, RANGE), another_walk) == set()


def test_a_function_that_finds_later_bars_elsewhere_fails_the_prefix_run(tmp_path: Path) -> None:
    peeking = (
        "seen = {}\n"
        "def span(state, bar):\n"
        "    seen[bar.ts_open] = bar.close\n"
        "    return seen.get(bar.ts_open + 60_000, bar.close)\n"  # the next bar, as an earlier run has left it
    )
    assert unstable(a_card_with(tmp_path, peeking), another_walk) >= {"fast"}


def test_the_file_is_part_of_the_cards_digest(tmp_path: Path) -> None:
    first = card_digest(a_card_with(tmp_path, RANGE))
    assert card_digest(a_card_with(tmp_path, RANGE)) == first
    assert card_digest(a_card_with(tmp_path, RANGE + "# another\n")) != first
    assert card_digest(a_card_with(tmp_path, RANGE, state="17")) != first


FAULTS = {
    "no such file": ("x = 1", "python:none.py:span", "cannot read none.py"),
    "no such function": ("x = 1", "python:mine.py:span", "mine.py has no function `span`"),
    "no function": ("span = 1", "python:mine.py:span", "mine.py has no function `span`"),
    "one argument": ("def span(bar):\n    return 1", "python:mine.py:span", "does not take two arguments"),
    "any arguments": ("def span(state, *bar):\n    return 1", "python:mine.py:span", "does not take two arguments"),
    "no Python": ("def", "python:mine.py:span", "mine.py cannot be run: SyntaxError"),
    "an error at import": ("1 / 0", "python:mine.py:span", "mine.py cannot be run: ZeroDivisionError"),
    "no path": ("x = 1", "python:mine", "python:FILE.py:name"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_used_is_refused_at_load(tmp_path: Path, name: str) -> None:
    source, use, words = FAULTS[name]
    (line,) = faults_of(tmp_path, source, use)
    assert "own.yaml:6:15: features.fast.use: " in line
    assert words in line


AT_A_BAR = {
    "it raises": (
        "    if bar.ts_open > 100 * 60000: raise RuntimeError('no more')\n    return 1.0",
        101,
        "RuntimeError",
    ),
    "it divides by zero": ("    state[0] += 1\n    return 1.0 / (state[0] - 8)", 7, "raised"),
    "it returns text": ("    return 'high'", 0, "returned str 'high', expected a number"),
    "it returns nothing": ("    state[0] += 1", 0, "returned NoneType None, expected a number"),
    "it reads beyond its state": ("    return [1.0][int(bar.ts_open) // 60000]", 1, "raised IndexError"),
    "it reads another bar": ("    return bar.next.close", 0, "raised AttributeError"),
}


@pytest.mark.parametrize("name", AT_A_BAR)
def test_a_function_that_fails_is_named_with_its_bar(tmp_path: Path, name: str) -> None:
    body, bar, words = AT_A_BAR[name]
    (line,) = faults_of(tmp_path, f"def span(state, bar):\n{body}\n")
    assert "own.yaml:6:9: features.fast: `python:mine.py:span`" in line
    assert words in line
    assert f"at bar {bar} of exec, which opens at {bar * 60_000} ms UTC" in line


def test_a_live_bar_at_which_it_fails_is_named_too(tmp_path: Path) -> None:
    card = a_card_with(tmp_path, "def span(state, bar):\n    state[0] += 1\n    return 1.0 / (state[0] - 8)\n")
    columns = GrowingBars(BARS.symbol, BARS.timeframe_ms, BARS.price_digits)
    feeds = Feeds.build(card, appended(columns, BARS, 0, 7))
    with pytest.raises(CardError, match="at bar 7 of exec"):
        feeds.extend(appended(columns, BARS, 7, 8))


def test_unknown_values_are_nan(tmp_path: Path) -> None:
    source = "from math import nan\ndef span(state, bar):\n    return nan if bar.ts_open < 300000 else bar.close\n"
    feeds = Feeds.build(a_card_with(tmp_path, source), BARS)
    assert np.isnan(feeds.column("fast")).tolist() == [True] * 5 + [False] * 295
