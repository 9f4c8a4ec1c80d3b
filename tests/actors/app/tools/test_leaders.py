"""The tools on a card with a leader: they take its bars, say where each value lies, and find what looks ahead."""

import csv
from pathlib import Path

import numpy as np
import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.app.tools.explaining import explanation_of
from ideacards import leaders
from ideacards.bars import IntArray
from ideacards.feeds import Feeds
from tests.ideacards.builders import a_card_text
from tests.ideacards.led import LEADER, LED_PARTS, a_led_card

OWN, BTC = synthetic_bars(3, 300, "ETHUSDT"), synthetic_bars(4, 300, LEADER)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    card, own, leader = (tmp_path / name for name in ("led.yaml", "own.csv", "leader.csv"))
    card.write_text(a_card_text(**LED_PARTS), encoding="utf-8")
    own.write_text(csv_of(OWN), encoding="utf-8")
    leader.write_text(csv_of(BTC), encoding="utf-8")
    return [str(card), "--bars", str(own), "--bars", f"{LEADER}={leader}"]


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(list(words)) == code
    return capsys.readouterr().out


@pytest.mark.parametrize("tool", ["features", "warmup", "causality", "why"])
def test_a_leader_without_bars_is_named(tool: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    more = {"features": ["--out", "x.csv"], "why": ["--at", "2024-01-01T01:00"]}.get(tool, [])
    assert main([tool, *words[:3], *more]) == 2
    assert "there are no bars of the leader BTCUSDT; give --bars BTCUSDT=FILE" in capsys.readouterr().err


def test_features_writes_a_leaders_values_on_the_exec_bars(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "features.csv"
    said(capsys, "features", *words, "--out", str(out))
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    feeds = Feeds.build(a_led_card(), OWN, {LEADER: BTC})
    for name in ("average", "slow", "together"):
        column = [float(row[name]) if row[name] else np.nan for row in rows]
        np.testing.assert_array_equal(column, feeds.column(name))


def test_warmup_says_over_which_bars_a_feature_is_computed(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(capsys, "warmup", *words).splitlines()
    assert any("average" in line and "BTCUSDT.exec" in line for line in lines)
    assert any("slow" in line and "BTCUSDT.mtf" in line for line in lines)
    assert any("ready after 20 bars at most" in line for line in lines)


def test_causality_watches_a_leaders_bars(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "causality", *words, "--stops", "20")
    assert "14 of leader's bars" in text
    assert "no value that was known at a bar has changed" in text


def test_causality_finds_a_leader_that_is_known_too_early(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def early(closes: IntArray, exec_closes: IntArray, decided: int = 0) -> IntArray:
        return np.maximum(honest(closes, exec_closes, decided) - 1, 0)

    honest = leaders._known_at
    monkeypatch.setattr(leaders, "_known_at", early)
    text = said(capsys, "causality", *words, "--stops", "20", code=1)
    assert "LEAK BTCUSDT.exec.ts_open" in text
    assert "LEAK" in text
    assert "read by: " in text


def test_why_shows_what_the_leader_was_worth(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "why", *words, "--at", "2024-01-01T02:00")
    close = Feeds.build(a_led_card(), OWN, {LEADER: BTC}).column("BTCUSDT.close")[119]
    assert f"BTCUSDT.close > slow: {close:.10g} " in text


def test_explain_says_whose_bars_are_read_and_when_they_are_known() -> None:
    lines = [line.strip() for line in explanation_of(a_led_card())]
    assert "It trades ETHUSDT (linear, bybit) on bars of 1m, and reads BTCUSDT." in lines
    assert "leader BTCUSDT: its bars of 1m, for a back-test by --bars BTCUSDT=FILE" in lines
    known = "at the first close of ETHUSDT that is not before its own, and stands until the next one is"
    assert f"BTCUSDT: a bar is known {known}" in lines
    assert "live, a decision waits up to 5 s for the leaders' bars of the same close" in lines
    assert any(line.startswith("feature slow: sma of close on BTCUSDT.mtf (5m)") for line in lines)
    assert any(line.startswith("feature together: correlation of close, BTCUSDT.close on exec (1m)") for line in lines)
