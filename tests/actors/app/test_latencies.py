"""Latencies of profile and flag: a table is bounded like a number, and whoever asks waits the longest round trip."""

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.latencies import latencies_of
from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.app.settings import LatencySettings
from actors.model.errors import InputError

CARD = Path(__file__).resolve().parents[3] / "ideacards" / "cards" / "ema_cross.yaml"

MS = 1_000_000


def test_the_round_trip_is_the_longest_way_there_and_back() -> None:
    assert latencies_of(LatencySettings("7", "20", "9000")).round_trip_ns == 9_020 * MS
    assert latencies_of(LatencySettings("7", "uniform:10:30", "5")).round_trip_ns == 35 * MS
    assert latencies_of(LatencySettings()).round_trip_ns == 0


def test_a_distribution_is_reckoned_with_beyond_its_hundredth() -> None:
    assert latencies_of(LatencySettings("0", "lognormal:20:200", "0")).round_trip_ns > 200 * MS


def test_a_table_with_a_latency_longer_than_any_written_one_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "delays.csv"
    file.write_text("ts_ms,latency_ms\n0,20\n1700000000000,120000\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"delays\.csv:3:15: latency_ms: `120000` is too long"):
        latencies_of(LatencySettings("0", f"table:{file}", "0"))


LONG = ("feed=1,entry=1,response=9000", "feed=70000", "entry=70000", "response=70000", "70000", "119999")


@pytest.mark.parametrize("latency", LONG)
def test_a_run_with_latencies_longer_than_a_bar_ends_in_order(
    latency: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = tmp_path / "bars.csv"
    bars.write_text(csv_of(synthetic_bars(3, 600)), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["backtest", str(CARD), "--bars", str(bars), "--json", "--latency", latency, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    found = json.loads(said.out)
    assert found["fills"] >= 1
    with (out / "orders.csv").open(encoding="utf-8", newline="") as stream:
        orders = list(csv.DictReader(stream))
    with (out / "fills.csv").open(encoding="utf-8", newline="") as stream:
        fills = list(csv.DictReader(stream))
    filled: dict[str, Decimal] = defaultdict(Decimal)
    for fill in fills:
        filled[fill["order_id"]] += Decimal(fill["qty"])
    assert {row["status"] for row in orders} == {"filled"}
    assert {row["order_id"]: Decimal(row["filled_qty"]) for row in orders} == filled, "each order once, with its fills"
