"""`coldframe journal` from outside: what it prints, what it refuses, its exit codes, and that it changes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from actors.app.cli import main
from runtime.edges.disk import FolderDisk
from runtime.journal.format import ENDED, HEADER
from runtime.journal.log import LogLimits, open_log

COUNT = 30


def a_journal(folder: Path, *, is_ended: bool = True) -> Path:
    """A header, COUNT records of JSON, one that is none, and an end; three segments and more."""
    journal = folder / "run.journal"
    log = open_log(FolderDisk(journal), LogLimits(segment_bytes=1000))
    log.append(HEADER, 0, msgspec.json.encode({"run_id": "r1"}))
    for number in range(1, COUNT + 1):
        log.append("tell", number * 10, msgspec.json.encode(["ref", number, "\u202eé"]))
    log.append("raw", 1000, b"\xc1\x00")
    if is_ended:
        log.append(ENDED, 2000, b"")
    log.close()
    return journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Path]:
    """A whole journal; whatever a test does with it, the command has changed no byte."""
    file = a_journal(tmp_path)
    before = contents(file)
    yield file
    assert contents(file) == before


def contents(journal: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in journal.iterdir()}


def damaged(folder: Path, segment: str = "000001.log", offset: int = 500) -> Path:
    file = a_journal(folder)
    data = bytearray((file / segment).read_bytes())
    data[offset] ^= 1
    (file / segment).write_bytes(data)
    return file


def test_verify_says_that_a_journal_ended_and_what_it_holds(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "verify", str(journal)]) == 0
    out = capsys.readouterr().out
    rows = dict(line.strip("│ ").split("│") for line in out.splitlines() if line.startswith("│"))
    found = {name.strip(): value.strip() for name, value in rows.items()}
    assert found["state"] == "ended: in order"
    assert (found["runs"], found["records"]) == ("1", str(COUNT + 3))
    assert found["segments"].startswith(f"{len(contents(journal))}, ")
    assert found["first, last time"] == "0 ns, 2000 ns"
    assert found["torn"] == "nothing"


def test_verify_tells_a_crash_and_what_the_next_start_will_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = a_journal(tmp_path, is_ended=False)
    last = journal / max(contents(journal))
    last.write_bytes(last.read_bytes() + bytes(77))
    before = contents(journal)
    assert main(["journal", "verify", str(journal)]) == 3
    out = " ".join(capsys.readouterr().out.split())
    assert "crashed: no orderly end" in out
    assert "77 bytes, which the next start cuts" in out
    assert f"{last.name}: offset {last.stat().st_size - 77}: zeros instead of a record" in out
    assert contents(journal) == before


def test_j4_verify_refuses_damage_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = damaged(tmp_path)
    assert main(["journal", "verify", str(journal)]) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert line.startswith(f"{journal / '000001.log'}: offset ")
    assert ", sequence " in line
    assert "though a good record follows" in line
    assert "corrupt: damaged" in printed.out


def test_a_missing_segment_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = a_journal(tmp_path)
    (journal / max(contents(journal))).unlink()
    assert main(["journal", "verify", str(journal)]) == 2
    assert "the segment is missing" in capsys.readouterr().err


def test_tail_prints_the_last_records_a_line_each(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "tail", str(journal), "--last", "3"]) == 0
    lines = [line.split(maxsplit=4) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        [str(COUNT), str(COUNT * 10), "ns", "tell", f'["ref",{COUNT},"\\u202eé"]'],
        [str(COUNT + 1), "1000", "ns", "raw", "2 bytes, no JSON"],
        [str(COUNT + 2), "2000", "ns", "ended", "null"],
    ]
    assert main(["journal", "tail", str(journal)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 20


def test_export_prints_every_record_as_a_line_of_json(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["journal", "export", str(journal)]) == 0
    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["sequence"] for line in lines] == list(range(COUNT + 3))
    assert lines[0] == {"sequence": 0, "time_ns": 0, "kind": "header", "payload": {"run_id": "r1"}}
    assert lines[-2] == {"sequence": COUNT + 1, "time_ns": 1000, "kind": "raw", "payload_base64": "wQA="}
    assert lines[-1] == {"sequence": COUNT + 2, "time_ns": 2000, "kind": "ended", "payload": None}
    file = tmp_path / "all.jsonl"
    assert main(["journal", "export", str(journal), "--out", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.jsonl", "run.journal"]


@pytest.mark.parametrize("verb", ["tail", "export"])
def test_what_stands_before_a_damage_is_printed_and_the_damage_told(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["journal", verb, str(damaged(tmp_path))]) == 2
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) > 10
    assert "sequence" in printed.err
    assert len(printed.err.splitlines()) == 1


def test_an_export_that_meets_damage_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = damaged(tmp_path)
    assert main(["journal", "export", str(journal), "--out", str(tmp_path / "all.jsonl")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run.journal"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "{folder}/nowhere"], "nowhere: is not there"),
        (["verify", "{folder}/file"], "is a file; a journal is a folder of segments"),
        (["tail", "{folder}/empty"], "is no journal"),
        (["verify", "{journal}", "--last", "3"], "--last: belongs to `journal tail`, not to `verify`"),
        (["tail", "{journal}", "--out", "x"], "--out: belongs to `journal export`, not to `tail`"),
        (["tail", "{journal}", "--last", "0"], "--last: 0: is below 1"),
        (["export", "{journal}", "--out", "{folder}/file"], "is there already"),
        (["export", "{journal}", "--out", "{journal}/x"], "lies within the journal"),
        (["export", "{journal}", "--out", "{folder}/nowhere/x"], "cannot be written: No such file"),
        (["repair", "{journal}"], '"verify", "tail", "export"'),
        (["verify"], "coldframe journal --help"),
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_2(
    journal: Path, tmp_path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    words = [word.format(folder=tmp_path, journal=journal) for word in arguments]
    assert main(["journal", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
