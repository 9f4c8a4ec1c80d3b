"""Exits that an actor watches need bars that no condition of the card asks for; a run without them is found out."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.simulator.matching.agenda import Agenda
from actors.simulator.prices.path import PathPolicy
from ideacards.errors import CardError
from ideacards.loader import read_card
from tests.scenarios.exit_cards import FEATURES, entry_parts, resting_orders
from tests.scenarios.markets import markets
from tests.scenarios.test_wake_sets import LATENCIES, NO_LATENCY, Case, a_wave, told

OTHERS = [
    ("crosses_below(fast, slow)", "{action: flatten}"),
    ("crosses_below(fast, slow)", "{action: reverse, size: {quantity: 1}, stop_loss: {percent: 1}}"),
    ("position.long and close > high3[1]", "{action: scale_in, size: {quantity: 1}, max_layers: 3}"),
    ("not position.flat and close > high3[1]", "{action: scale_out, fraction: 0.5}"),
    ("position.long and close > high3[1]", "{action: set_stop, stop_loss: {price: low3}, tighten: true}"),
    ("close > close[1]", "{action: replace, price: {ref: close, offset_ticks: -3}}"),
    ("close < close[1]", "{action: replace, price: {ref: low3}, size: {quantity: 2}}"),
    ("position.long and close > high3[1]", "{action: trail, trail: {ticks: 4, activation: {ticks: 6}}}"),
    ("not position.flat and close < low3[1]", "{action: trail, trail: {atr: {feature: noise}}}"),
    ("not position.flat and close > high3[1]", "{action: trail, trail: {price: low3}}"),
    ("not position.flat and close < low3[1]", "{action: set_target, take_profit: {percent: 1}}"),
]


def a_card_text(emit: str, action: str = "enter_long", when: str = "false", other: str = "{action: none}") -> str:
    """A card that enters at a cross, with its exits in the emit, and a second block."""
    return f"""\
id: watched
market: {{venue: bybit, category: linear, symbol: BTCUSDT}}
timeframes: {{exec: 1m}}
account: {{equity: 1000, leverage: 20}}
features: {{fast: {{use: ema, length: 2}}, slow: {{use: sma, length: 4}}, {FEATURES}}}
blocks:
- id: entry
  cases:
  - when: crosses_above(fast, slow)
    emit: {{action: {action}, {emit}}}
- id: other
  cases:
  - when: {when}
    emit: {other}
"""


@st.composite
def watched_cards(draw: st.DrawFn) -> str:
    action = draw(st.sampled_from(["enter_long", "enter_short"]))
    parts = draw(entry_parts())
    if draw(st.booleans()):
        has_targets = any(part.startswith("targets") for part in parts)
        layers = [part for part in parts if part.startswith("max_layers")]
        parts.append(draw(resting_orders(ladders=not has_targets and layers in ([], ["max_layers: 3"]))))
    others = draw(st.sampled_from([(), (), ("close < low3[1]", "{action: cancel}"), *OTHERS]))
    return a_card_text(", ".join(parts), action, *others)


cases = st.builds(
    Case,
    watched_cards(),
    markets(),
    st.sampled_from(PathPolicy),
    st.sampled_from([86_400, 86_400, 97]),
    st.sampled_from([10, 10, 1]),
    st.sampled_from([0, 0, 5]),
    st.sampled_from([NO_LATENCY, NO_LATENCY, *LATENCIES]),
    venue=st.sampled_from([(), (), (("volume_share", Decimal("0.4")),)]),
)


@pytest.mark.slow
@given(case=cases)
@settings(max_examples=300)
def test_a_run_by_wakes_equals_the_run_of_every_bar(case: Case) -> None:
    try:
        card = read_card(case.text, "watched.yaml")
    except CardError as error:
        raise AssertionError(f"{case.text}\n{error}") from error
    every, woken = case.run(card, every_bar=True), case.run(card, every_bar=False)
    assert told(woken) == told(every)
    event(f"fills: {min(len(every.tape.fills), 5)}")
    event("left bars out" if woken.object["bars_delivered"] < every.object["bars_delivered"] else "all delivered")


WATCHED = {
    "time stop": "size: {quantity: 1}, time_stop: {bars: 5}",
    "session end": 'size: {quantity: 1}, session_end: "00:40"',
    "break-even by R": "size: {quantity: 1}, stop_loss: {percent: 1}, break_even: {at_r: 1}, time_stop: {bars: 30}",
    "an entry that expires": (
        "size: {quantity: 1}, time_stop: {bars: 9},"
        " order: {type: limit, price: {ref: close, offset_ticks: -25}, expires: {bars: 4}}"
    ),
    "an entry that follows": (
        "size: {quantity: 1}, time_stop: {bars: 9},"
        " order: {type: limit, price: {ref: close, offset_ticks: -1}, follow: {ticks: 3}}"
    ),
    "a stop along a feature": "size: {quantity: 1}, stop_loss: {percent: 5}, trail: {price: low3}",
}


def run(emit: str, *, every_bar: bool) -> Any:
    text = a_card_text(emit)
    case = Case(text, a_wave(), PathPolicy.NEAREST_EXTREME, 86_400, 10, 0)
    return case.run(read_card(text, "watched.yaml"), every_bar=every_bar)


@pytest.mark.parametrize("name", WATCHED)
def test_bars_that_are_watched_for_are_delivered_and_few_others(name: str) -> None:
    every, woken = run(WATCHED[name], every_bar=True), run(WATCHED[name], every_bar=False)
    assert told(woken) == told(every)
    assert woken.object["orders"] >= 2
    assert woken.object["bars_delivered"] < every.object["bars_delivered"]


@pytest.mark.parametrize("name", WATCHED)
def test_a_venue_that_forgets_what_is_watched_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: only the wake set's bars are published."""
    every = told(run(WATCHED[name], every_bar=True))
    monkeypatch.setattr(Agenda, "watch_from", lambda *_: None)
    assert told(run(WATCHED[name], every_bar=False)) != every


def test_a_time_stop_holds_its_bars_and_leaves_at_the_next_open() -> None:
    result = run(WATCHED["time stop"], every_bar=False)
    fills = list(result.tape.fills)
    pairs = list(zip(fills[::2], fills[1::2], strict=False))
    assert len(pairs) > 3
    assert {leave.bar - enter.bar for enter, leave in pairs} == {5}
    assert result.object["bars_delivered"] <= 2 * result.object["orders"] + 2
