"""A result holds what it was made from: the card as written, the command, and the files by name and digest."""

import json
import os
import shlex
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from actors.app.cli import main
from actors.app.results.report.sections import MAX_CARD_TEXT, provenance
from actors.app.results.result import build_result
from actors.app.runs.sources import NO_SOURCES, Sources, command_of, file_facts
from actors.app.runs.synthetic import csv_of, synthetic_bars
from tests.actors.app.results.tapes import a_tape, some_bars

ROOT = Path(__file__).resolve().parents[4]
CARD = ROOT / "ideacards" / "cards" / "ema_cross.yaml"


def a_run(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    bars = folder / "my bars.csv"
    bars.write_text(csv_of(synthetic_bars(3, 300)), encoding="utf-8")
    assert main(["backtest", str(CARD), "--bars", str(bars), "--json", *words]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_result_holds_card_command_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = a_run(tmp_path, capsys, "--set", "features.fast.length=9", "--every-bar", "--seed", "5")
    assert found["card_text"] == CARD.read_text(encoding="utf-8")
    assert [(file["option"], file["name"]) for file in found["files"]] == [
        ("CARD", "ema_cross.yaml"),
        ("--bars", "my bars.csv"),
    ]
    for file, path in zip(found["files"], (CARD, tmp_path / "my bars.csv"), strict=True):
        assert file["digest"] == blake2b(path.read_bytes(), digest_size=16).hexdigest()


def test_the_command_makes_the_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", "features.fast.length=9", "--set", "features.slow.length=40", "--every-bar", "--latency", "20"]
    first = a_run(tmp_path, capsys, *words)
    program, *again = shlex.split(first["command"])
    assert program == "coldframe"
    assert main([*again, "--json"]) == 0
    second = json.loads(capsys.readouterr().out)
    kept = ("command", "settings", "card_digest", "output_digest", "files")
    assert [second[key] for key in kept] == [first[key] for key in kept]


def test_a_file_goes_by_its_name_alone_and_a_pipe_has_no_digest(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert file_facts({"--bars": pipe}) == ({"option": "--bars", "name": "pipe", "digest": None},)


def test_a_profile_and_flags_that_are_off_are_told_as_such() -> None:
    command = command_of(["a b.yaml"], ["b.csv"], "my.toml", {"every_bar": False, "sub_bars": "s.csv"})
    assert command == "coldframe backtest 'a b.yaml' --bars b.csv --profile my.toml --sub-bars s.csv"


def page_of(sources: Sources) -> str:
    tape = a_tape(some_bars(["100"] * 5))
    return provenance(build_result(tape, data_digest="", card_digest="", sources=sources))


def test_the_report_shows_them_escaped() -> None:
    evil = "<script>"
    page = page_of(Sources(evil, evil, ({"option": "--bars", "name": evil, "digest": None},)))
    assert evil not in page
    assert page.count("&lt;script&gt;") == 3
    assert "none: no regular file" in page


def test_a_very_long_card_is_cut_in_the_report_and_says_so() -> None:
    page = page_of(Sources("x" * (MAX_CARD_TEXT + 1)))
    assert "x" * MAX_CARD_TEXT in page
    assert "x" * (MAX_CARD_TEXT + 1) not in page
    assert "result.json holds it whole" in page


def test_without_sources_nothing_is_shown() -> None:
    assert "<h3>" not in page_of(NO_SOURCES)
