"""`backtest CARD CARD --journal` and `replay`: one journal of all cards; what differs is named with its card."""

import json
from pathlib import Path
from typing import Any

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
from tests.actors.app.cli.accounts import BARS, Account, said_alone

OPTIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("--every-bar",),
    ("--latency", "20"),
    ("--latency", "lognormal:20:200", "--seed", "5"),
    ("--set", "two:features.fast.length=4", "--set", "features.slow.length=12"),
    ("--path", "pessimistic", "--from", "2024-01-01T01:00", "--to", "2024-01-01T05:00"),
)


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account.made_in(tmp_path)


@pytest.fixture
def kept(account: Account, capsys: pytest.CaptureFixture[str]) -> Account:
    account.result(capsys, "--journal", account.journal)
    return account


def records(account: Account) -> list[LogRecord]:
    return list(JournalReader(FolderDisk(account.journal)))


def written(account: Account, changed: list[LogRecord]) -> Path:
    file = account.folder / "other.journal"
    log = open_log(FolderDisk(file))
    for record in changed:
        log.append(record.kind, record.time_ns, record.payload)
    log.close()
    return file


def refusal(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main(["replay", *map(str, words)]) == 2
    return said_alone(capsys)


@pytest.mark.parametrize("words", OPTIONS)
def test_a_run_with_a_journal_is_the_run_without_and_is_had_again(
    account: Account, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    plain = account.result(capsys, *words)
    with_journal = account.result(capsys, "--journal", account.journal, *words)
    assert with_journal["account"]["output_digest"] == plain["account"]["output_digest"]
    assert all(card["fills"] for card in plain["cards"])
    assert main(["replay", str(account.journal)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("no divergence: ")


def test_a_run_with_files_of_both_symbols_is_had_again(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for symbol in ("BTCUSDT", "ETHUSDT"):
        (account.folder / f"mark-{symbol}.csv").write_bytes(account.bars(symbol).read_bytes())
    words = [
        word
        for symbol in ("BTCUSDT", "ETHUSDT")
        for word in ("--mark", f"{symbol}={account.folder / f'mark-{symbol}.csv'}")
    ]
    account.result(capsys, "--journal", account.journal, *words)
    assert main(["replay", str(account.journal)]) == 0
    capsys.readouterr()
    mark = account.folder / "mark-ETHUSDT.csv"
    mark.write_text(mark.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    said = refusal(capsys, account.journal)
    assert f"card two (ETHUSDT) had another mark than {mark} is now" in said


def test_the_header_has_what_each_card_takes(kept: Account) -> None:
    header = json.loads(records(kept)[0].payload)
    assert header.keys() >= {"run_id", "coldframe_version", "settings", "given", "cards"}
    assert [(card["id"], card["symbol"]) for card in header["cards"]] == [("one", "BTCUSDT"), ("two", "ETHUSDT")]
    for card in header["cards"]:
        assert card.keys() >= {"card", "bars", "set", "card_digest", "data_digest", "instrument_digest"}


def test_journal_verify_tail_and_export_read_it(kept: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "verify", str(kept.journal)]) == 0
    assert "ended: in order" in capsys.readouterr().out
    assert main(["journal", "tail", str(kept.journal), "--last", "1"]) == 0
    assert "the market's data has ended" in capsys.readouterr().out
    assert main(["journal", "export", str(kept.journal)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(records(kept))
    decided = [line["payload"][2] for line in lines if line["kind"] == "decision" and line["payload"][0] == "Decided"]
    assert sorted(set(decided)) == ["one", "two"]


def test_a_changed_card_is_named(kept: Account, capsys: pytest.CaptureFixture[str]) -> None:
    file = kept.card("two")
    file.write_text(file.read_text(encoding="utf-8").replace("length: 9", "length: 8"), encoding="utf-8")
    assert f"card two (ETHUSDT) had another card than {file} is now" in refusal(capsys, kept.journal)


def test_changed_bars_are_named(kept: Account, capsys: pytest.CaptureFixture[str]) -> None:
    file = kept.bars("BTCUSDT")
    file.write_text(csv_of(synthetic_bars(9, BARS)), encoding="utf-8")
    assert f"card one (BTCUSDT) had another bars than {file} is now" in refusal(capsys, kept.journal)


def test_files_may_have_moved(kept: Account, capsys: pytest.CaptureFixture[str]) -> None:
    card = kept.card("two").rename(kept.folder / "moved.yaml")
    bars = kept.bars("ETHUSDT").rename(kept.folder / "moved.csv")
    assert "two.yaml" in refusal(capsys, kept.journal)
    words = ["--card", f"two={card}", "--bars", f"ETHUSDT={bars}"]
    assert main(["replay", str(kept.journal), *words]) == 0
    capsys.readouterr()
    said = refusal(capsys, kept.journal, "--card", card)
    assert said.startswith(f"--card: '{card}' does not say of which card; the cards are one, two")
    assert "no card trades SOLUSDT" in refusal(capsys, kept.journal, "--bars", f"SOLUSDT={bars}")


@pytest.mark.parametrize(
    ("card", "symbol", "name"),
    [("one", "BTCUSDT", "card one (BTCUSDT)"), ("two", "ETHUSDT", "card two (ETHUSDT)")],
)
@pytest.mark.parametrize("kind", ["Decided", "FillBooked"])
def test_another_output_in_the_journal_is_a_divergence_of_its_card(
    kept: Account, capsys: pytest.CaptureFixture[str], kind: str, card: str, symbol: str, name: str
) -> None:
    found = records(kept)
    at = next(
        index
        for index, record in enumerate(found)
        if record.payload.startswith(f'["{kind}"'.encode()) and f'"{card}"'.encode() in record.payload
    )
    told = found[at]
    *head, last = json.loads(told.payload)
    payload = json.dumps([*head, 17], separators=(",", ":")).encode()
    found[at] = LogRecord(told.sequence, told.time_ns, told.kind, payload)
    file = written(kept, found)
    assert main(["replay", str(file)]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"{file}: {name}: diverges at sequence {told.sequence}, ")
    assert printed.out.startswith("diverged after ")
    assert last != 17


def test_what_the_ledger_remembers_otherwise_is_a_divergence_of_its_symbol(
    kept: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    found = records(kept)
    at = next(
        index for index, record in enumerate(found) if record.kind == "memory" and b'"key":"ETHUSDT"' in record.payload
    )
    told = found[at]
    found[at] = LogRecord(told.sequence, told.time_ns, told.kind, told.payload.replace(b'"qty":0', b'"qty":1'))
    assert main(["replay", str(written(kept, found))]) == 1
    assert ": card two (ETHUSDT): diverges at " in capsys.readouterr().err


def test_code_that_decides_otherwise_for_one_symbol_is_a_divergence_of_its_card(
    kept: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the processor of today orders twice as much of one symbol."""

    def doubled(*given: Any) -> Any:
        answer = process(*given)
        if not isinstance(answer, ApprovedOrder) or answer.symbol != "ETHUSDT":
            return answer
        return msgspec.structs.replace(answer, qty=answer.qty * 2)

    monkeypatch.setattr("actors.intents.actor.process", doubled)
    assert main(["replay", str(kept.journal)]) == 1
    assert ": card two (ETHUSDT): diverges at sequence" in capsys.readouterr().err


def test_a_run_cut_short_is_had_again_as_far_as_it_goes(kept: Account, capsys: pytest.CaptureFixture[str]) -> None:
    found = records(kept)
    assert main(["replay", str(written(kept, found[: len(found) // 2]))]) == 0
    said, end = capsys.readouterr().out.splitlines()
    assert said.startswith("no divergence")
    assert "no orderly end" in end


def test_wrong_input_leaves_no_journal(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bars("ETHUSDT").unlink()
    assert "ETHUSDT.csv" in account.refusal(capsys, "--journal", account.journal)
    assert not account.journal.exists()
