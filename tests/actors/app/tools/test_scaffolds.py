"""`new` and `init`: every kind validates, back-tests and trades as it is written; nothing of the user's is replaced."""

import json
import re
import shlex
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.cli.new import run as new
from actors.app.runs.synthetic import csv_of, synthetic_bars
from ideacards.loader import load_card
from ideacards.scaffolds import scaffold_kinds, scaffold_text
from ideacards.timeframe import timeframe_of

KINDS = scaffold_kinds()


def test_there_are_these_kinds_and_the_help_names_them_all() -> None:
    assert KINDS == ("breakout", "mean_reversion", "multi_timeframe", "session", "trend")
    assert all(kind in (new.__doc__ or "") for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_card_validates_and_trades(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card, bars = tmp_path / "mine.yaml", tmp_path / "bars.csv"
    bars.write_text(csv_of(synthetic_bars(7, 5_000)), encoding="utf-8")
    assert main(["new", str(card), "--kind", kind]) == 0
    assert main(["validate", str(card)]) == 0
    assert load_card(card).id == "mine"
    capsys.readouterr()
    assert main(["backtest", str(card), "--bars", str(bars), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["round_trips"] > 0
    assert not found["refusals"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("timeframe", ["1m", "15m", "4h", "1d", "1w"])
def test_a_kind_is_a_card_on_any_timeframe(kind: str, timeframe: str, tmp_path: Path) -> None:
    card = tmp_path / "mine.yml"
    assert main(["new", str(card), "--kind", kind, "--timeframe", timeframe, "--symbol", "ETHUSDT"]) == 0
    found = load_card(card)
    assert (found.timeframes.exec.text, found.market.symbol) == (timeframe, "ETHUSDT")


def test_slower_timeframes_are_multiples_in_their_largest_unit() -> None:
    text = scaffold_text("multi_timeframe", "x", "BTCUSDT", timeframe_of("4h"))
    assert "timeframes: {exec: 4h, mtf: 60h, htf: 10d}" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "trends"], "--kind: trends: no such kind of card; did you mean `trend`?"),
        (["--timeframe", "1x"], "--timeframe: `1x` is no timeframe"),
        (["--symbol", "btc"], "expected a symbol like BTCUSDT"),
    ],
)
def test_what_makes_no_card_is_refused_and_nothing_is_written(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "mine.yaml"), *words]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_id_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "1st idea.yaml")]) == 2
    assert "id: expected a name" in capsys.readouterr().err


def test_a_card_that_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "mine")]) == 0
    assert main(["new", str(tmp_path / "mine.yaml"), "--kind", "breakout"]) == 2
    assert "is there already; give another file, or --force to replace it" in capsys.readouterr().err
    assert load_card(tmp_path / "mine.yaml").blocks[0].id == "entry"
    assert main(["new", str(tmp_path / "mine.yaml"), "--kind", "breakout", "--force"]) == 0
    assert [block.id for block in load_card(tmp_path / "mine.yaml").blocks] == ["entry", "too_long"]


def test_the_commands_of_a_new_folder_all_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ideas" / "first"
    assert main(["init", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "bars.csv", "card.yaml", "profile.toml"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", readme, re.S)
    lines = [shlex.split(line) for line in block.splitlines()]
    assert [line[1] for line in lines] == ["explain", "backtest", "why"]
    monkeypatch.chdir(folder)
    for program, *words in lines:
        assert Path(program).is_file()
        assert main(words) == 0
    assert (folder / "out" / "report.html").is_file()


def test_a_folder_with_something_in_it_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    assert main(["init", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
