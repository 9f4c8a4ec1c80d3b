"""Latencies of profile and flag: a table is bounded like a number, and whoever asks waits the longest round trip."""

from pathlib import Path

import pytest

from actors.app.latencies import latencies_of
from actors.app.settings import LatencySettings
from actors.model.errors import InputError

MS = 1_000_000


def test_the_round_trip_is_the_longest_way_there_and_back() -> None:
    assert latencies_of(LatencySettings("7", "20", "9000")).round_trip_ns == 9_020 * MS
    assert latencies_of(LatencySettings("7", "uniform:10:30", "5")).round_trip_ns == 35 * MS
    assert latencies_of(LatencySettings()).round_trip_ns == 0


def test_a_distribution_is_reckoned_with_beyond_its_hundredth() -> None:
    assert latencies_of(LatencySettings("0", "lognormal:20:200", "0")).round_trip_ns > 200 * MS


def test_a_table_with_a_latency_longer_than_any_written_one_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "delays.csv"
    file.write_text("ts_ms,latency_ms\n0,20\n60000,70000\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"delays\.csv:3.*70000 ms; under 10000 ms"):
        latencies_of(LatencySettings("0", f"table:{file}", "0"))
