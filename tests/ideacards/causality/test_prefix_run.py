"""The prefix run passes what is causal and names what is not: column, bar, both values, and how far it looks."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from ideacards import alignment
from ideacards import store as stores
from ideacards.card import Card
from ideacards.causality.prefixes import Leak, prefix_run, sampled_stops
from ideacards.causality.watched import watched_of
from ideacards.expressions import columns as expression_columns
from ideacards.feeds import Bars
from ideacards.indicators.steppers import Stepper
from ideacards.loader import load_card
from tests.ideacards.builders import a_card, a_card_text
from tests.ideacards.markets import MINUTE_MS, every_feature, random_bars
from tests.ideacards.markets import a_card as a_card_of

BARS = random_bars(500, start_ms=7 * MINUTE_MS, lost=[*range(100, 140), 333, 334])
SLOWER = {
    "timeframes": "timeframes: {exec: 1m, htf: 15m}",
    "features": "features:\n  fast: {use: sma, length: 3}\n  slow: {use: ema, length: 4, timeframe: htf}\n"
    "  change: fast - fast[2]",
    "blocks": """blocks:
- id: entry
  cases:
  - when: crosses_above(fast, slow) and position.flat
    emit: {action: enter_long, size: {quantity: 1}}
  - when: position.long and close - fast > position.entry_price or change > 0
    emit: {action: exit}""",
}


def leaks_of(card: Card, bars: Bars = BARS, stops: int = 60) -> dict[str, Leak]:
    sampled = sampled_stops(len(bars), stops)
    return {leak.column.name: leak for leak in prefix_run(card, bars, sampled, sampled[::8]).leaks}


@pytest.mark.slow
def test_every_feature_in_three_timeframes_stands_it() -> None:
    features = [each for key in ("exec", "mtf", "htf") for each in every_feature(key)]
    assert leaks_of(a_card_of(*features, mtf="5m", htf="1h")) == {}


def test_conditions_slower_bars_and_features_are_watched() -> None:
    card = a_card(**SLOWER)
    names = [column.name for column in watched_of(card)]
    assert names[:3] == ["htf.ts_open", "htf.ts_close", "htf.open"]
    assert names[7:] == [
        "features.fast",
        "features.slow",
        "features.slow on exec",
        "features.change",
        "blocks.entry.cases.0: crosses_above(fast, slow)",
        "blocks.entry.cases.1: close - fast",
        "blocks.entry.cases.1: change > 0",
    ]
    assert leaks_of(card) == {}


def test_a_centred_window_is_named_with_its_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    def centred(self: Stepper, *inputs: Any) -> dict[str, Any]:
        columns = honest(self, *inputs)
        return {output: _two_ahead(column) for output, column in columns.items()} if self.use == "sma" else columns

    honest = Stepper.batch
    monkeypatch.setattr(Stepper, "batch", centred)
    monkeypatch.setattr(Stepper, "step", lambda self, *inputs: _last(self.batch(*(np.array([x]) for x in inputs))))
    leaks = leaks_of(a_card(**SLOWER))
    assert list(leaks) == ["features.fast"]
    leak = leaks["features.fast"]
    assert leak.ahead == 2
    assert leak.bar == 0  # where the mean of the first three bars stands, two bars early
    assert leak.column.place.line == 6
    assert leak.before != leak.after
    assert "features.change" in leak.read_by
    assert "blocks.entry.cases.0: crosses_above(fast, slow)" in leak.read_by
    assert "features.slow" not in leak.read_by


def _two_ahead(column: Any) -> Any:
    return np.concatenate((column[2:], np.full(min(2, len(column)), np.nan)))


def _last(columns: dict[str, Any]) -> tuple[float, ...]:
    return tuple(float(column[-1]) for column in columns.values())


def test_a_slower_bar_shown_before_it_closes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def early(bars: Bars, timeframe_ms: int, origin_ms: int) -> alignment.SlowerBars:
        slower = alignment.slower_bars(bars, timeframe_ms, origin_ms)
        return attrs.evolve(slower, closes_at=np.searchsorted(bars.ts_open, slower.bars.ts_open))

    monkeypatch.setattr(stores, "slower_bars", early)
    leaks = leaks_of(a_card(**SLOWER))
    assert "htf.ts_close" in leaks
    assert not any(name.startswith("features") for name in leaks)  # they read the bars, which are the fault


def test_a_condition_that_reads_the_next_bar_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def ahead(column: Any, lag: int, start: int, stop: int) -> Any:
        found = honest(column, lag, start, stop)
        later = column[start + 1 : stop + 1]
        return np.concatenate((later, np.full(len(found) - len(later), np.nan))) if lag == 1 else found

    honest = expression_columns._lagged
    monkeypatch.setattr(expression_columns, "_lagged", ahead)
    leaks = leaks_of(a_card(**SLOWER))
    assert list(leaks) == ["blocks.entry.cases.0: crosses_above(fast, slow)"]
    assert next(iter(leaks.values())).ahead == 1


def test_a_feature_that_remembers_an_earlier_run_is_named(tmp_path: Path) -> None:
    source = (
        "seen = {}\n"
        "def peek(state, bar):\n"
        "    seen[bar.ts_open] = bar.close\n"
        "    return seen.get(bar.ts_open + 60_000, bar.close)\n"
    )
    (tmp_path / "mine.py").write_text(source, "utf-8")
    features = "features:\n  fast: {use: 'python:mine.py:peek'}\n  slow: {use: sma, of: fast, length: 4}"
    (tmp_path / "own.yaml").write_text(a_card_text(features=features), "utf-8")
    leaks = leaks_of(load_card(tmp_path / "own.yaml"))
    assert list(leaks) == ["features.fast"]
    leak = leaks["features.fast"]
    assert (leak.bar, leak.ahead) == (0, None)
    assert leak.read_by == ("features.slow", "blocks.entry.cases.0: fast > slow")


def test_stops_are_spread_and_hold_neighbours() -> None:
    stops = sampled_stops(10_000, 200)
    assert stops == tuple(sorted(set(stops)))
    assert stops[:3] == (1, 2, 3)
    assert 150 < len(stops) <= 200
    assert any(after - before == 1 for before, after in pairwise(stops[3:]))
    assert max(after - before for before, after in pairwise(stops)) < 400
    assert sampled_stops(2, 200) == (1,)
