"""A card with a leader on the command line: which bars are whose, what is refused, and that a run can be had again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from tests.ideacards.builders import a_card_text
from tests.ideacards.led import FEW_FEATURES, LED_PARTS

BARS = 400
FOLLOWER = """id: follower
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 1000000}
blocks:
- id: entry
  cases:
  - when: position.flat and close > close[1]
    emit: {action: enter_long, size: {notional: 1000}}
- id: exit
  cases:
  - when: position.long and close < close[1]
    emit: {action: exit}
"""


@attrs.frozen
class Desk:
    """A folder with a card that is led, the bars of both symbols, and one more card that trades the leader."""

    folder: Path

    def __attrs_post_init__(self) -> None:
        account = "account: {equity: 1000000}"
        parts = LED_PARTS | {"features": FEW_FEATURES, "account": account, "id": "id: led"}
        self.card.write_text(a_card_text(**parts), encoding="utf-8")
        self.follower.write_text(FOLLOWER, encoding="utf-8")
        self.own.write_text(csv_of(synthetic_bars(3, BARS)), encoding="utf-8")
        self.leader.write_text(csv_of(synthetic_bars(4, BARS)), encoding="utf-8")
        self.short.write_text(csv_of(synthetic_bars(4, BARS - 30)), encoding="utf-8")

    card = property(lambda self: self.folder / "led.yaml")
    follower = property(lambda self: self.folder / "follower.yaml")
    own = property(lambda self: self.folder / "own.csv")
    leader = property(lambda self: self.folder / "leader.csv")
    short = property(lambda self: self.folder / "short.csv")
    journal = property(lambda self: self.folder / "journal")

    def words(self, *more: object) -> list[str]:
        return [str(each) for each in ("--bars", self.own, "--bars", f"BTCUSDT={self.leader}", *more)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def found(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> dict[str, Any]:
    assert main(["backtest", *words, "--json"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def refusal(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main([str(word) for word in words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["{own}"], "led.yaml: leaders: there are no bars of the leader BTCUSDT; give --bars BTCUSDT=FILE"),
        (["BTCUSDT={leader}"], "led.yaml: there are no bars of ETHUSDT; give --bars ETHUSDT=FILE"),
        (["{own}", "BTCUSDT={leader}", "SOLUSDT={own}"], "no card trades or reads SOLUSDT"),
        (["{own}", "BTCUSDT={short}"], "its bars of the leader BTCUSDT end at"),
        (["{own}", "BTCUSDT=none.csv"], "none.csv"),
    ],
)
def test_a_leader_without_its_bars_is_refused_before_the_run(
    desk: Desk, capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    words = [each.format(own=desk.own, leader=desk.leader, short=desk.short) for each in given]
    options = [option for word in words for option in ("--bars", word)]
    assert said in refusal(capsys, "backtest", desk.card, *options)
    assert said in refusal(capsys, "validate", desk.card, *options)


@pytest.mark.parametrize("latency", ["0", "25"])
def test_a_wake_set_gives_the_run_of_every_bar(desk: Desk, capsys: pytest.CaptureFixture[str], latency: str) -> None:
    words = [str(desk.card), *desk.words("--latency", latency)]
    woken, every = found(capsys, words), found(capsys, [*words, "--every-bar"])
    assert woken["output_digest"] == every["output_digest"]
    assert woken["fills"] == every["fills"] > 10
    assert woken["bars_delivered"] < every["bars_delivered"]


def test_the_result_names_the_leaders_bars_and_its_command_repeats_the_run(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    result = found(capsys, [str(desk.card), *desk.words()])
    _, _, *words = result["command"].split()
    again = found(capsys, words)
    assert again["output_digest"] == result["output_digest"]
    assert [file["option"] for file in result["files"]] == ["CARD", "--bars", "--bars BTCUSDT"]
    follower = found(capsys, [str(desk.follower), "--bars", str(desk.leader)])
    assert result["leaders"] == {"BTCUSDT": follower["data_digest"]}
    assert follower["leaders"] == {}


def test_a_journal_holds_the_leaders_bars_and_is_had_again(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    found(capsys, [str(desk.card), *desk.words("--journal", desk.journal)])
    assert main(["replay", str(desk.journal)]) == 0
    assert "no divergence" in capsys.readouterr().out
    moved = desk.leader.rename(desk.folder / "moved.csv")
    assert str(desk.leader) in refusal(capsys, "replay", desk.journal)
    assert main(["replay", str(desk.journal), "--bars", f"BTCUSDT={moved}"]) == 0
    assert "no divergence" in capsys.readouterr().out
    other = csv_of(synthetic_bars(5, BARS))
    moved.write_text(other, encoding="utf-8")
    said = refusal(capsys, "replay", desk.journal, "--bars", f"BTCUSDT={moved}")
    assert "its run had other bars of BTCUSDT than" in said


def test_a_leader_may_be_traded_by_another_card_of_the_account(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    alone = found(capsys, [str(desk.card), *desk.words()])
    pair = ["--bars", f"ETHUSDT={desk.own}", "--bars", f"BTCUSDT={desk.leader}"]
    words = [str(desk.card), str(desk.follower), *pair, "--journal", str(desk.journal)]
    both = found(capsys, words)
    assert both["cards"][0]["fills"] == alone["fills"]
    assert both["cards"][0]["realised_pnl"] == alone["realised_pnl"]
    assert both["cards"][0]["leaders"] == alone["leaders"]
    assert both["cards"][0]["command"].count("BTCUSDT=") == 1
    assert main(["replay", str(desk.journal)]) == 0
    assert "no divergence" in capsys.readouterr().out
