"""Writes the CSV files of a result: orders, fills and equity; decimals in plain text, times in UTC ms.

docs/results.md lists the columns. A column is never removed and never changes its meaning.
"""

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from actors.app.results.result import RunResult
from actors.app.results.tape import FillRow, OrderRow
from actors.model.fixed import plain_text, scaled_text

__all__ = ["EQUITY_COLUMNS", "FILL_COLUMNS", "ORDER_COLUMNS", "write_tables"]

ORDER_COLUMNS = tuple(field.name for field in attrs.fields(OrderRow))
FILL_COLUMNS = tuple(field.name for field in attrs.fields(FillRow))
EQUITY_COLUMNS = ("close_ms", "equity", "drawdown")


def write_tables(result: RunResult, folder: Path) -> None:
    """Write orders.csv, fills.csv and equity.csv of the reported range to `folder`."""
    _write(folder / "orders.csv", ORDER_COLUMNS, map(_cells, result.tape.orders))
    _write(folder / "fills.csv", FILL_COLUMNS, map(_cells, result.tape.fills))
    _write(folder / "equity.csv", EQUITY_COLUMNS, _equity_rows(result))


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _cells(row: OrderRow | FillRow) -> list[str]:
    return [_cell(getattr(row, field.name)) for field in attrs.fields(type(row))]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain_text(value) if isinstance(value, Decimal) else str(value)


def _equity_rows(result: RunResult) -> Iterator[tuple[str, str, str]]:
    curve, digits = result.curve, result.tape.instrument.money_digits
    for close_ms, equity, drawdown in zip(
        curve.ts_close.tolist(), curve.equity.tolist(), curve.drawdown.tolist(), strict=True
    ):
        yield str(close_ms), scaled_text(equity, digits), f"{drawdown:.12f}"
