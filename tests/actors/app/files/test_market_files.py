"""Mark, index, quotes, sizes and status from files, and the flags beside them: what they change, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from actors.app.cli import main
from actors.app.files.instruments import load_instrument
from actors.app.runs.synthetic import csv_of
from actors.model.errors import InputError
from ideacards.feeds import Bars
from tests.actors.app.files.test_finer_files import FINE, five_minutes, folder, refusal, result, run

__all__ = ["folder"]

BARS = five_minutes()
FIRST_MS, LAST_MS = int(BARS.ts_open[0]), int(BARS.ts_open[-1])
SMALL = ("--set", "account.equity=1000", "--set", "account.leverage=1")


def moved(ticks: int, bars: Bars = BARS) -> str:
    """The bars' file, every price so many ticks higher."""
    lines = csv_of(bars).splitlines()
    rows = [line.split(",") for line in lines[1:]]
    return "\n".join([lines[0], *(",".join([row[0], *(f"{float(cell) + ticks:.2f}" for cell in row[1:5]), row[5]])
                                  for row in rows)])  # fmt: skip


def quotes(spread: float) -> str:
    pairs = zip(FINE.ts_open, FINE.close, strict=True)
    return "\n".join(
        ["ts_ms,bid,ask", *(f"{int(ts)},{close - spread:.2f},{close + spread:.2f}" for ts, close in pairs)]
    )


def test_wider_quotes_cost_more(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finals = []
    for spread in (0.0, 5.0):
        (folder / "quotes.csv").write_text(quotes(spread), encoding="utf-8")
        finals.append(float(result(folder, capsys, "--quotes", folder / "quotes.csv")["final_equity"]))
    assert finals[1] < finals[0]


def test_a_mark_that_stays_high_saves_a_position_and_one_that_falls_takes_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = {}
    words = ["--set", "account.leverage=50", "--set", "account.equity=250"]
    for name, ticks in (("same", 0), ("high", 3_000)):
        (folder / "mark.csv").write_text(moved(ticks), encoding="utf-8")
        out = folder / name
        result(folder, capsys, "--mark", folder / "mark.csv", "--out", out, *words)
        counts[name] = (out / "fills.csv").read_text(encoding="utf-8").count("liquidation")
    assert counts["same"] >= counts["high"]


def test_a_share_of_the_volume_fills_in_parts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = result(folder, capsys)
    scarce = result(folder, capsys, "--volume-share", "0.0001")
    assert scarce["output_digest"] != plain["output_digest"]
    assert scarce["settings"]["venue"]["volume_share"] == "0.0001"


def test_a_status_file_stops_entries(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "status.csv").write_text(f"ts_ms,status\n{FIRST_MS},closing_only\n", encoding="utf-8")
    stopped = result(folder, capsys, "--status", folder / "status.csv")
    assert stopped["fills"] == 0
    assert stopped["refusals"]


def test_after_a_maintenance_window_the_run_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start, stop = FIRST_MS + 100 * 300_000, FIRST_MS + 110 * 300_000
    (folder / "status.csv").write_text(f"ts_ms,status\n{start},maintenance\n{stop},trading\n", encoding="utf-8")
    found = result(folder, capsys, "--status", folder / "status.csv")
    assert found["fills"] > 0


def test_a_run_with_all_files_is_had_again_from_its_journal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (
        ("mark", moved(3)),
        ("index", moved(-3)),
        ("quotes", quotes(1.0)),
        ("status", f"ts_ms,status\n{LAST_MS - 900_000},closing_only\n"),
    ):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    options: list[object] = []
    for name in ("mark", "index", "quotes", "status"):
        options += [f"--{name}", folder / f"{name}.csv"]
    options += ["--volume-share", "0.01", "--slippage-tolerance", "40", "--margin", "isolated"]
    result(folder, capsys, *options, "--journal", folder / "run.journal")
    assert main(["replay", str(folder / "run.journal")]) == 0
    assert "no divergence" in capsys.readouterr().out
    (folder / "mark.csv").write_text(moved(4), encoding="utf-8")
    assert main(["replay", str(folder / "run.journal")]) == 2
    assert "another mark" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("mark", moved(0).rsplit("\n", 1)[0], "has no bar of"),
        ("mark", "ts_ms,open,high,low,close,volume\n", "no bar"),
        ("quotes", f"ts_ms,bid,ask\n\n{FIRST_MS},101,100\n", ":3: the bid is over the ask"),
        ("quotes", "ts_ms,bid,ask\n978307200000,100,101\n", "has no quote within the time"),
        ("quotes", "ts_ms,price\n5,100\n", ":1: bid: the header has no such column; expected ts_ms,bid,ask"),
        ("status", f"ts_ms,status\n{FIRST_MS},tradng\n", "`tradng` is no status; did you mean `trading`?"),
        ("status", f"ts_ms,status\n{FIRST_MS},halted\n{FIRST_MS},trading\n", ":3: ts_ms: the same time as"),
        ("status", "ts_ms,status\n", "there is a header but no status"),
        ("status", "when,what\n", "the first line is no header: `when,what`; expected ts_ms,status"),
        ("trades", f"ts_ms,price,size\n{FIRST_MS},{BARS.close[0]},-1\n", "size: `-1` is below zero"),
    ],
)
def test_a_file_that_cannot_be_is_refused(
    option: str, text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "given.csv").write_text(text, encoding="utf-8")
    lines = refusal(folder, capsys, f"--{option}", folder / "given.csv")
    assert any(said in line for line in lines), lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--volume-share", "2"), "expected a share from 0 to 1"),
        (("--slippage-tolerance", "x"), "expected ticks"),
        (("--margin", "crossed"), "did you mean `cross`?"),
        (("--slippage", "2bp", "--slippage-tolerance", "1bp"), "nothing would ever fill at market"),
    ],
)
def test_a_flag_that_cannot_be_is_refused(
    words: tuple[str, ...], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = refusal(folder, capsys, *words)
    assert said in line


TIERED = """\
[BTCUSDT]
as_of = 2025-01-02
tick = 0.10
step = 0.001
min_qty = 0.001
min_notional = 5
maker_rate = 0.0002
taker_rate = 0.00055
max_leverage = 100

[[BTCUSDT.tiers]]
limit = 2000000
maintenance_margin_rate = 0.005
max_leverage = 100

[[BTCUSDT.tiers]]
limit = 10000000
maintenance_margin_rate = 0.01
max_leverage = 50
"""


def test_risk_tiers_are_read_and_their_deductions_join_them(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(TIERED, encoding="utf-8")
    instrument = load_instrument("BTCUSDT", 2, file)
    one = 10**instrument.money_digits
    first, second = instrument.tiers
    assert (first.deduction, second.deduction) == (0, 10_000 * one)
    assert (first.limit, second.limit) == (2_000_000 * one, 10_000_000 * one)
    assert instrument.value_limit(51) == first.limit
    assert instrument.value_limit(50) == second.limit
    at = first.limit
    margins = [
        at * tier.maintenance_margin_rate // 10**instrument.rate_digits - tier.deduction for tier in instrument.tiers
    ]
    assert margins[0] == margins[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("limit = 10000000", "limit = 2000000", "does not rise"),
        ("maintenance_margin_rate = 0.01\n", "maintenance_margin_rate = 0.001\n", "does not rise"),
        ("max_leverage = 50", "max_leverage = 200", "rises"),
        (
            "max_leverage = 50",
            "leverage = 50",
            r":19:1: BTCUSDT.tiers.1.leverage: unknown key `leverage`; did you",
        ),
        ("limit = 2000000", "limit = 'x'", r":12:9: BTCUSDT.tiers.0.limit: expected a number"),
        (
            "max_leverage = 100\n\n[[",
            "max_leverage = 100\nmaintenance_margin_rate = 0.005\n\n[[",
            "leave one of them out",
        ),
    ],
)
def test_tiers_that_cannot_be_are_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert old in TIERED
    file.write_text(TIERED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_instrument("BTCUSDT", 2, file)


def test_what_a_run_was_told_stands_in_its_result(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mark.csv").write_text(moved(3), encoding="utf-8")
    found: dict[str, Any] = result(folder, capsys, "--mark", folder / "mark.csv", "--margin", "isolated")
    assert str(folder / "mark.csv") in json.dumps(found["settings"])
    assert found["settings"]["venue"]["margin_mode"] == "isolated"
    assert run(folder) == 0
