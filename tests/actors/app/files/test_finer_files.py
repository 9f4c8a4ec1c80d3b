"""Finer bars and trades from files, and the flags of how the venue fills: what is taken, what is refused."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from ideacards.feeds import Bars

CARD = """\
id: brackets
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 5m}
account: {equity: 100000}
features: {fast: {use: ema, length: 3}, slow: {use: ema, length: 8}}
blocks:
- id: entry
  cases:
  - when: position.flat and crosses_above(fast, slow)
    emit: {action: enter_long, size: {notional: 10000}, stop_loss: {percent: 0.03}, take_profit: {percent: 0.03}}
"""
FINE = synthetic_bars(5, 3_000)
AT = int(FINE.ts_open[0])


def five_minutes(fine: Bars = FINE) -> Bars:
    """Five bars of one minute as one."""
    groups = {name: getattr(fine, f"price_{name}").reshape(-1, 5) for name in ("open", "high", "low", "close")}
    prices = {
        "open": groups["open"][:, 0],
        "high": groups["high"].max(axis=1),
        "low": groups["low"].min(axis=1),
        "close": groups["close"][:, -1],
    }
    volume = fine.volume.reshape(-1, 5).sum(axis=1)
    return Bars.of_columns(fine.symbol, 300_000, fine.price_digits, fine.ts_open[::5], prices, volume)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "card.yaml").write_text(CARD, encoding="utf-8")
    (tmp_path / "bars.csv").write_text(csv_of(five_minutes()), encoding="utf-8")
    (tmp_path / "fine.csv").write_text(csv_of(FINE), encoding="utf-8")
    return tmp_path


def run(folder: Path, *options: object) -> int:
    words = ["backtest", folder / "card.yaml", "--bars", folder / "bars.csv", "--json", *options]
    return main([str(word) for word in words])


def result(folder: Path, capsys: pytest.CaptureFixture[str], *options: object) -> dict[str, Any]:
    assert run(folder, *options) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refusal(folder: Path, capsys: pytest.CaptureFixture[str], *options: object) -> list[str]:
    assert run(folder, *options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.splitlines()


def test_finer_bars_are_the_run_of_the_finer_bars(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They change what is met first, and a run knows that it had them."""
    plain = result(folder, capsys)
    finer = result(folder, capsys, "--sub-bars", folder / "fine.csv")
    assert plain["orders"] == finer["orders"]
    assert plain["output_digest"] != finer["output_digest"]
    assert str(folder / "fine.csv") in json.dumps(finer["settings"])


def test_a_run_with_finer_bars_is_had_again_from_its_journal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = folder / "run.journal"
    result(folder, capsys, "--sub-bars", folder / "fine.csv", "--journal", journal, "--latency", "40")
    assert main(["replay", str(journal)]) == 0
    (folder / "fine.csv").write_text(csv_of(FINE.head(10)), encoding="utf-8")
    assert main(["replay", str(journal)]) == 2
    assert "another sub_bars" in capsys.readouterr().err


def test_bars_that_finer_ones_do_not_fill_are_walked_by_the_policy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The finer file ends in the middle of a bar."""
    (folder / "fine.csv").write_text(csv_of(FINE.head(1_503)), encoding="utf-8")
    assert result(folder, capsys, "--sub-bars", folder / "fine.csv")["bars"] == 600


def test_finer_bars_that_do_not_add_up_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = csv_of(FINE).splitlines()
    cells = rows[7].split(",")
    cells[2] = f"{float(cells[2]) + 500:.1f}"
    rows[7] = ",".join(cells)
    (folder / "fine.csv").write_text("\n".join(rows), encoding="utf-8")
    (line,) = refusal(folder, capsys, "--sub-bars", folder / "fine.csv")
    assert f"bar {int(FINE.ts_open[5])}: high" in line
    assert "of its finer bars, and the bar has" in line


def test_of_many_that_do_not_add_up_five_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "fine.csv").write_text(csv_of(synthetic_bars(6, 3_000)), encoding="utf-8")
    lines = refusal(folder, capsys, "--sub-bars", folder / "fine.csv")
    assert len(lines) == 6
    assert "more that do not add up" in lines[-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (csv_of(five_minutes()), "its bars are 5m apart, and 5m bars are no multiple of that"),
        (
            "ts_ms,open,high,low,close,volume\n1000000000000,1,1,1,1,1\n1000000060000,1,1,1,1,1\n",
            "no bar within the time of the run's bars",
        ),
        ("nonsense\n", "the first line is no header"),
    ],
)
def test_a_finer_file_that_cannot_be_is_refused(
    text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "fine.csv").write_text(text, encoding="utf-8")
    assert any(said in line for line in refusal(folder, capsys, "--sub-bars", folder / "fine.csv"))


def trades_of(fine: Bars, count: int) -> str:
    """Four trades a minute: its open, low, high and close."""
    lines = ["ts_ms,size,price"]
    scale = 10**fine.price_digits
    for at in range(count):
        for second, name in ((1, "open"), (20, "low"), (40, "high"), (59, "close")):
            price = int(getattr(fine, f"price_{name}")[at]) / scale
            lines.append(f"{int(fine.ts_open[at]) + 1000 * second},0.1,{price}")
    return "\n".join(lines) + "\n"


def test_trades_tell_the_way_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "trades.csv.gz"
    file.write_bytes(gzip.compress(trades_of(FINE, 3_000).encode()))
    finer = result(folder, capsys, "--trades", file)
    assert finer["output_digest"] != result(folder, capsys)["output_digest"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,price\n", ":1: ts_ms: the header has no such column; the file's `time` should be named `ts_ms`"),
        ("ts_ms,price\n", "there is a header but no trade"),
        (f"ts_ms,price\n{AT},1\n{AT},1\n{AT - 1},1\n{AT},1\n", ":4: ts_ms: earlier than the trade before"),
        (f"ts_ms,price\n{AT},1\n{AT - 1},1\n", ":2: ts_ms: the newest trade comes first"),
        ("ts_ms,price\nx,1\n", ":2:1: ts_ms: `x` is not a number; the trade's time in UTC milliseconds"),
        (f"ts_ms,price\n{AT},nan\n", ":2:15: price: `nan` is not a finite number"),
        (f"ts_ms,price\n{AT},-1\n", ":2:15: price: `-1` is not above zero"),
        (f"ts_ms,price\n{AT},1.234\n", ":2:15: price: `1.234` has more than 1 decimals, as the bars have"),
        (f"ts_ms,price\n{AT - 86_400_000},1\n", "has no trade within the time of the run's bars"),
        (f"ts_ms,price\n\n{AT + 1},1\n", ":3: the trade of"),
    ],
)
def test_a_trades_file_that_cannot_be_is_refused_with_its_line(
    text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "trades.csv").write_text(text, encoding="utf-8")
    (line,) = refusal(folder, capsys, "--trades", folder / "trades.csv")
    assert said in line


def test_one_file_tells_the_way(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "trades.csv").write_text(trades_of(FINE, 10), encoding="utf-8")
    (line,) = refusal(folder, capsys, "--trades", folder / "trades.csv", "--sub-bars", folder / "fine.csv")
    assert "goes without --sub-bars" in line


def test_worse_conditions_cost_money(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, slipped = (float(result(folder, capsys, *words)["final_equity"]) for words in ([], ["--slippage", "5bp"]))
    assert slipped < plain


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--slippage", "-1", "expected ticks (2) or basis points of the price (1.5bp)"),
        ("--slippage", "1%", "expected ticks"),
        ("--latency", "fast", "expected milliseconds under 120000"),
        ("--latency", "feed=1,back=2", "back=2: is none of feed, entry, response"),
        ("--latency", "uniform:5:1", "the first number is above the second"),
        ("--limit-fill", "through:0", "expected touch, through or through:<ticks>"),
    ],
)
def test_a_wrong_flag_is_one_line(
    option: str, text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = refusal(folder, capsys, option, text)
    assert said in line


def test_flags_and_what_the_profile_said_stand_in_the_result(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--slippage", "2", "--latency", "entry=20", "--limit-fill", "touch")
    settings = result(folder, capsys, *words)["settings"]
    assert settings["flags"] == {"slippage": "2", "latency": "entry=20", "limit_fill": "touch"}
    assert settings["profile_values"]["latency"] == "feed=0,entry=0,response=0"
    assert settings["latency"] == {"feed": "0", "entry": "20", "response": "0"}
    assert np.isclose(float(settings["venue"]["slippage"]), 2)


@pytest.mark.parametrize("words", [(), ("--latency", "40", "--slippage", "1bp")])
def test_an_interval_hangs_on_bars_that_finer_ones_decide(
    words: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = result(folder, capsys, "--ambiguity", *words)
    ends = found["ambiguity"]
    truth = float(result(folder, capsys, "--sub-bars", folder / "fine.csv", *words)["final_equity"])
    assert float(ends["pessimistic"]) <= float(found["final_equity"]) <= float(ends["optimistic"])
    if not words:  # else what an order meets that arrives inside a bar is known better, too
        assert float(ends["pessimistic"]) <= truth <= float(ends["optimistic"])
    assert len(ends["bars"]) > 0
    assert set(ends["bars"]) <= set(five_minutes().ts_open.tolist())
    assert run(folder, "--ambiguity", "--path", "optimistic") == 2
    assert "runs both paths" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["pessimistic", "optimistic"])
def test_the_ends_are_runs_of_their_own(path: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = result(folder, capsys, "--ambiguity")["ambiguity"]
    assert result(folder, capsys, "--path", path)["final_equity"] == ends[path]


def test_finer_bars_everywhere_leave_nothing_open(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = result(folder, capsys, "--ambiguity", "--sub-bars", folder / "fine.csv")["ambiguity"]
    assert ends["bars"] == []
    assert ends["pessimistic"] == ends["optimistic"]


FIRST, LAST = int(FINE.ts_open[0]), int(FINE.ts_open[-1])
HOUR = 3_600_000


def a_funding_file(folder: Path, rate: str = "0.0001", *, skip: int | None = None, count: int = 60) -> Path:
    rows = [f"{FIRST + number * HOUR},{rate}" for number in range(count) if number != skip]
    file = folder / "funding.csv"
    file.write_text("\n".join(["ts_ms,rate", *rows]) + "\n", encoding="utf-8")
    return file


def test_funding_is_paid_by_the_account_and_stands_in_the_result(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--set", "blocks.entry.cases.0.emit.stop_loss.percent=5", "--set")
    wide = (*words, "blocks.entry.cases.0.emit.take_profit.percent=5")
    plain = result(folder, capsys, *wide)
    assert plain["funding"] is None
    assert "funding" in plain["not_modelled"]
    paid = result(folder, capsys, *wide, "--funding", a_funding_file(folder), "--journal", folder / "f.journal")
    assert float(paid["funding"]) > 0
    assert np.isclose(float(plain["final_equity"]) - float(paid["final_equity"]), float(paid["funding"]))
    assert (paid["fees"], paid["fills"]) == (plain["fees"], plain["fills"])
    assert "funding" not in paid["not_modelled"]
    assert main(["replay", str(folder / "f.journal")]) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,rate\n", ":1: ts_ms: the header has no such column; the file's `time` should be named `ts_ms`"),
        ("ts_ms,rate\n", "there is a header but no rate"),
        (f"ts_ms,rate\n{AT},x\n", ":2:15: rate: `x` is not a number; a rate is a fraction"),
        (f"ts_ms,rate\n{AT},2\n", ":2:15: rate: `2` is not a fraction between -1 and 1"),
        (f"ts_ms,rate\n{AT},nan\n", ":2:15: rate: `nan` is not a finite number"),
        (f"ts_ms,rate\n{AT},0.1\n{AT},0.1\n", ":3: ts_ms: the same time as the rate before"),
        (
            "ts_ms,rate\n978307200000,0\n978310800000,0\n",
            "its rates are of 2001-01-01 00:00 to 2001-01-01 01:00, the run goes from",
        ),
    ],
)
def test_a_funding_file_that_cannot_be_is_refused(
    text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "funding.csv").write_text(text, encoding="utf-8")
    assert any(said in line for line in refusal(folder, capsys, "--funding", folder / "funding.csv"))


def test_a_hole_in_the_funding_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = refusal(folder, capsys, "--funding", a_funding_file(folder, skip=7))
    assert ":9: no rate between " in line
    assert "and the others come every 1h" in line
