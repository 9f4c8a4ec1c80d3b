"""Engine against the loop of exits on random small markets: fill for fill, fee for fee, refusals and equity."""

import tempfile
from collections import Counter
from pathlib import Path

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.intents.levels import resolve_level
from actors.model.exits import FixedLevel, LevelTerms
from actors.model.fixed import Price
from actors.model.levels import trail_distance
from actors.protection.ladder import targets_of
from tests.oracle.engine import EngineRun, run_card
from tests.oracle.exits_loop import ExitRun, ExitStory, exit_card, tell_exits
from tests.oracle.story import EPOCH_MS, MINUTE_MS, Row, rows_of, write_bars

PATHS = ("nearest_extreme", "ohlc", "olhc")
LEVELS = [("percent", "0.3"), ("percent", "1"), ("ticks", "4"), ("ticks", "13"), ("range", "1"), ("range", "0.7")]
STOPS = [*LEVELS, ("price", "low3"), ("price", "high3")]
LADDERS = [
    ((("ticks", "5"), "0.5"), (("ticks", "9"), "0.5")),
    ((("percent", "0.4"), "0.3"), (("range", "2"), "0.3")),
    ((("ticks", "6"), "0.0001"), (("ticks", "12"), "0.9")),
]


@st.composite
def wanderings(draw: st.DrawFn) -> list[Row]:
    """Bars that wander around 100 in ticks, with gaps between them and in time."""
    rows: list[Row] = []
    price, time = 1000, EPOCH_MS
    for _ in range(draw(st.integers(8, 40))):
        o = price + draw(st.sampled_from([0, 0, 0, 1, -1, 8, -8]))
        c = o + draw(st.integers(-12, 12))
        high, low = max(o, c) + draw(st.integers(0, 6)), min(o, c) - draw(st.integers(0, 6))
        rows.append((time, *(f"{value / 10:.1f}" for value in (o, high, low, c))))  # type: ignore[arg-type]
        price = c
        time += MINUTE_MS * draw(st.sampled_from([1, 1, 1, 1, 1, 3]))
    return rows


@st.composite
def stories(draw: st.DrawFn) -> ExitStory:
    """One exit of each group at most, so that no two are met at one price."""
    stop = draw(st.sampled_from([None, *STOPS]))
    ladder = draw(st.sampled_from([(), (), *LADDERS]))
    target = None if ladder else draw(st.sampled_from([None, None, *STOPS]))
    story = ExitStory(
        is_short=draw(st.booleans()),
        stop=stop,
        target=target,
        targets=ladder,
        time_stop=draw(st.sampled_from([None, None, 1, 2, 6])),
        session_end=draw(st.sampled_from([None, None, None, 7, 23])),
        path=draw(st.sampled_from(PATHS)),
    )
    if stop is None:
        return story
    if draw(st.booleans()):
        story = attrs.evolve(story, quantity=None, risk=draw(st.sampled_from(["0.1", "0.37", "1"])))
    moves = draw(st.sampled_from(["none", "trail", "trail later", "along", "even r", "even target"]))
    if moves == "trail":
        return attrs.evolve(story, trail=draw(st.sampled_from(LEVELS)))
    if moves == "trail later":
        return attrs.evolve(story, trail=draw(st.sampled_from(LEVELS)), activation=draw(st.sampled_from(LEVELS)))
    if moves == "along":
        return attrs.evolve(story, trail=("price", "high3" if story.is_short else "low3"))
    ticks = draw(st.sampled_from([0, 2, -1]))
    if moves == "even r":
        return attrs.evolve(story, even_r=draw(st.sampled_from(["0.5", "1", "2"])), even_ticks=ticks)
    if moves == "even target" and ladder:
        return attrs.evolve(story, even_target=2 if ladder is LADDERS[2] else 1, even_ticks=ticks)
    return story


def run(rows: list[Row], story: ExitStory) -> EngineRun:
    with tempfile.TemporaryDirectory() as folder:
        bars = write_bars(Path(folder) / "bars.csv", rows)
        return run_card(Path(folder), bars, exit_card(story), path=story.path)


def differences(oracle: ExitRun, engine: EngineRun) -> list[str]:
    out = []
    for number in range(max(len(oracle.fills), len(engine.fills))):
        ours = oracle.fills[number] if number < len(oracle.fills) else None
        theirs = engine.fills[number] if number < len(engine.fills) else None
        if ours != theirs:
            out.append(f"fill {number}: oracle {ours}; engine {theirs}")
            break
    pairs: dict[str, tuple[object, object]] = {
        "orders": (oracle.orders, engine.orders),
        "refusals": (oracle.refusals, dict(engine.refusals)),
        "equity": (oracle.final_equity, engine.final_equity),
    }
    return out + [f"{name}: oracle {one}; engine {other}" for name, (one, other) in pairs.items() if one != other]


@pytest.mark.slow
@given(rows=wanderings(), story=stories())
@settings(max_examples=400, deadline=None)
def test_every_exit_is_the_loops_fill_for_fill(rows: list[Row], story: ExitStory) -> None:
    oracle = tell_exits(rows, story)
    for origin, count in Counter(fill.origin for fill in oracle.fills).items():
        event(f"{origin}: {min(count, 3)}")
    assert differences(oracle, run(rows, story)) == []


RISE = ["100", "100", "100 101 100 101"]  # the close of bar 2 rises: an entry at the open of bar 3


def seen(bars: list[str], story: ExitStory) -> list[tuple[int, str, str, str]]:
    """Fills of the loop after the entry: bar, quantity, price, origin."""
    fills = tell_exits(rows_of([*RISE, *bars]), story).fills
    return [(f.bar, f"{f.qty.normalize():f}", f"{f.price.normalize():f}", f.origin) for f in fills[1:]]


def test_the_loop_against_numbers_worked_out_by_hand() -> None:
    """The oracle judges the engine, so it must be trusted first."""
    # a trail of 5 ticks from 101 on: the high of 102.3 leads to 101.8, which the fall of the same bar meets
    trail = ExitStory(stop=("ticks", "20"), trail=("ticks", "5"))
    assert seen(["101 102.3 101 101"], trail) == [(3, "1", "101.8", "trailing_stop")]
    # from 101.5 on: a fall before does not count
    later = attrs.evolve(trail, activation=("ticks", "5"))
    assert seen(["101 101.4 100.5 101", "101 101.6 100.9 100.9"], later) == [(4, "1", "101.1", "trailing_stop")]
    # half at 101.5 once the price is a tick beyond, the stop then at the entry plus a tick
    ladder = ExitStory(stop=("ticks", "20"), targets=((("ticks", "5"), "0.5"),), even_target=1, even_ticks=1)
    assert seen(["101 101.5 101 101.5"], ladder) == []
    assert seen(["101 101.6 101 101"], ladder) == [(3, "0.5", "101.5", "user"), (3, "0.5", "101.1", "stop_loss")]
    # one R is 1: a close of 102 moves the stop to 101, the next open passes it
    even = ExitStory(stop=("ticks", "10"), even_r="1")
    assert seen(["101 102 101 102", "100.4"], even) == [(4, "1", "100.4", "stop_loss")]
    # two bars held, out at the open of the third; the stop of 1 % of 101 is 99.99, rounded down
    timed = ExitStory(stop=("percent", "1"), time_stop=2)
    assert seen(["101", "101", "102 103 102 103"], timed) == [(5, "1", "102", "user")]
    assert seen(["101 101 99.9 101"], timed) == [(3, "1", "99.9", "stop_loss")]


FAULTS = {
    "a ladder that forgets its second target": (
        "actors.protection.guard.targets_of",
        lambda entry, instrument: list(targets_of(entry, instrument))[:1],
    ),
    "a trailing stop a tick too wide": (
        "actors.protection.guard.trail_distance",
        lambda instrument, price, level: Price(trail_distance(instrument, price, level) + instrument.tick),
    ),
    "a break-even at the wrong side of the entry": (
        "actors.strategy.watching.break_even_price",
        lambda entry, instrument: Price(entry.last_price - 3 * entry.request.side * instrument.tick),
    ),
    "a distance rounded down": (
        "actors.intents.levels.resolve_level",
        lambda level, sign, facts, instrument: _shorter(resolve_level(level, sign, facts, instrument)),
    ),
}


def _shorter(level: LevelTerms) -> LevelTerms:
    is_distance = isinstance(level, FixedLevel) and level.distance is not None
    return FixedLevel(distance=Price(level.distance - 10)) if is_distance else level  # type: ignore[union-attr, operator]


def a_market() -> list[Row]:
    """Waves of growing height around 100."""
    moves = [0, 3, 7, 12, 18, 13, 5, -2, -9, -4, 2, 9, 15, 24, 30, 21, 10, 4, -6, -14, -8, 1, 8, 14, 6, -3]
    closes = [100 + move / 10 for move in moves]
    pairs = zip([closes[0], *closes], closes, strict=False)
    return rows_of([f"{a:.1f} {max(a, b) + 0.1:.1f} {min(a, b) - 0.1:.1f} {b:.1f}" for a, b in pairs])


STORIES = {
    "a ladder that forgets its second target": ExitStory(stop=("ticks", "20"), targets=LADDERS[0]),
    "a trailing stop a tick too wide": ExitStory(stop=("ticks", "30"), trail=("ticks", "6")),
    "a break-even at the wrong side of the entry": ExitStory(stop=("ticks", "8"), even_r="0.5"),
    "a distance rounded down": ExitStory(stop=("range", "1"), target=("range", "1")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, story = a_market(), STORIES[name]
    oracle = tell_exits(rows, story)
    assert differences(oracle, run(rows, story)) == []
    monkeypatch.setattr(*FAULTS[name])
    assert differences(oracle, run(rows, story)) != []
