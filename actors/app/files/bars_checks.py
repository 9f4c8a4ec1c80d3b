"""Checks of whole bars, after those of single cells: times rise by the card's step, and the four prices agree.

A check that an earlier fault makes pointless (times in seconds) is skipped, so that one mistake does not fill the list
with its consequences.
"""

import numpy as np

from actors.app.files.csv_cells import Numbers
from actors.app.files.csv_kinds import Column, Kind, Masks, price_column
from actors.app.files.csv_reader import CsvRows
from actors.app.files.findings import Findings
from actors.app.files.times import most_frequent, span_text
from ideacards.feeds import BAR_COLUMNS, IntArray

__all__ = ["BARS", "HEADER", "check_prices", "check_steps", "scaled_prices", "usual_step"]

HEADER = ("ts_ms", *BAR_COLUMNS)
_PRICES = BAR_COLUMNS[:4]
_MOST_PRICE_DIGITS = 12
_DIGITS_HINT = "fewer decimals, here and in the other rows, leave room for it"
_ORDER_HINT = "expected low <= open, close <= high"


def _no_volumes(numbers: Numbers) -> Masks:
    return ((numbers.value < 0, "is negative"),)


_VOLUME = Column("volume", "a volume is a number of 0 or more", _no_volumes, ("vol", "base_volume", "amount"))
BARS = Kind("bar", "the bar's open", (*(price_column(name, _MOST_PRICE_DIGITS) for name in _PRICES), _VOLUME))


def check_steps(rows: CsvRows, exec_ms: int, findings: Findings) -> None:
    """Bar opens are `exec_ms` apart: one finding for another bar length or for close times, else one per line."""
    ts_ms, line = rows.timed()
    steps = np.diff(ts_ms)
    if not (steps > 0).any():
        return
    usual = most_frequent(steps[steps > 0])
    if usual != exec_ms:
        what = f"the file's bars are {span_text(usual)} apart, the card's exec is {span_text(exec_ms)}"
        other = f"use exec: {span_text(usual)} or " if usual % 60_000 == 0 else "use "
        findings.add(None, None, "", what, f"{other}a file of {span_text(exec_ms)} bars")
        return
    phase = ts_ms % exec_ms
    if (phase == exec_ms - 1).all():
        findings.add(int(line[0]), None, "ts_ms", "the times are closes, one ms before the next open", "give bar opens")
        return
    what = f"not a multiple of {span_text(exec_ms)} away from the other bars"
    findings.add_lines(line[phase != most_frequent(phase)], "ts_ms", what, "a bar's open, not the time of a trade")


def usual_step(rows: CsvRows) -> int:
    """The most frequent distance of two bars in ms; 1 if there are fewer than two."""
    steps = np.diff(rows.ts_ms[rows.is_sound])
    rising = steps[steps > 0]
    return most_frequent(rising) if len(rising) else 1


def scaled_prices(rows: CsvRows, tick_digits: int, findings: Findings) -> tuple[int, dict[str, IntArray]]:
    """(price_digits, price columns of 10^-price_digits); prices that do not fit become findings and 0."""
    digits = max(tick_digits, *(int(rows.numbers[name].decimals.max(initial=0)) for name in _PRICES))
    scaled = {}
    for name in _PRICES:
        scaled[name], is_fit = rows.numbers[name].on_grid(digits)
        findings.add_lines(rows.line[~is_fit], name, f"is too large to be held with {digits} decimals", _DIGITS_HINT)
        rows.is_sound[~is_fit] = False
    return digits, scaled


def check_prices(rows: CsvRows, scaled: dict[str, IntArray], findings: Findings) -> None:
    """low <= open, close <= high, compared exactly."""
    opened, high, low, close = (scaled[name] for name in _PRICES)
    is_upside_down = rows.is_sound & (high < low)
    findings.add_lines(rows.line[is_upside_down], "high", "high is below low", _ORDER_HINT)
    for name, column in (("open", opened), ("close", close)):
        is_outside = rows.is_sound & ~is_upside_down & ((column > high) | (column < low))
        findings.add_lines(rows.line[is_outside], name, f"{name} lies outside low..high", _ORDER_HINT)
