"""Engine against late loop: two cards in one account, with news under way and stops and targets that go with entries.

Fill for fill, fee for fee, refusal for refusal, to the last digit of each card's equity; a planted fault of each kind
is found.
"""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.app.settings import LatencySettings
from actors.protection.guard import PositionGuard
from actors.simulator.latency import ConstantLatency
from actors.strategy.actor import Strategy
from tests.oracle.engine import EngineRun, differences, run_together
from tests.oracle.late_loop import Delays, tell_late
from tests.oracle.story import MINUTE_MS, Row, Story, Venue, rows_of
from tests.oracle.straight_loop import OracleRun
from tests.scenarios.markets import FIRST_MS, markets, stories

ETHUSDT = Venue("ETHUSDT", tick="0.01", step="0.01", min_qty="0.01")
Market = tuple[Story, list[Row]]


RISE = ["90", "90", "90", "90 100 90 100"]  # averages of length 1 and 3: a cross up at its close, with 100
STORY = Story(fast=1, slow=3, warmup=None, stop="2", target="10", equity="20000", path="olhc")


def compare(pair: list[Market], delays: Delays, *, every_bar: bool = False) -> list[EngineRun]:
    """Both tell it; the engine's side."""
    latency = LatencySettings(str(delays.feed), str(delays.entry), str(delays.response))
    engines = run_together(pair, latency, every_bar=every_bar)
    for oracle, engine in zip(tell_late(pair, delays), engines, strict=True):
        assert differences(oracle, engine) == []
    return engines


milliseconds = st.sampled_from([0, 0, 1, 20, 21, 333, 2_500])


@st.composite
def pairs(draw: st.DrawFn) -> list[Market]:
    """Two cards on two symbols, bars of the same minutes; the sizes hang on the common equity, or do not."""
    found: list[Market] = []
    for venue in (Venue(), ETHUSDT):
        story = draw(stories())
        share = draw(st.sampled_from([None, "0.1", "7", "40"]))
        rows = [(FIRST_MS + MINUTE_MS * number, *row[1:]) for number, row in enumerate(draw(markets()))]
        path = found[0][0].path if found else story.path
        own = attrs.evolve(story, venue=venue, id=venue.symbol.lower(), path=path, equity_percent=share)
        found.append((attrs.evolve(own, equity="20000"), rows))
    shortest = min(len(rows) for _, rows in found)  # bars of an account end together; others are refused as input
    return [(story, rows[:shortest]) for story, rows in found]


@pytest.mark.slow
@given(pairs(), st.builds(Delays, milliseconds, milliseconds, milliseconds))
@settings(max_examples=300)
def test_two_late_cards_in_one_account_trade_as_the_loop_says(pair: list[Market], delays: Delays) -> None:
    runs = compare(pair, delays)
    event(f"cards that trade: {sum(bool(run.fills) for run in runs)}")
    event(f"protection acts: {any(fill.origin != 'user' for run in runs for fill in run.fills)}")
    event("latency" if delays != Delays() else "no latency")
    for code in {code for run in runs for code in run.refusals}:
        event(f"refused: {code}")


def a_pair(bars: list[str], other: list[str], **changes: Any) -> list[Market]:
    """BTCUSDT and ETHUSDT, with the same card."""
    first, second = attrs.evolve(STORY, id="btc"), attrs.evolve(STORY, id="eth", venue=ETHUSDT, **changes)
    return [(first, rows_of([*RISE, *bars])), (second, rows_of([*RISE, *other]))]


def seen(run: OracleRun) -> list[tuple[int, str, Decimal, Decimal, str]]:
    return [(fill.bar, fill.side, fill.qty, fill.price, fill.origin) for fill in run.fills]


def test_the_late_loop_is_right_about_levels_that_move_when_the_fill_is_known() -> None:
    # Bar 4 opens at 104 and falls by 6 in 20 s. The entry arrives after 2 s at 103.4 and pays two ticks: 103.6, 10
    # coins. Its stop is 98, 2 % from the close of 100, until at 4 s, when the path is at 102.8, it moves to 2 % from
    # 103.6: 101.528 -> 101.5.
    pair, delays = a_pair(["104 104.2 98 100", "100"], ["100", "100"]), Delays(1_000, 1_000, 1_000)
    runs = tell_late(pair, delays)
    assert seen(runs[0]) == [
        (4, "buy", Decimal(10), Decimal("103.6"), "user"),
        (4, "sell", Decimal(10), Decimal("101.5"), "stop_loss"),
    ]
    assert compare(pair, delays)[0].fills == runs[0].fills


def test_the_late_loop_is_right_about_a_stop_that_is_met_before_its_entry_is_known() -> None:
    # The same bar: with 19 s of response the stop stays at 98 until the path is there, after 20 s.
    pair, delays = a_pair(["104 104.2 98 100", "100"], ["100", "100"]), Delays(1_000, 1_000, 19_000)
    assert seen(tell_late(pair, delays)[0])[1] == (4, "sell", Decimal(10), Decimal(98), "stop_loss")
    compare(pair, delays)


def test_the_late_loop_is_right_about_an_entry_whose_target_the_market_has_passed() -> None:
    pair, delays = a_pair(["112 112 110 110", "100"], ["100", "100"]), Delays(20, 20, 21)
    (first, _) = tell_late(pair, delays)
    assert (first.fills, first.refusals) == ((), {"BAD_PARAMETER": 1})
    compare(pair, delays)


def test_the_late_loop_is_right_about_a_size_that_hangs_on_the_other_card() -> None:
    # Card eth crosses a bar later, and buys for 50 % of 20000 - 0.55 (the other's fee) + 10 x (105 - 100) coins.
    later = ["90", "90", "90", "90", "90 100 90 100", "100", "100"]
    pair = a_pair(["100 105 100 105", "105", "105"], [])
    pair[1] = attrs.evolve(STORY, id="eth", venue=ETHUSDT, equity_percent="50"), rows_of(later)
    (_, other) = tell_late(pair, Delays())
    assert seen(other) == [(5, "buy", Decimal("100.24"), Decimal(100), "user")]
    compare(pair, Delays())


@pytest.mark.parametrize("delays", [Delays(), Delays(entry=21), Delays(response=21), Delays(0, 20, 21)])
def test_an_order_that_is_under_way_when_the_data_ends_was_sent_and_is_open(delays: Delays) -> None:
    for run in compare(a_pair([], []), delays):
        assert (run.orders, run.open_at_end) == (1, 1)


@pytest.mark.parametrize("fault", ["levels", "wallet", "early"])
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Levels that stay, an equity without what the other card did, messages that are a millisecond early."""
    pair, delays = a_pair(["104 104.2 98 100", "100", "100"], []), Delays(1_000, 1_000, 1_000)
    later = ["90", "90", "90", "90", "90 100 90 100", "100", "100"]
    pair[1] = attrs.evolve(STORY, id="eth", venue=ETHUSDT, equity_percent="50"), rows_of(later)
    compare(pair, delays)
    if fault == "levels":
        monkeypatch.setattr(PositionGuard, "_protect", lambda *_: None)
    elif fault == "wallet":
        monkeypatch.setattr(Strategy, "_equity_at", lambda self, index: self._instrument.money(Decimal(20_000)))
    else:
        monkeypatch.setattr(ConstantLatency, "delay_ns", lambda self, now_ns, share: self.ns - 1_000_000)
    with pytest.raises(AssertionError):
        compare(pair, delays)
