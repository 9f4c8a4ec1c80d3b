"""Engine against the loop of resting entries on random small markets, at latency 0 and with messages under way."""

import tempfile
from pathlib import Path

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.app.settings import LatencySettings
from actors.intents import ladders
from actors.intents.ladders import shares_of
from actors.orders.ladders import Ladders
from actors.strategy.watching import Watcher
from ideacards.blocks import StrategyBlocksExecutor
from tests.oracle.engine import NO_LATENCIES, EngineRun, run_card
from tests.oracle.resting_loop import WHENS, RestingStory, resting_card, tell_resting
from tests.oracle.story import EPOCH_MS, MINUTE_MS, Row, rows_of, write_bars
from tests.oracle.test_exits_loop import PATHS, a_market, differences, wanderings

MESSAGES_MS = 20
LATE = LatencySettings("0", str(MESSAGES_MS), str(MESSAGES_MS))
ENDINGS = [
    None,
    ("bars", 1),
    ("bars", 3),
    ("bars", 7),
    ("until", 5),
    ("until", 23),
    *(("when", name) for name in WHENS),
]
RUNGS = [("1", "close", -2), ("3", "close", -5), ("2", "low3", -1), ("0.7", "close", -9)]
ANYWHERE = [*RUNGS, ("1", "close", 0), ("1", "close", 3), ("2", "high3", 0), ("1", "high3", -14), ("1", "low3", 4)]


@st.composite
def stories(draw: st.DrawFn, rungs: list[tuple[str, str, int]], *, adds: bool) -> RestingStory:
    is_ladder, is_short = draw(st.booleans()), draw(st.booleans())
    chosen = draw(st.lists(st.sampled_from(rungs), min_size=1, max_size=3 if is_ladder else 1, unique=True))
    mirrored = {"close": "close", "low3": "high3", "high3": "low3"}
    if is_short:
        chosen = [(weight, mirrored[ref], -ticks) for weight, ref, ticks in chosen]
    follow = draw(st.sampled_from([None, None, "ticks", "percent"]))
    return RestingStory(
        rungs=tuple(chosen),
        is_ladder=is_ladder,
        is_short=is_short,
        follow_ticks=draw(st.sampled_from([1, 3, 8])) if follow == "ticks" else None,
        follow_percent=draw(st.sampled_from(["0.15", "0.5"])) if follow == "percent" else None,
        expires=draw(st.sampled_from(ENDINGS)),
        time_stop=None if adds else draw(st.sampled_from([None, 1, 2, 6])),
        adds=adds,
        response_ms=MESSAGES_MS if adds else 0,
        path=draw(st.sampled_from(PATHS)),
    )


@st.composite
def walks(draw: st.DrawFn) -> list[Row]:
    """Bars that begin where the last one ended."""
    rows: list[Row] = []
    price = 1000
    for number in range(draw(st.integers(8, 40))):
        c = price + draw(st.integers(-12, 12))
        high, low = max(price, c) + draw(st.integers(0, 6)), min(price, c) - draw(st.integers(0, 6))
        prices = (f"{value / 10:.1f}" for value in (price, high, low, c))
        rows.append((EPOCH_MS + number * MINUTE_MS, *prices))  # type: ignore[arg-type]
        price = c
    return rows


def run(rows: list[Row], story: RestingStory, latency: LatencySettings = NO_LATENCIES) -> EngineRun:
    with tempfile.TemporaryDirectory() as folder:
        bars = write_bars(Path(folder) / "bars.csv", rows)
        return run_card(Path(folder), bars, resting_card(story), path=story.path, latency=latency)


@pytest.mark.slow
@given(rows=wanderings(), story=stories(ANYWHERE, adds=False))
@settings(max_examples=300, deadline=None)
def test_every_resting_entry_is_the_loops_fill_for_fill(rows: list[Row], story: RestingStory) -> None:
    oracle = tell_resting(rows, story)
    event(f"fills: {min(len(oracle.fills), 4)}")
    assert differences(oracle, run(rows, story)) == []


@pytest.mark.slow
@given(rows=walks(), story=stories(RUNGS, adds=True))
@settings(max_examples=200, deadline=None)
def test_with_messages_under_way_too(rows: list[Row], story: RestingStory) -> None:
    oracle = tell_resting(rows, story)
    event(f"fills: {min(len(oracle.fills), 4)}")
    assert differences(oracle, run(rows, story, LATE)) == []


RISE = ["100", "100", "100 101 100 101"]  # the close of bar 2 rises: an order from the open of bar 3 on


def seen(bars: list[str], story: RestingStory) -> list[tuple[int, str, str, str]]:
    """Fills of the loop: bar, side, quantity, price."""
    fills = tell_resting(rows_of([*RISE, *bars]), story).fills
    return [(f.bar, f.side, f"{f.qty.normalize():f}", f"{f.price.normalize():f}") for f in fills]


def test_the_loop_against_numbers_worked_out_by_hand() -> None:
    """The oracle judges the engine, so it must be trusted first."""
    bid = RestingStory(rungs=(("1", "close", -5),))  # at 100.5
    assert seen(["101 101 100.5 101"], bid) == []
    assert seen(["101 101 100.4 101"], bid) == [(3, "buy", "1", "100.5")]
    # taken back at the close of bar 4, so the fall of bar 5 meets nothing
    short_lived = attrs.evolve(bid, expires=("bars", 2))
    assert seen(["101", "101", "101 101 100 101"], short_lived) == []
    assert seen(["101", "101 101 100 100.9"], short_lived) == [(4, "buy", "1", "100.5")]
    # the close of 102 moves it to 101.5
    assert seen(["101 102 101 102", "102 102 101.4 102"], attrs.evolve(bid, follow_ticks=3)) == [
        (4, "buy", "1", "101.5")
    ]
    assert seen(["101 102 101 102", "102 102 101.4 102"], attrs.evolve(bid, follow_ticks=10)) == []
    # a close below 100.5 falls, and takes back what the ladder has left; the rest leaves after a bar
    ladder = attrs.evolve(bid, rungs=(("3", "close", -5), ("1", "close", -30)), is_ladder=True, time_stop=1)
    assert seen(["101 101 100.4 101", "101", "101 101 90 101"], ladder) == [
        (3, "buy", "0.75", "100.5"),
        (4, "sell", "0.75", "101"),
    ]


LADDER = (("3", "close", -2), ("2", "close", -4), ("1", "close", -30))
STORIES = {
    "an order that does not follow": RestingStory(follow_ticks=3, time_stop=3),
    "an order that expires a bar late": RestingStory((("1", "close", -6),), expires=("bars", 2), time_stop=3),
    "a condition that never holds": RestingStory((("1", "close", -6),), expires=("when", "falls"), time_stop=2),
    "a ladder upside down": RestingStory(LADDER, is_ladder=True, time_stop=3),
    "a ladder that outlives its position": RestingStory(LADDER, is_ladder=True, time_stop=2),
}
FAULTS = {
    "an order that does not follow": (Watcher, "_followed", lambda *_: None),
    "an order that expires a bar late": (Watcher, "_expiries", lambda _, terms: [terms.since_ms + 3 * MINUTE_MS]),
    "a condition that never holds": (StrategyBlocksExecutor, "has_ended", lambda *_: False),
    "a ladder upside down": (ladders, "shares_of", lambda *given: shares_of(*given)[::-1]),
    "a ladder that outlives its position": (Ladders, "left_over", lambda *_: ()),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, story = a_market(), STORIES[name]
    oracle = tell_resting(rows, story)
    assert differences(oracle, run(rows, story)) == []
    monkeypatch.setattr(*FAULTS[name])
    assert differences(oracle, run(rows, story)) != []
