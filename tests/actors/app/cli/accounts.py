"""A folder with two cards of two symbols, a bars file each, and how to run and replay them."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from ideacards.feeds import Bars

__all__ = ["BARS", "SYMBOLS", "Account", "bars_of"]

SYMBOLS = ("BTCUSDT", "ETHUSDT")
BARS = 400
CARD = """id: {id}
thesis: In at a cross, out at the next, with a stop-loss and a take-profit that one bar may reach both.
market: {{venue: bybit, category: linear, symbol: {symbol}}}
timeframes: {{exec: 1m}}
account: {{equity: 100000, leverage: 2}}
features:
  fast: {{use: ema, of: close, length: {fast}}}
  slow: {{use: sma, of: close, length: 9}}
blocks:
  - id: entry
    cases:
      - when: position.flat and crosses_above(fast, slow)
        emit:
          action: enter_long
          size: {{notional: 5000}}
          stop_loss: {{percent: 0.02}}
          take_profit: {{percent: 0.02}}
  - id: out
    cases:
      - when: position.long and crosses_below(fast, slow)
        emit: {{action: exit}}
"""


def bars_of(symbol: str, count: int = BARS) -> Bars:
    """A market of its own for each symbol."""
    return synthetic_bars(3 + SYMBOLS.index(symbol), count, symbol)


@attrs.frozen
class Account:
    """Cards `one` of BTCUSDT and `two` of ETHUSDT in a folder, with their bars."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path) -> "Account":
        """Write the files."""
        account = cls(folder)
        for name, symbol in zip(("one", "two"), SYMBOLS, strict=True):
            text = CARD.format(id=name, symbol=symbol, fast=3)
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
            account.bars(symbol).write_text(csv_of(bars_of(symbol)), encoding="utf-8")
        return account

    def card(self, name: str) -> Path:
        """The file of a card."""
        return self.folder / f"{name}.yaml"

    def bars(self, symbol: str) -> Path:
        """The file of a symbol's bars."""
        return self.folder / f"{symbol}.csv"

    @property
    def journal(self) -> Path:
        """Where tests keep one."""
        return self.folder / "run.journal"

    def run(self, *words: object) -> int:
        """`backtest` of both; the exit code."""
        files = [word for symbol in SYMBOLS for word in ("--bars", f"{symbol}={self.bars(symbol)}")]
        return main(["backtest", str(self.card("one")), str(self.card("two")), *files, *map(str, words)])

    def result(self, capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
        """The JSON of a run that ends well."""
        assert self.run("--json", *words) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    def refusal(self, capsys: pytest.CaptureFixture[str], *words: object) -> str:
        """The one line that `backtest` refuses the words with."""
        assert self.run(*words) == 2
        return said_alone(capsys)


def said_alone(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr, beside nothing on stdout."""
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line
