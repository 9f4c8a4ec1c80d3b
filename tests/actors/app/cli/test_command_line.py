"""The command line from outside: light help, exit codes, whole folders, and no traceback for anybody."""

import errno
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.cli.commands import COMMANDS, help_text
from actors.app.results.folders import write_whole
from actors.app.runs.synthetic import csv_of, synthetic_bars

ROOT = Path(__file__).resolve().parents[4]
CARD = ROOT / "ideacards" / "cards" / "ema_cross.yaml"
HEAVY = ("numpy", "numba", "msgspec", "cyclopts", "rich")


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    file = tmp_path / "bars.csv"
    file.write_text(csv_of(synthetic_bars(3, 600)), encoding="utf-8")
    return file


def test_the_overview_needs_no_heavy_library() -> None:
    show = f"print([name for name in {HEAVY} if name in sys.modules])"
    code = f"import sys; from actors.app.cli import main; main(['--help']); {show}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_is_in_the_help_and_can_be_run() -> None:
    for command in COMMANDS:
        assert command.name in help_text()
        assert callable(import_module(command.module).run)


def test_json_goes_to_stdout_alone_and_the_folder_is_whole(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["backtest", str(CARD), "--bars", str(bars), "--json", "--out", str(out)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert sorted(path.name for path in out.iterdir()) == [
        "equity.csv",
        "fills.csv",
        "orders.csv",
        "report.html",
        "result.json",
    ]
    assert json.loads((out / "result.json").read_text(encoding="utf-8")) == printed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars.csv", "out"]
    assert len((out / "equity.csv").read_text(encoding="utf-8").splitlines()) == printed["bars"] + 1


def test_a_full_disk_is_one_line_and_leaves_nothing(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(result: object, folder: Path) -> None:
        (folder / "orders.csv").write_text("half", encoding="utf-8")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("actors.app.cli.backtest.RESULT_WRITERS", (full,))
    out = tmp_path / "out"
    assert main(["backtest", str(CARD), "--bars", str(bars), "--out", str(out)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "--out" in said[0]
    assert "No space left on device" in said[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars.csv"]


def test_validate_gives_the_verdict_of_a_run_on_symbol_and_leverage(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CARD.read_text(encoding="utf-8")
    for old, new, said in (
        ("BTCUSDT", "BTCEUR", "no such instrument"),
        ("leverage: 1}", "leverage: 500}", "account.leverage: 500 is not a whole number from 1 to"),
    ):
        assert old in text
        card = tmp_path / "card.yaml"
        card.write_text(text.replace(old, new), encoding="utf-8")
        assert main(["validate", str(card)]) == 2
        verdict = capsys.readouterr().err
        assert said in verdict
        assert main(["backtest", str(card), "--bars", str(bars)]) == 2
        assert capsys.readouterr().err == verdict


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half", encoding="utf-8")
        raise OSError("planted")

    with pytest.raises(OSError, match="planted"):
        write_whole(tmp_path / "out", fail)
    assert list(tmp_path.iterdir()) == []


def test_force_replaces_the_old_folder_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").write_text("old", encoding="utf-8")
    write_whole(out, lambda folder: (folder / "new").touch())
    assert [path.name for path in out.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_error_of_ours_is_one_line_that_names_the_trace(
    bars: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("actors.app.cli.backtest.run_job", broken)
    assert main(["backtest", str(CARD), "--bars", str(bars)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    trace = Path(lines[0].rpartition(" ")[2])
    assert "RuntimeError: planted" in trace.read_text(encoding="utf-8")
    trace.unlink()


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_a_signal_ends_with_its_code(
    bars: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, code: int
) -> None:
    def stopped(*args: object, **options: object) -> None:
        raise stop

    monkeypatch.setattr("actors.app.cli.backtest.run_job", stopped)
    try:
        ended = main(["backtest", str(CARD), "--bars", str(bars)])
    except SystemExit as end:
        ended = int(end.code or 0)
    assert ended == code


def test_validate_says_what_is_well_and_tree_draws_every_actor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(CARD)]) == 0
    assert "ema_cross" in capsys.readouterr().out
    assert main(["tree"]) == 0
    drawn = capsys.readouterr().out
    for name in ("journal", "venue", "ratelimiter", "gateway", "clocksync", "private_socket", "public_socket"):
        assert name in drawn
    assert "restart: fatal" in drawn


@pytest.mark.parametrize("options", [["--from", "2024-01-01T02:00", "--to", "2024-01-01T04:00"]])
def test_a_range_is_half_open_over_bar_opens(
    bars: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", str(CARD), "--bars", str(bars), "--json", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["bars"] == 120 > found["bars_delivered"]
    assert found["settings"]["flags"] == {"from": options[1], "to": options[3]}
    assert found["first_ts"] == 1_704_074_400_000
    assert found["last_ts"] == 1_704_081_600_000 - 60_000


def refusal(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    assert main(["backtest", *map(str, argv)]) == 2
    return capsys.readouterr().err


def test_force_replaces_an_earlier_result_and_nothing_else(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    common = (CARD, "--bars", bars, "--force", "--out")
    for where in (".", "..", "../work"):
        assert "the folder you are in" in refusal(capsys, *common, where)
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "bars.csv").write_bytes(bars.read_bytes())
    assert "`bars.csv`" in refusal(capsys, *common, tmp_path / "mixed")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert "is a link" in refusal(capsys, *common, tmp_path / "link")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars.csv", "link", "mixed", "work"]
    for _ in range(2):
        assert main(["backtest", *map(str, common), "[a]"]) == 0
    assert "report: [a]/report.html" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["2016", "1733007600", "²", "yesterday", "1733007600000.5"])
def test_what_is_no_moment_is_refused(text: str, bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no moment" in refusal(capsys, CARD, "--bars", bars, "--from", text)


def test_a_date_without_dashes_is_a_date(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "leaves no bars" in refusal(capsys, CARD, "--bars", bars, "--from", "20240102")


@pytest.mark.parametrize("change", ["warmup=600", "blocks.entry.cases.0.when=close[600] > 1"])
def test_a_card_that_is_never_ready_is_refused(change: str, bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "and there are 600" in refusal(capsys, CARD, "--bars", bars, "--set", change)


@pytest.mark.parametrize("change", ["account.leverage=1.5", "account.leverage=101", "account.equity=1000.12345678901"])
def test_an_account_that_the_venue_cannot_hold_is_refused(
    change: str, bars: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert change.partition("=")[0] in refusal(capsys, CARD, "--bars", bars, "--set", change)


def test_a_dead_market_is_no_oversold_market(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = tmp_path / "card.yaml"
    bars = tmp_path / "bars.csv"
    first = 1_704_067_200_000
    rows = "".join(f"{first + 60_000 * index},100,100,100,100,1\n" for index in range(30))
    bars.write_text(f"ts_ms,open,high,low,close,volume\n{rows}", encoding="utf-8")
    text = """\
id: oversold
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000}
features:
  r: {use: rsi, length: 3}
blocks:
- id: entry
  cases:
  - when: r < 30
    emit: {action: enter_long, size: {quantity: 1}}
"""
    for said, orders in (("", 0), (", flat: 0", 1), (", flat: 50", 0)):
        card.write_text(text.replace("length: 3", f"length: 3{said}"), encoding="utf-8")
        assert main(["backtest", str(card), "--bars", str(bars), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["orders"] == orders
        assert (found["unknown_clauses"] > 0) is (said == "")
    card.write_text(text.replace("length: 3", "length: 3, flat: 30"), encoding="utf-8")
    assert main(["validate", str(card)]) == 2
    assert "one of 0, 50, 100" in capsys.readouterr().err


def test_messages_do_not_mislead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, header = 1_704_067_200_000, "ts_ms,open,high,low,close,volume\n"
    bars, trades = tmp_path / "bars.csv", tmp_path / "trades.csv"

    def written(step_ms: int, *, is_holed: bool = False) -> None:
        rows = [f"{first + step_ms * index},100,101,99,100,1" for index in range(40)]
        holed = [row if index % 2 else f"{row.partition(',')[0]},,,,," for index, row in enumerate(rows)]
        bars.write_text(header + "\n".join(holed if is_holed else rows) + "\n", encoding="utf-8")

    def said(*words: str) -> str:
        assert main(["backtest", str(CARD), "--bars", str(bars), *words]) == 2
        return capsys.readouterr().err

    written(60_000, is_holed=True)
    assert "exec: 2m" not in said()
    written(100_000)
    assert "use a file of 1m bars" in said()
    written(120_000)
    assert "use exec: 2m or a file of 1m bars" in said()
    written(60_000)
    for time, unit in ((first // 1000, "seconds"), (first * 1000, "microseconds")):
        trades.write_text(f"ts_ms,price,size\n{time},100,1\n", encoding="utf-8")
        assert f"the times are in {unit}" in said("--trades", str(trades))


def test_a_gap_that_is_a_large_part_of_the_file_is_a_notice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars, first = tmp_path / "bars.csv", 1_704_067_200_000
    for missing, notice in ((400, True), (3, False)):
        minutes = [*range(50), *range(50 + missing, 100 + missing)]
        rows = "".join(f"{first + 60_000 * minute},100,101,99,100,1\n" for minute in minutes)
        bars.write_text(f"ts_ms,open,high,low,close,volume\n{rows}", encoding="utf-8")
        assert main(["backtest", str(CARD), "--bars", str(bars), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)["notices"]
        assert (f"{missing} bars missing from 2024-01-01 00:50" in "".join(told)) is notice
