"""Features written as expressions, price sources, a second source, and `history`: what a card may say of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ideacards.card import Card
from ideacards.feeds import Feeds
from ideacards.indicators.compute import compute
from ideacards.indicators.kind import Indicator
from ideacards.indicators.registry import INDICATORS
from ideacards.indicators.steppers import Stepper
from ideacards.loader import card_digest
from ideacards.readiness import shortages
from tests.ideacards.builders import a_card, a_card_text, faults_of
from tests.ideacards.indicators.cases import CASES, Case, case_id, inputs_of, stepped
from tests.ideacards.markets import random_bars

BARS = random_bars(200, lost=[50, 51])
FRAMES = "timeframes: {exec: 1m, mtf: 5m, htf: 15m}"


def card_of(text: str) -> Card:
    return a_card(timeframes=FRAMES, features=f"features:\n  {text}", blocks=ANY)


def faults(text: str) -> list[str]:
    return faults_of(a_card_text(timeframes=FRAMES, features=f"features:\n  {text}", blocks=ANY))


ANY = "blocks:\n- id: e\n  cases: [{when: close > 1, emit: {action: none}}]"
AVERAGES = "fast: {use: sma, length: 3}\n  slow: {use: sma, length: 5}"


def test_a_spread_is_the_difference_of_its_features() -> None:
    feeds = Feeds.build(card_of(f"spread: 2 * fast - slow[1] / 2\n  {AVERAGES}"), BARS)
    fast, slow = feeds.column("fast"), feeds.column("slow")
    assert feeds.column("spread")[5:].tobytes() == (2.0 * fast[5:] - slow[4:-1] / 2.0).tobytes()
    assert feeds.warm_at("spread") == 5, "the slow average is warm at 4, its lag adds one"
    assert np.isnan(feeds.column("spread")[:5]).all()


def test_an_expression_of_slower_features_is_on_their_timeframe() -> None:
    card = card_of("slow: {use: sma, length: 2, timeframe: htf}\n  gap: close - slow[1]")
    feeds = Feeds.build(card, BARS)
    store = feeds.stores["htf"]
    assert card.features[1].timeframe == "htf"
    expected = store.bars.close[2:] - store.columns["slow"][1:-1]
    assert store.columns["gap"][2:].tobytes() == expected.tobytes()
    assert feeds.warm_at("gap") == 44


MIXED = """a: {use: sma, length: 2, timeframe: mtf}
  b: {use: sma, length: 2}
  h: {use: ema, length: 3, timeframe: htf, fresh: {bars: 9}}
  x: a - b
  y: (h + a[1]) / close
  z: {use: sma, of: y, length: 3}"""


def test_an_expression_of_several_timeframes_is_on_exec_and_slower_values_stand_until_their_close() -> None:
    card = card_of(MIXED)
    assert [feature.timeframe for feature in card.features] == ["mtf", "exec", "htf", "exec", "exec", "exec"]
    feeds = Feeds.build(card, BARS)
    a, b, h = (feeds.column(name) for name in "abh")
    assert feeds.column("x").tobytes() == (a - b).tobytes()
    assert feeds.column("y")[1:].tobytes() == ((h[1:] + a[:-1]) / BARS.close[1:]).tobytes()
    assert len({*a[9:14].tolist()}) == 1, "it stands still in between"
    assert (feeds.warm_at("x"), feeds.warm_at("y"), feeds.warm_at("z")) == (9, 44, 46)


@pytest.mark.parametrize("start", [1, 8, 9, 40, 44, 45, 150])
def test_it_has_the_same_bytes_bar_by_bar_whenever_its_first_value_comes(start: int) -> None:
    card, dice = card_of(MIXED), np.random.default_rng(start)
    whole, grown = Feeds.build(card, BARS), Feeds.build(card, BARS.head(start))
    known = start
    while known < len(BARS):
        known = min(len(BARS), known + int(dice.integers(1, 4)))
        grown.extend(BARS.head(known))
        for name in "xyz":
            assert grown.column(name).tobytes() == whole.column(name)[:known].tobytes(), (name, known)
    assert grown.warm_at("z") == whole.warm_at("z")


def test_too_few_bars_for_the_slower_one_are_told() -> None:
    card = card_of(MIXED)
    told = [problem.what for problem in shortages(card, Feeds.build(card, BARS.head(30)))]
    assert told[0] == "`h` needs 3 bars of 15m, and there are 2"
    assert told[1] == "`y` reads a slower feature that has no value by the card's last close"


def test_a_feature_may_read_an_expression() -> None:
    feeds = Feeds.build(
        card_of(f"{AVERAGES}\n  spread: fast - slow\n  smooth: {{use: ema, of: spread, length: 3}}"), BARS
    )
    expected = compute("ema", {"length": 3, "seed": "first"}, feeds.column("spread")[4:])["value"]
    assert feeds.column("smooth")[4:].tobytes() == expected.tobytes()
    assert feeds.warm_at("smooth") == 6


def test_a_quotient_by_zero_is_unknown() -> None:
    feeds = Feeds.build(card_of("ratio: close / (open - open)"), BARS)
    assert np.isnan(feeds.column("ratio")).all()


@pytest.mark.parametrize(
    ("of", "value"),
    [
        ("hl2", lambda b: (b.high + b.low) / 2.0),
        ("hlc3", lambda b: (b.high + b.low + b.close) / 3.0),
        ("ohlc4", lambda b: (b.open + b.high + b.low + b.close) / 4.0),
    ],
)
def test_price_sources_are_means_of_the_bar(of: str, value: Callable[[Any], Any]) -> None:
    feeds = Feeds.build(card_of(f"x: {{use: sma, of: {of}, length: 1}}\n  twice: {of} * 2"), BARS)
    assert feeds.column(of).tobytes() == value(BARS).tobytes()
    assert feeds.column("x").tobytes() == value(BARS).tobytes()
    assert feeds.column("twice").tobytes() == (value(BARS) * 2.0).tobytes()
    assert feeds.warm_at(of) == 0


def test_a_feature_may_have_the_name_of_a_price_source() -> None:
    feeds = Feeds.build(card_of("hl2: {use: sma, length: 3}\n  x: {use: sma, of: hl2, length: 1}"), BARS)
    assert feeds.column("x")[2:].tobytes() == feeds.column("hl2")[2:].tobytes()
    assert feeds.column("hl2").tobytes() == compute("sma", {"length": 3}, BARS.close)["value"].tobytes()


def test_with_names_the_second_source() -> None:
    card = card_of("fast: {use: sma, length: 3}\n  c: {use: correlation, of: close, with: fast, length: 4}")
    feeds = Feeds.build(card, BARS)
    expected = compute("correlation", {"length": 4}, BARS.close[2:], feeds.column("fast")[2:])["value"]
    assert feeds.column("c")[2:].tobytes() == expected.tobytes()
    assert feeds.warm_at("c") == 5


SAID = {
    "an unknown name": ("x: fast - slo\n  fast: {use: sma, length: 2}", "undefined name `slo`"),
    "a truth": ("x: close > open", "expected a number"),
    "the account": ("x: close - position.entry_price", "a feature cannot read the account"),
    "itself": ("x: x + 1", "features read each other: x -> x"),
    "a circle": ("x: y + 1\n  y: {use: sma, of: x, length: 2}", "features read each other: x -> y -> x"),
    "a circle by with": (
        "x: {use: correlation, with: y, length: 2}\n  y: {use: sma, of: x, length: 2}",
        "features read each other: x -> y -> x",
    ),
    "two timeframes of a kind": (
        "a: {use: sma, length: 2, timeframe: mtf}\n  b: {use: sma, length: 2}\n"
        "  x: {use: correlation, of: a, with: b, length: 3}",
        "sources on different timeframes",
    ),
    "no second source": ("x: {use: correlation, length: 3}", "`with` is missing"),
    "an unknown second source": ("x: {use: correlation, with: clos, length: 3}", "undefined name `clos`"),
    "a history under the warm-up": ("x: {use: ema, length: 9, history: 8}", "history (8) is shorter than the 9 bars"),
    "a length too short": ("x: {use: hma, length: 1}", "length (1) must be at least 2"),
    "an unknown anchor": ("x: {use: vwap, anchor: year}", "hour, day, week, month"),
    "an early time": ("x: {use: anchored_vwap, since: -1}", "at least 0"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_wrong_one_is_refused_in_one_line_a_fault(name: str) -> None:
    text, words = SAID[name]
    (line,) = faults(text)
    assert words in line
    assert line.startswith("probe.yaml:")


def test_an_expression_is_part_of_the_digest_however_it_is_written() -> None:
    digests = [
        card_digest(card_of(f"{AVERAGES}\n  x: {text}")) for text in ("fast - slow", "(fast)-slow", "slow - fast")
    ]
    assert digests[0] == digests[1] != digests[2]


RECURSIVE = [case for case in CASES if INDICATORS[case[0]].is_recursive]


def _history_of(kind: Indicator, params: dict[str, Any]) -> int:
    return max(kind.warm_index(params).values()) + 4


@pytest.mark.parametrize("case", RECURSIVE, ids=case_id)
def test_with_history_each_value_starts_that_many_bars_back(case: Case) -> None:
    use, params = case
    kind, inputs = INDICATORS[use], inputs_of(use, 70)
    history = _history_of(kind, params)
    batch = np.array(list(Stepper(kind, params, history).batch(*inputs).values()))
    assert np.isnan(batch[:, : history - 1]).all()
    for stop in range(history, 70):
        alone = compute(use, params, *(column[stop - history : stop] for column in inputs))
        expected = np.array([column[-1] for column in alone.values()])
        assert batch[:, stop - 1].tobytes() == expected.tobytes()


@pytest.mark.parametrize("case", RECURSIVE, ids=case_id)
def test_with_history_steps_chunks_and_snapshots_agree(case: Case) -> None:
    use, params = case
    kind, inputs = INDICATORS[use], inputs_of(use, 70)
    inputs[0][[3, 30, 31]] = np.nan
    history = _history_of(kind, params)
    whole = np.array(list(Stepper(kind, params, history).batch(*inputs).values()))
    assert stepped(Stepper(kind, params, history), inputs).tobytes() == whole.tobytes()
    one = Stepper(kind, params, history)
    head = np.array(list(one.batch(*(column[:33] for column in inputs)).values()))
    other = Stepper(kind, params, history)
    other.restore(one.snapshot())
    tail = stepped(other, tuple(column[33:] for column in inputs))
    assert np.concatenate((head, tail), axis=1).tobytes() == whole.tobytes()


def test_with_history_a_card_does_not_feel_where_its_bars_begin() -> None:
    text = "x: {use: ema, length: 5, history: 40}\n  y: {use: sma, length: 5, history: 40}\n  z: {use: ema, length: 5}"
    whole, tail = Feeds.build(card_of(text), BARS), Feeds.build(card_of(text), random_bars_from(100))
    assert whole.column("x")[-50:].tobytes() == tail.column("x")[-50:].tobytes()
    assert whole.column("z")[-50:].tobytes() != tail.column("z")[-50:].tobytes()
    assert (whole.warm_at("x"), whole.warm_at("y"), whole.warm_at("z")) == (39, 4, 4)


def random_bars_from(first: int) -> Any:
    """BARS without the first ones."""
    columns = ("ts_open", "ts_close", "volume", "price_open", "price_high", "price_low", "price_close")
    cut = {name: getattr(BARS, name)[first:] for name in columns}
    return type(BARS)(BARS.symbol, BARS.timeframe_ms, BARS.price_digits, **cut)
