"""`causality`: exit code 0 and one line of proof, or exit code 1 and the offender."""

from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from tests.ideacards.builders import a_card_text

BARS = csv_of(synthetic_bars(3, 400))


def verdict(folder: Path, capsys: pytest.CaptureFixture[str], source: str) -> tuple[int, list[str]]:
    (folder / "bars.csv").write_text(BARS, encoding="utf-8")
    (folder / "mine.py").write_text(source, "utf-8")
    features = "features:\n  fast: {use: 'python:mine.py:mine'}\n  slow: {use: sma, of: fast, length: 4}"
    (folder / "own.yaml").write_text(a_card_text(features=features), "utf-8")
    code = main(["causality", str(folder / "own.yaml"), "--bars", str(folder / "bars.csv")])
    return code, capsys.readouterr().out.splitlines()


def test_a_sound_feature_is_proven(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = verdict(tmp_path, capsys, "def mine(state, bar):\n    return bar.close\n")
    assert code == 0
    assert lines[0].startswith("probe: 3 columns (2 of features, 1 of conditions) over 400 bars, compared at ")
    assert lines[1:] == ["no value that was known at a bar has changed"]


def test_a_leaking_feature_is_named_with_bar_and_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "seen = {}\ndef mine(state, bar):\n    seen[bar.ts_open] = bar.close\n"
    code, lines = verdict(tmp_path, capsys, source + "    return seen.get(bar.ts_open + 60_000, bar.close)\n")
    assert code == 1
    (line,) = lines[1:]
    assert line.startswith(f"LEAK features.fast ({tmp_path / 'own.yaml'}:6): at bar 0, which closes at ")
    assert "something besides the bars" in line
    assert line.endswith("read by: features.slow, blocks.entry.cases.0: fast > slow")


def test_a_feature_that_looks_the_future_up_in_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "from pathlib import Path\n"
        f"rows = Path({str(tmp_path / 'bars.csv')!r}).read_text().split()[1:]\n"
        "closes = {int(row.split(',')[0]): float(row.split(',')[4]) for row in rows}\n"
        "def mine(state, bar):\n    return closes.get(int(bar.ts_open) + 60_000, bar.close)\n"
    )
    code, lines = verdict(tmp_path, capsys, source)
    assert code == 1
    assert lines[1:] == [f"LEAK a python: feature opens {tmp_path / 'bars.csv'}: its values are not made of its bars"]


def test_what_cannot_be_read_is_the_users_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["causality", str(tmp_path / "none.yaml"), "--bars", str(tmp_path / "none.csv")]) == 2
    assert "no such file" in capsys.readouterr().err
