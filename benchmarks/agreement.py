"""Compares a run with the exact loop: every fill (bar, side, quantity, price, fee) and the final equity."""

from collections.abc import Sequence
from itertools import zip_longest

from actors.app.results.tape import FillRow
from actors.model.fixed import fixed_from_decimal
from actors.model.instrument import Instrument
from benchmarks.exact_loops import ExactFill, ExactRun

__all__ = ["disagreement"]


def disagreement(
    exact: ExactRun, last_close: int, fills: Sequence[FillRow], final_equity: int, instrument: Instrument
) -> str | None:
    """The first difference in words, or None."""
    for number, (theirs, row) in enumerate(zip_longest(exact.fills, fills)):
        ours = None if row is None else _in_units(row, instrument)
        if ours != theirs:
            return f"fill {number}: the loop has {theirs}, the run {ours}"
    if exact.equity(last_close) != final_equity:
        return f"final equity: the loop has {exact.equity(last_close)}, the run {final_equity}"
    return None


def _in_units(row: FillRow, instrument: Instrument) -> ExactFill:
    return ExactFill(
        row.bar,
        1 if row.side == "buy" else -1,
        fixed_from_decimal(row.qty, instrument.qty_digits),
        fixed_from_decimal(row.price, instrument.price_digits),
        fixed_from_decimal(row.fee, instrument.money_digits),
    )
