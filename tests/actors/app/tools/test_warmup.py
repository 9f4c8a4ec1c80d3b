"""`warmup`: a window settles where it is full, a recursive feature later, and a running total never."""

from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.app.tools.warmup import ladder, movements_of
from tests.ideacards.builders import a_card, a_card_text

BARS = synthetic_bars(3, 3_000)
FEATURES = """features:
  window: {use: sma, length: 40}
  recursive: {use: ema, length: 40}
  total: {use: obv}
  slower: {use: sma, length: 4, timeframe: htf}
  long: {use: sma, length: 4000}"""
PARTS = {
    "timeframes": "timeframes: {exec: 1m, htf: 15m}",
    "features": FEATURES,
    "blocks": "blocks:\n- id: e\n  cases:\n  - when: close > window\n    emit: {action: none}",
}


def test_each_kind_settles_where_its_formula_says() -> None:
    steps = ladder(len(BARS))
    assert steps == (10, 20, 50, 100, 200, 500, 1000, 2000)
    window, recursive, total, slower, long = movements_of(a_card(**PARTS), BARS, steps)
    assert [each.settled_from(0.0, steps) for each in (window, slower)] == [50, 100]
    assert window.values[:2] == (None, None)
    assert window.values[2] == window.last
    near, exact = recursive.settled_from(1e-2, steps), recursive.settled_from(0.0, steps)
    assert near is not None
    assert near < (exact or 10**9)
    moved = [recursive.moved(step) for step in range(2, 7)]
    assert all(each is not None for each in moved)
    assert moved[-1] == min(each for each in moved if each is not None)
    assert total.settled_from(1e-9, steps) is None
    assert (long.last, long.settled_from(1e-2, steps)) == (None, None)


def test_the_command_prints_a_row_an_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bars.csv").write_text(csv_of(BARS), encoding="utf-8")
    (tmp_path / "card.yaml").write_text(a_card_text(**PARTS), "utf-8")
    assert main(["warmup", str(tmp_path / "card.yaml"), "--bars", str(tmp_path / "bars.csv")]) == 0
    out = capsys.readouterr().out
    rows = {cells[0]: cells[1:] for line in out.splitlines() if len(cells := line.replace("│", " ").split()) > 5}
    assert rows["window"][2:] == ["50"] * 6
    assert rows["total"][-1] == "more"
    assert rows["long"][1:] == ["unknown", *"------"]
    assert out.splitlines()[-1] == "ready after 4,000 bars at most"
