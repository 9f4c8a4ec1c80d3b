"""`features`: the file has each output's values as a card sees them, and is written whole or not at all."""

import csv
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from ideacards.feeds import Feeds
from ideacards.indicators.registry import INDICATORS
from ideacards.loader import load_card
from tests.ideacards.builders import a_card_text

BARS = synthetic_bars(3, 400)
FEATURES = """features:
  fast: {use: ema, length: 5}
  slow: {use: sma, length: 3, timeframe: htf}
  bb: {use: bbands, length: 4}
  spread: bb.upper - bb.lower"""

HEADER = ["ts_ms", "fast", "slow", *(f"bb.{each}" for each in INDICATORS["bbands"].outputs), "spread"]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "bars.csv").write_text(csv_of(BARS), encoding="utf-8")
    text = a_card_text(timeframes="timeframes: {exec: 1m, htf: 15m}", features=FEATURES)
    (tmp_path / "card.yaml").write_text(text, "utf-8")
    return tmp_path / "card.yaml"


def written(card: Path, name: str, *more: str) -> int:
    folder = card.parent
    return main(["features", str(card), "--bars", str(folder / "bars.csv"), "--out", str(folder / name), *more])


def test_a_row_a_bar_and_a_column_an_output(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert written(card, "out.csv") == 0
    assert "400 bars, 8 columns" in capsys.readouterr().err
    header, *rows = csv.reader((card.parent / "out.csv").read_text("utf-8").splitlines())
    assert header == HEADER
    assert [int(row[0]) for row in rows] == BARS.ts_open.tolist()
    feeds = Feeds.build(load_card(card), BARS)
    for place, name in enumerate(header[1:], 1):
        found = np.array([float(row[place]) if row[place] else np.nan for row in rows])
        assert found.tobytes() == feeds.column(name).tobytes()
    assert [row[3] for row in rows[:3]] == ["", "", ""]


def test_an_override_changes_the_values(card: Path) -> None:
    assert written(card, "one.csv") == written(card, "two.csv", "--set", "features.fast.length=9") == 0
    assert (card.parent / "one.csv").read_text() != (card.parent / "two.csv").read_text()


def test_a_file_that_is_there_is_kept(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (card.parent / "out.csv").write_text("mine", "utf-8")
    assert written(card, "out.csv") == 2
    assert "is there already; give another file, or --force to replace it" in capsys.readouterr().err
    assert (card.parent / "out.csv").read_text("utf-8") == "mine"
    assert written(card, "out.csv", "--force") == 0
    assert (card.parent / "out.csv").read_text("utf-8").startswith("ts_ms,")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("out.xlsx", "ends in `.xlsx`; give a file that ends in .csv or .parquet"),
        ("out", "has no ending; give a file that ends in .csv or .parquet"),
        ("none/out.csv", "its folder is not there"),
    ],
)
def test_a_file_of_no_use_is_refused_before_anything_is_read(
    card: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert written(card, name) == 2
    assert said in capsys.readouterr().err


def test_without_pyarrow_parquet_is_refused_in_a_line(
    card: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert written(card, "out.parquet") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("Parquet needs pyarrow; install it (`pip install pyarrow`), or give a file that ends in .csv")


def test_with_pyarrow_unknown_is_null(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    arrow, parquet = ModuleType("pyarrow"), ModuleType("pyarrow.parquet")
    arrow.array = lambda values, mask=None: (values, mask)  # type: ignore[attr-defined]
    arrow.table = dict  # type: ignore[attr-defined]
    arrow.parquet = parquet  # type: ignore[attr-defined]
    parquet.write_table = lambda table, file: told.update(table)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyarrow", arrow)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)
    assert written(card, "out.parquet") == 0
    assert list(told) == HEADER
    values, mask = told["bb.upper"]
    assert mask.tolist() == [True] * 3 + [False] * 397
    assert np.isnan(values).tolist() == mask.tolist()
