"""Feeds: every feature of a card on the exec axis, when each is warm, and the snapshot as the only window."""

import numpy as np
import pytest

from ideacards.feeds import Feeds, Snapshot
from ideacards.indicators.compute import compute, stepper
from tests.ideacards.markets import MINUTE_MS, a_card, a_feature, random_bars

BARS = random_bars(200)


def test_an_exec_feature_is_the_indicator_over_its_source() -> None:
    feeds = Feeds.build(a_card(a_feature("fast", "ema", length=12)), BARS)
    expected = compute("ema", {"length": 12, "seed": "first"}, BARS.close)["value"]
    assert feeds.column("fast").tobytes() == expected.tobytes()
    assert feeds.warm_at("fast") == feeds.readiness == 11
    assert feeds.column("close") is BARS.close


def test_each_output_has_its_column() -> None:
    feeds = Feeds.build(a_card(a_feature("m", "macd"), a_feature("bb", "bbands")), BARS)
    assert [feeds.warm_at(name) for name in ("m.line", "m.signal", "m.histogram", "bb.upper")] == [5, 8, 8, 4]
    assert (feeds.column("bb.upper")[4:] >= feeds.column("bb.lower")[4:]).all()
    assert feeds.readiness == 8


def test_a_feature_of_a_feature_starts_at_its_sources_first_warm_value() -> None:
    twice = a_feature("twice", "ema", "r", length=4)
    feeds = Feeds.build(a_card(twice, a_feature("r", "rsi", length=5)), BARS)  # the source may stand below
    source = feeds.column("r")
    assert feeds.warm_at("r") == 5
    assert feeds.warm_at("twice") == 5 + 3
    expected = compute("ema", twice.params, source[5:])["value"]
    assert feeds.column("twice")[5:].tobytes() == expected.tobytes()
    assert np.isnan(feeds.column("twice")[:8]).all()


def test_a_feature_may_read_one_output_of_another() -> None:
    feeds = Feeds.build(a_card(a_feature("bb", "bbands"), a_feature("top", "highest", "bb.upper")), BARS)
    assert feeds.warm_at("top") == 4 + 4
    assert feeds.column("top")[8] == feeds.column("bb.upper")[4:9].max()


def test_a_slower_feature_changes_at_its_close_only() -> None:
    feeds = Feeds.build(a_card(a_feature("slow", "sma", "close", "htf", length=3), htf="15m"), BARS)
    column = feeds.column("slow")
    assert feeds.warm_at("slow") == 44
    assert np.isnan(column[:44]).all()
    assert set((np.flatnonzero(np.diff(column[44:])) + 45).tolist()) <= {59, 74, 89, 104, 119, 134, 149, 164, 179, 194}
    closes = BARS.close.tolist()
    total = 0.0
    for i in (14, 29, 44):
        total += closes[i]
    assert column[44] == column[58] == total / 3
    assert not np.isnan(column[44:]).any()


def test_slower_features_step_as_they_were_computed() -> None:
    feature = a_feature("slow", "atr", None, "mtf")
    feeds = Feeds.build(a_card(feature, mtf="5m"), random_bars(200, lost=[7, 33, 34, 35]))
    store = feeds.stores["mtf"]
    one = stepper("atr", feature.params)
    bars = store.bars
    stepped = [
        one.step(*values)[0] for values in zip(bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), strict=True)
    ]
    assert np.array(stepped).tobytes() == store.columns["slow"].tobytes()


def test_gaps_are_stepped_over() -> None:
    gapped = random_bars(200, lost=range(50, 90))
    feeds = Feeds.build(a_card(a_feature("mean", "sma", length=10)), gapped)
    expected = compute("sma", {"length": 10}, gapped.close)["value"]
    assert feeds.column("mean").tobytes() == expected.tobytes()


def test_columns_cannot_be_written_to() -> None:
    feeds = Feeds.build(a_card(a_feature("a", "sma"), a_feature("b", "sma", None, "htf"), htf="5m"), BARS)
    for name in ("a", "b", "close"):
        with pytest.raises(ValueError, match="read-only"):
            feeds.column(name)[0] = 1.0


def test_a_feature_longer_than_the_data_is_named() -> None:
    long = a_feature("long", "sma", length=201)
    slow = a_feature("slow", "sma", None, "htf", length=14)
    feeds = Feeds.build(a_card(long, slow, a_feature("short", "sma"), htf="15m"), BARS)
    assert feeds.never_warm == ("long", "slow")
    assert feeds.readiness == 200
    assert np.isnan(feeds.column("slow")).all()


def test_a_source_that_is_never_warm_leaves_its_features_undefined() -> None:
    feeds = Feeds.build(a_card(a_feature("a", "sma", length=500), a_feature("b", "macd", "a")), BARS)
    assert feeds.never_warm == ("a", "b.line", "b.signal", "b.histogram")
    assert np.isnan(feeds.column("b.line")).all()


def test_a_slower_timeframe_without_a_settled_bar_is_undefined() -> None:
    feeds = Feeds.build(a_card(a_feature("slow", "sma", None, "htf", length=1), htf="1d"), BARS)
    assert np.isnan(feeds.column("slow")).all()
    assert feeds.readiness == len(BARS)


def test_a_card_without_features_is_ready_at_once() -> None:
    assert Feeds.build(a_card(), BARS).readiness == 0


def test_bars_of_another_timeframe_are_refused() -> None:
    with pytest.raises(ValueError, match="60000 ms for a card of 300000 ms"):
        Feeds.build(a_card(exec_="5m"), BARS)


def test_features_without_a_source_are_refused() -> None:
    with pytest.raises(ValueError, match="without a source: a, b"):
        Feeds.build(a_card(a_feature("a", "sma", "b"), a_feature("b", "sma", "a")), BARS)


def test_a_snapshot_shows_its_bar_and_what_came_before() -> None:
    feeds = Feeds.build(a_card(a_feature("fast", "ema", length=12)), BARS)
    snapshot = Snapshot(feeds, 12)
    assert (snapshot.index, snapshot.ts_close) == (11, 12 * MINUTE_MS)
    assert snapshot.value("close") == BARS.close[11]
    assert snapshot.value("close", 11) == BARS.close[0]
    assert snapshot.value("close", 12) is None
    assert snapshot.value("fast") == feeds.column("fast")[11]
    assert snapshot.value("fast", 1) is None
    assert type(snapshot.value("close")) is float


def test_a_snapshot_cannot_index_further() -> None:
    feeds = Feeds.build(a_card(), BARS)
    snapshot = Snapshot(feeds, 12)
    with pytest.raises(ValueError, match="future"):
        snapshot.value("close", -1)
    with pytest.raises(AttributeError):
        snapshot.stop = 13  # type: ignore[misc]
    for stop in (0, 201, -1):
        with pytest.raises(ValueError, match=r"not within 1\.\.200"):
            Snapshot(feeds, stop)
