"""The tour links every report, ends with a card that trades, writes where it is told, and names existing commands."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.cli.tour import command_name, liveliest
from ideacards.cards import shipped_cards
from ideacards.loader import load_card
from tests.actors.app.results.tapes import a_fill, a_result, a_tape, some_bars

ROOT = Path(__file__).resolve().parents[4]
MINUTES = [path.stem for path in shipped_cards() if load_card(path).timeframes.exec.text == "1m"]
OTHERS = [path.stem for path in shipped_cards() if path.stem not in MINUTES]
tour = import_module("actors.app.cli.tour")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "BARS", 1_500)


@pytest.mark.usefixtures("short")
def test_the_tour_goes_where_it_is_told_and_links_all_its_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["tour", "--out", "here"]) == 0
    said = capsys.readouterr().out
    links = re.findall(r'href="([^"]+)"', (tmp_path / "here" / "index.html").read_text(encoding="utf-8"))
    assert sorted(links) == [f"{card}/report.html" for card in MINUTES]
    assert all((tmp_path / "here" / link).is_file() for link in links)
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    assert f"All reports: {tmp_path / 'here' / 'index.html'}" in said
    assert len(MINUTES) >= 3
    assert all(card in said for card in [*MINUTES, *OTHERS])
    last = Path(said.splitlines()[-1].removeprefix("Report: "))
    assert last.is_file()
    program = shlex.split(next(line for line in said.splitlines() if line.startswith("Next: ")))[1]
    assert Path(program).is_file()
    assert main(["tour", "--out", "here"]) == 0  # over an earlier tour


@pytest.mark.parametrize("strange", ["mine.txt", "ema_cross/mine.txt"])
def test_the_tour_deletes_nothing_of_the_users(
    strange: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "out" / strange
    mine.parent.mkdir(parents=True)
    mine.write_text("kept", encoding="utf-8")
    assert main(["tour", "--out", str(tmp_path / "out")]) == 2
    assert "holds `mine.txt`, which is no part of a tour; it would be deleted" in capsys.readouterr().err
    assert mine.read_text(encoding="utf-8") == "kept"


def test_the_last_card_is_the_one_whose_equity_moves_most() -> None:
    bars = some_bars(["100", "110", "90", "100"])
    flat, small, large = (
        a_result(a_tape(bars, [a_fill(bars, 0, qty, "100")] if qty else [])) for qty in ("", "0.1", "1")
    )
    assert liveliest([flat, small, large]) is large
    assert liveliest([large, flat]) is large


def test_the_launcher_is_named_in_its_root_and_by_its_path_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert command_name() == "./coldframe"
    monkeypatch.chdir(tmp_path)
    assert command_name() == shlex.quote(str(ROOT / "coldframe"))


def test_an_installed_wheel_has_the_command_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "_root", lambda: tmp_path)
    assert command_name() == "coldframe"
