"""`backtest --journal` and `replay` from outside: a run is journaled and replayed, and each difference is named."""

import json
import shutil
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.intents.processor import process
from actors.orders.messages import ApprovedOrder
from runtime.edges.disk import FolderDisk
from runtime.journal.format import LogRecord
from runtime.journal.log import open_log
from runtime.journal.reader import JournalReader

ROOT = Path(__file__).resolve().parents[4]
CARD = ROOT / "ideacards" / "cards" / "ema_cross.yaml"


@attrs.frozen
class Kept:
    """A folder with a card, bars, and the journal of a run over them."""

    folder: Path

    @property
    def card(self) -> Path:
        return self.folder / "card.yaml"

    @property
    def bars(self) -> Path:
        return self.folder / "bars.csv"

    @property
    def journal(self) -> Path:
        return self.folder / "run.journal"

    def records(self) -> list[LogRecord]:
        return list(JournalReader(FolderDisk(self.journal)))

    def write(self, records: list[LogRecord], name: str = "other.journal") -> Path:
        """Another journal of these records."""
        file = self.folder / name
        log = open_log(FolderDisk(file))
        for record in records:
            log.append(record.kind, record.time_ns, record.payload)
        log.close()
        return file


@pytest.fixture
def kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Kept:
    run = Kept(tmp_path)
    shutil.copy(CARD, run.card)
    run.bars.write_text(csv_of(synthetic_bars(3, 400)), encoding="utf-8")
    assert main(["backtest", str(run.card), "--bars", str(run.bars), "--journal", str(run.journal), "--json"]) == 0
    (tmp_path / "result.json").write_text(capsys.readouterr().out, encoding="utf-8")
    return run


def digest_of(text: str) -> Any:
    return json.loads(text)["output_digest"]


def refusal(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main([str(word) for word in words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_a_run_with_a_journal_is_the_run_without(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", str(kept.card), "--bars", str(kept.bars), "--json"]) == 0
    assert digest_of(capsys.readouterr().out) == digest_of((kept.folder / "result.json").read_text(encoding="utf-8"))
    kinds = {record.kind for record in kept.records()}
    assert kinds >= {"header", "start", "time", "tell", "memory", "decision", "life", "ended"}


def test_the_header_says_what_it_takes_to_have_the_run_again(kept: Kept) -> None:
    first = kept.records()[0]
    header = json.loads(first.payload)
    assert header.keys() >= {"run_id", "coldframe_version", "card", "bars", "card_digest", "data_digest", "settings"}
    assert first.time_ns == synthetic_bars(3, 1).ts_open[0] * 10**6


def test_a_journal_is_never_written_over(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    before = kept.records()
    said = refusal(capsys, "backtest", kept.card, "--bars", kept.bars, "--journal", kept.journal)
    assert "there is something already" in said
    assert kept.records() == before


def test_wrong_input_leaves_no_journal(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = kept.folder / "no.journal"
    refusal(capsys, "backtest", kept.card, "--bars", kept.folder / "nobars.csv", "--journal", nowhere)
    assert not nowhere.exists()


def test_a_run_is_had_again_without_divergence(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(kept.journal)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("no divergence: ")
    assert "0 outputs" not in line


@pytest.mark.parametrize("options", [["--every-bar"], ["--seed", "7"], ["--path", "olhc"], ["--set", "warmup=40"]])
def test_options_of_the_run_are_those_of_its_replay(
    options: list[str], kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = kept.folder / "optional.journal"
    words = ["backtest", str(kept.card), "--bars", str(kept.bars), "--journal", str(journal), *options]
    assert main(words) == 0
    assert main(["replay", str(journal)]) == 0
    assert "no divergence" in capsys.readouterr().out


def test_files_may_have_moved(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    card, bars = kept.card.rename(kept.folder / "c.yaml"), kept.bars.rename(kept.folder / "b.csv")
    assert str(kept.card) in refusal(capsys, "replay", kept.journal)
    assert main(["replay", str(kept.journal), "--card", str(card), "--bars", str(bars)]) == 0


def test_another_card_is_named(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    text = kept.card.read_text(encoding="utf-8")
    kept.card.write_text(text.replace("length: 12", "length: 11"), encoding="utf-8")
    assert "another card" in refusal(capsys, "replay", kept.journal)
    kept.card.write_text(f"# a comment\n{text}", encoding="utf-8")
    assert main(["replay", str(kept.journal)]) == 0


def test_other_bars_are_named(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    kept.bars.write_text(csv_of(synthetic_bars(4, 400)), encoding="utf-8")
    assert "another bars" in refusal(capsys, "replay", kept.journal)


def test_other_settings_are_named(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    first, *rest = kept.records()
    header = json.loads(first.payload)
    header["settings"]["limits"]["create_per_second"] = 9
    changed = LogRecord(first.sequence, first.time_ns, first.kind, json.dumps(header).encode())
    said = refusal(capsys, "replay", kept.write([changed, *rest]))
    assert "other settings: limits" in said


@pytest.mark.parametrize("where", ["nowhere", "bars.csv"])
def test_what_is_no_journal_is_named(where: str, kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such journal" in refusal(capsys, "replay", kept.folder / where)


def test_a_damaged_journal_is_refused_with_the_place(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    segment = kept.journal / "000000.log"
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    said = refusal(capsys, "replay", kept.journal)
    assert "000000.log" in said
    assert "journal verify" in said


def test_a_run_cut_short_is_had_again_as_far_as_it_goes(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    records = kept.records()
    for cut in (2, len(records) // 3, len(records) // 2, len(records) - 1):
        file = kept.write(records[:cut], f"cut{cut}.journal")
        assert main(["replay", str(file)]) == 0
        said, end = capsys.readouterr().out.splitlines()
        assert "no divergence" in said
        assert "no orderly end" in end
    segment = file / "000000.log"
    segment.write_bytes(segment.read_bytes()[:-5])
    assert main(["replay", str(file)]) == 0


def test_another_output_in_the_journal_is_a_divergence_with_its_place(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    records = kept.records()
    at = next(index for index, record in enumerate(records) if record.kind == "decision")
    told = records[at]
    records[at] = LogRecord(told.sequence, told.time_ns, told.kind, told.payload.replace(b"enter_long", b"enter_short"))
    assert main(["replay", str(kept.write(records))]) == 1
    printed = capsys.readouterr()
    assert f"sequence {told.sequence}, {told.time_ns} ns, Decided" in printed.err
    assert "enter_short" in printed.err.split("the replay")[0]
    assert "enter_long" in printed.err.split("the replay")[1]
    assert printed.out.startswith("diverged after ")


def test_code_that_decides_otherwise_is_a_divergence(
    kept: Kept, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the processor of today orders twice as much."""

    def doubled(*given: Any) -> Any:
        answer = process(*given)
        if not isinstance(answer, ApprovedOrder):
            return answer
        return msgspec.structs.replace(answer, qty=answer.qty * 2)

    monkeypatch.setattr("actors.intents.actor.process", doubled)
    assert main(["replay", str(kept.journal)]) == 1
    assert "diverges at sequence" in capsys.readouterr().err


def test_of_several_runs_each_can_be_had_again(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    records = kept.records()
    file = kept.write([*records[: len(records) // 2], *records])
    assert main(["replay", str(file)]) == 0
    assert capsys.readouterr().out.startswith("run 2 of 2: no divergence")
    assert main(["replay", str(file), "--run", "1"]) == 0
    said, end = capsys.readouterr().out.splitlines()
    assert said.startswith("run 1 of 2: no divergence")
    assert "no orderly end" in end
    assert "is not within 1..2" in refusal(capsys, "replay", file, "--run", "3")


def test_a_journal_of_something_else_is_named(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    header = LogRecord(0, 0, "header", b'{"run_id":"r1"}')
    assert "no journal of a back-test" in refusal(capsys, "replay", kept.write([header]))
