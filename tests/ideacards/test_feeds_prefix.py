"""Prefix stability: whatever happens after `stop`, no value known before it changes; look-ahead cannot hide from it."""

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from ideacards import alignment
from ideacards import store as stores
from ideacards.card import Card
from ideacards.feeds import BAR_COLUMNS, Bars, Feeds
from ideacards.indicators.steppers import Stepper
from tests.ideacards.markets import MINUTE_MS, a_card, every_feature, random_bars

CARD = a_card(*(each for key in ("exec", "mtf", "htf") for each in every_feature(key)), mtf="5m", htf="1h")
BARS = random_bars(700, start_ms=7 * MINUTE_MS, lost=[*range(100, 140), 333, 334, *range(595, 605)])
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "klines"
STOPS = (1, 60, 113, 114, 299, 300, 301, 555, 649)


def real_bars(count: int) -> Bars:
    """The first minutes of a file of real candles."""
    with gzip.open(sorted(SHARED.glob("BTCUSDT_1m_*.csv.gz"))[0], "rt", encoding="ascii") as file:
        header = file.readline().strip().split(",")
        rows = dict(zip(header, zip(*(file.readline().split(",") for _ in range(count)), strict=True), strict=True))
    prices = {name: [int(Decimal(text) * 100) for text in rows[name]] for name in BAR_COLUMNS[:4]}
    return Bars.of_columns(
        "BTCUSDT", MINUTE_MS, 2, list(map(int, rows["ts_ms"])), prices, list(map(float, rows["volume"]))
    )


def _after(bars: Bars, stop: int, change: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]], *names: str) -> Bars:
    """The bars with the named columns changed from `stop` on."""
    changed = {}
    for name in names:
        column = getattr(bars, name).copy()
        column[stop:] = change(column[stop:])
        changed[name] = column
    return attrs.evolve(bars, **changed)


def _nans(bars: Bars, stop: int) -> Bars:
    return _after(bars, stop, lambda tail: np.full(len(tail), np.nan), *BAR_COLUMNS)


def another_walk(bars: Bars, stop: int) -> Bars:
    dice = np.random.default_rng(stop)
    return _after(bars, stop, lambda tail: 500.0 + np.cumsum(dice.normal(size=len(tail))), *BAR_COLUMNS)


def _another_clock(bars: Bars, stop: int) -> Bars:
    """A gap of 83 minutes opens at `stop`."""
    return _after(bars, stop, lambda tail: tail + 83 * MINUTE_MS, "ts_open", "ts_close")


def _nothing(bars: Bars, stop: int) -> Bars:
    names = [name.lstrip("_") for name in attrs.fields_dict(Bars) if name not in _SCALARS]
    columns = {name: getattr(bars, name)[:stop] for name in names}
    return attrs.evolve(bars, **columns)


_SCALARS = ("symbol", "timeframe_ms", "price_digits")


def _known(built: Feeds, stop: int) -> dict[str, bytes]:
    """Everything settled before `stop`: each column on the exec axis, and each store's own columns."""
    known = {name: built.column(name)[:stop].tobytes() for store in built.stores.values() for name in store.columns}
    for key, store in built.stores.items():
        settled = int((store.closes_at < stop).sum())
        known |= {f"{key} {name}": column[:settled].tobytes() for name, column in store.columns.items()}
        known[f"{key} partial"] = store.partial[:settled].tobytes()
    return known


def unstable(card: Card, poison: Callable[[Bars, int], Bars], bars: Bars = BARS) -> set[str]:
    """The columns of which a value settled before a stop depends on what comes after it."""
    whole = Feeds.build(card, bars)
    changed = set()
    for stop in STOPS:
        before, after = _known(whole, stop), _known(Feeds.build(card, poison(bars, stop)), stop)
        changed |= {name for name in before if before[name] != after[name]}
    return changed


@pytest.mark.parametrize("poison", [_nans, another_walk, _another_clock, _nothing])
def test_no_settled_value_changes(poison: Callable[[Bars, int], Bars]) -> None:
    assert unstable(CARD, poison) == set()


@pytest.mark.skipif(not SHARED.is_dir(), reason="real candles not here: ../shared/data is absent")
@pytest.mark.parametrize("poison", [_nans, another_walk, _another_clock, _nothing])
def test_no_settled_value_changes_on_real_bars(poison: Callable[[Bars, int], Bars]) -> None:
    assert unstable(CARD, poison, real_bars(700)) == set()


def test_every_feature_has_values_to_be_changed() -> None:
    built = Feeds.build(CARD, BARS)
    assert built.readiness < STOPS[-1]
    assert built.stores["mtf"].partial.any()


@pytest.mark.parametrize("poison", [_nans, another_walk])
def test_a_planted_centred_window_is_caught(
    monkeypatch: pytest.MonkeyPatch, poison: Callable[[Bars, int], Bars]
) -> None:
    def centred(self: Stepper, *inputs: Any) -> dict[str, Any]:
        columns = honest(self, *inputs)
        return {output: np.roll(column, -2) for output, column in columns.items()} if self.use == "sma" else columns

    honest = Stepper.batch
    monkeypatch.setattr(Stepper, "batch", centred)
    assert unstable(CARD, poison) >= {"sma_exec", "sma_mtf", "sma_htf"}


def test_a_slower_bar_shown_before_it_closes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def early(bars: Bars, timeframe_ms: int, origin_ms: int) -> alignment.SlowerBars:
        slower = alignment.slower_bars(bars, timeframe_ms, origin_ms)
        opens_at = np.searchsorted(bars.ts_open, slower.bars.ts_open)
        return attrs.evolve(slower, closes_at=opens_at)

    monkeypatch.setattr(stores, "slower_bars", early)
    changed = unstable(CARD, another_walk)
    assert changed >= {"sma_mtf", "sma_htf"}
    assert "sma_exec" not in changed
