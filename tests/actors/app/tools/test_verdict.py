"""`validate` says what a run would: what it finds wrong trades nothing, and what it finds right does."""

import json
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from ideacards.cards import shipped_cards
from ideacards.intents import SizeKind
from tests.ideacards.builders import a_card_text

BARS = synthetic_bars(3, 300)


def card_of(folder: Path, size: str, order: str = "", account: str = "{equity: 1000}", **parts: str) -> Path:
    emit = f"{{action: enter_long, size: {{{size}}}{order}}}"
    blocks = f"blocks:\n- id: entry\n  cases:\n  - when: position.flat\n    emit: {emit}"
    file = folder / "card.yaml"
    file.write_text(a_card_text(**({"account": f"account: {account}", "blocks": blocks} | parts)), encoding="utf-8")
    (folder / "bars.csv").write_text(csv_of(BARS), encoding="utf-8")
    return file


def faults(card: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    code = main(["validate", str(card), *more])
    lines = capsys.readouterr().err.splitlines()
    assert code == (2 if lines else 0)
    return lines


def result(card: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["backtest", str(card), "--bars", str(card.parent / "bars.csv"), "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


REFUSED = {
    "quantity: 0.0009": ("BELOW_MINIMUM", "0.0009 is below the instrument's minimum of 0.001", ""),
    "quantity: 501": ("ABOVE_MAXIMUM", "501 is above the instrument's maximum of 500", ""),
    "notional: 4.99": ("BELOW_MINIMUM", "worth 4.99, below the instrument's minimum of 5", ""),
    "equity_percent: 0.4": ("BELOW_MINIMUM", "worth 4, below the instrument's minimum of 5", ""),
    "notional: 2001": ("INSUFFICIENT_MARGIN", "worth 2001, and 1000 at leverage 1 is worth 1000", ""),
    "equity_percent: 201": ("INSUFFICIENT_MARGIN", "worth 2010, and 1000 at leverage 1", ""),
    "notional: 1090": ("INSUFFICIENT_MARGIN", "worth 1090, and 1000 at leverage 1 is worth 1000", "bars"),
    "notional: 50": ("BELOW_MINIMUM", "worth 50 buys 0 at the lowest close", "bars"),
    "available_percent: 201": ("INSUFFICIENT_MARGIN", "worth 2010, and 1000 at leverage 1", ""),
    "available_percent: 0.4": ("BELOW_MINIMUM", "worth 4, below the instrument's minimum of 5", ""),
    "risk: {percent: 9}}, stop_loss: {percent: 2": ("INSUFFICIENT_MARGIN", "worth 4500, and 1000 at leverage 1", ""),
    "risk: {percent: 3}}, stop_loss: {percent: 2": ("INSUFFICIENT_MARGIN", "worth 1500, and 1000", "bars"),
    "risk: {percent: 0.001}}, stop_loss: {percent: 2": ("BELOW_MINIMUM", "worth 0.5, below", ""),
    "quantity: 0.1": ("INSUFFICIENT_MARGIN", "at leverage 1 is worth 1000", "bars"),
}


@pytest.mark.parametrize("size", REFUSED)
def test_a_size_that_is_always_refused_is_a_fault_and_the_run_refuses_it(
    size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words, needs = REFUSED[size]
    card = card_of(tmp_path, size)
    bars = ("--bars", str(tmp_path / "bars.csv"))
    if needs:
        assert faults(card, capsys) == []
    (line,) = faults(card, capsys, *bars)
    assert line.startswith(f"{card}:12:38: blocks.entry.cases.0.emit.size: ")
    assert words in line
    assert f"every order is refused, {code}; " in line
    found = result(card, capsys)
    assert found["fills"] == 0
    assert list(found["refusals"]) == [code]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "size",
    [
        "quantity: 0.001",
        "notional: 900",
        "equity_percent: 90",
        "notional: 100",
        "notional: 1001",
        "available_percent: 90",
        "risk: {percent: 1}}, stop_loss: {percent: 2",
    ],
)
def test_a_size_that_can_trade_is_none(size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = card_of(tmp_path, size)
    assert faults(card, capsys, "--bars", str(tmp_path / "bars.csv")) == []
    assert result(card, capsys)["fills"] != 0


def test_a_limit_order_may_be_larger_than_a_market_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limit = ", order: {type: limit, price: {ref: close}}"
    assert faults(card_of(tmp_path, "quantity: 1000", limit, "{equity: 100000000, leverage: 2}"), capsys) == []
    (line,) = faults(card_of(tmp_path, "quantity: 1191", limit), capsys)
    assert "above the instrument's maximum of 1190" in line


@pytest.mark.parametrize(
    ("account", "market", "words"),
    [
        ("{equity: 1000, leverage: 500}", "BTCUSDT", "account.leverage: 500 is not a whole number from 1 to"),
        ("{equity: 1000}", "DOGEUSDT", "DOGEUSDT: no such instrument"),
        ("{equity: 1000, leverage: 1.5}", "BTCUSDT", "account.leverage: 1.5 is not a whole number"),
    ],
)
def test_it_says_of_the_instrument_what_the_run_says(
    account: str, market: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    symbol = f"market: {{venue: bybit, category: linear, symbol: {market}}}"
    card = card_of(tmp_path, "notional: 100", account=account, market=symbol)
    (line,) = faults(card, capsys)
    assert words in line
    assert main(["backtest", str(card), "--bars", str(tmp_path / "bars.csv")]) == 2
    assert capsys.readouterr().err.splitlines() == [line]


def test_with_bars_it_says_of_them_what_the_run_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = card_of(tmp_path, "notional: 100", timeframes="timeframes: {exec: 5m}")
    bars = ("--bars", str(tmp_path / "bars.csv"))
    lines = faults(card, capsys, *bars)
    assert main(["backtest", str(card), *bars]) == 2
    assert capsys.readouterr().err.splitlines() == lines != []
    (short,) = faults(card_of(tmp_path, "notional: 100"), capsys, *bars, "--set", "features.fast.length=301")
    assert "`fast` needs" in short or "ready at bar" in short


def test_a_size_that_was_set_has_no_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = card_of(tmp_path, "notional: 100")
    (line,) = faults(card, capsys, "--set", "blocks.entry.cases.0.emit.size={quantity: 0.0001}")
    assert "0.0001 is below the instrument's minimum" in line


@pytest.mark.parametrize("path", shipped_cards(), ids=lambda path: path.stem)
def test_every_shipped_card_is_well(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(path, capsys) == []


@pytest.mark.parametrize("policy", ["skip", "round_up"])
def test_a_size_below_the_minimum_is_no_fault_where_the_card_says_what_then(
    policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    then = f", under_minimum: {policy}"
    for size in ("quantity: 0.0009", "notional: 4.99"):
        assert faults(card_of(tmp_path, size, then), capsys) == []
    (line,) = faults(card_of(tmp_path, "quantity: 501", then), capsys)
    assert "ABOVE_MAXIMUM" in line


ABOVE = {
    "quantity": "{quantity: 1}",
    "notional": "{notional: 90000}",
    "equity_percent": "{equity_percent: 9000}",
    "available_percent": "{available_percent: 9000}",
    "risk": "{risk: {percent: 90}}",
    "volatility": "{volatility: {percent: 50, feature: noise}}",
    "expression": "{expression: equity * 90}",
}


@pytest.mark.parametrize("order", ["", ", order: {type: limit, price: {ref: close}}"])
@pytest.mark.parametrize("kind", SizeKind)
def test_a_size_of_any_kind_above_the_account_is_refused_by_name_at_the_bar(
    kind: SizeKind, order: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    emit = f"{{action: enter_long, size: {ABOVE[kind]}, stop_loss: {{percent: 0.5}}{order}}}"
    blocks = f"blocks:\n- id: entry\n  cases:\n  - when: position.flat\n    emit: {emit}"
    card = card_of(tmp_path, "quantity: 1", features="features: {noise: {use: atr, length: 5}}", blocks=blocks)
    found = result(card, capsys)
    assert found["fills"] == 0
    assert list(found["refusals"]) == ["INSUFFICIENT_MARGIN"]  # type: ignore[call-overload]


def test_an_order_of_a_ladder_is_judged_by_its_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rungs = "[{weight: 3, price: {ref: close}}, {weight: 1, price: {ref: close, offset_percent: -1}}]"
    ladder, rich = f", order: {{type: limit, ladder: {rungs}}}", "{equity: 1000000000, leverage: 2}"
    (line,) = faults(card_of(tmp_path, "quantity: 0.001", ladder), capsys, "--bars", str(tmp_path / "bars.csv"))
    assert "BELOW_MINIMUM" in line
    assert faults(card_of(tmp_path, "quantity: 1200", ladder, rich), capsys) == []
