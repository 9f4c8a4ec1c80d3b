"""Faults to plant in the structures, each with the tests that must find it: python -P -m tests.mutation.structures

Compiled loops are kept on disk by the files they come from, and a planted fault changes no file: nothing is compiled.
"""

import os

from tests.mutation.rooms import Row, plant

__all__ = ["ROWS", "main"]

_AT = "ideacards/structures/"
WINDOWS, SWINGS, ZIGZAG, BREAKS, GAPS, LEVELS, PERIODS = (
    f"{_AT}{name}.py" for name in ("windows", "swings", "zigzag", "breaks", "gaps", "levels", "periods")
)
SAME, FIRST = "tests/ideacards/structures/test_references.py", "tests/ideacards/structures/test_first_values.py"
PREFIX = "tests/ideacards/structures/test_prefix.py"

ROWS: tuple[Row, ...] = (
    (WINDOWS, "(is_first == 1 and state[values + last] == value)", "state[values + last] == value", SAME),
    (WINDOWS, "<= bar - length:", "< bar - length:", SAME),
    (WINDOWS, "first = first + 1 if first + 1 < length else 0", "first += 1", SAME),
    (SWINGS, "!= bar - right:", "!= bar - right + 1.0:", SAME),
    (SWINGS, "if bar < length or state", "if state", SAME),
    (SWINGS, "2.0 * order if order > 0.0 else order", "2.0 * order", SAME),
    (SWINGS, "state[_HIGHS] > 1.0 and state[_LOWS] > 1.0", "state[_HIGHS] > 1.0", SAME),
    (ZIGZAG, "    if leg >= 0.0 and not is_top and low", "    if leg >= 0.0 and low", SAME),
    (ZIGZAG, "high, bar, high - of_top\n", "high, bar, state[_TOP_LIMIT]\n", SAME),
    (ZIGZAG, "low, bar, low + width\n", "low, bar - 1.0, low + width\n", SAME),
    (ZIGZAG, "end - 0.618 * size", "end - 0.6 * size", SAME),
    (ZIGZAG, "if by == 1 and isnan(average):", "if isnan(average):", SAME),
    (BREAKS, "    state[at] = 0.0\n", "", SAME),
    (BREAKS, "reach <= state[at + 1]", "reach < state[at + 1]", SAME),
    (BREAKS, "0.0 if is_first or state", "0.0 if state", SAME),
    (BREAKS, "    elif close < state[_BOTTOM]:\n        state[_TOUCHED] = 2.0\n", "", SAME),
    (BREAKS, "    if close < open_:\n", "    if close <= open_:\n", SAME),
    (GAPS, "low > state[_HIGH_2]", "low > state[_HIGH_1]", SAME),
    (GAPS, "elif low <= state[_TOP] and", "elif low < state[_TOP] and", SAME),
    (GAPS, "        state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close\n",
     "        state[_KNOWN_AT], state[_KNOWN_TIME] = bar - 1.0, ts_close\n", PREFIX),
    (LEVELS, "if state[_HAS_SWING] > 0.0 and absolute", "if absolute", SAME),
    (LEVELS, "absolute(state[_SWING]) * tolerance", "absolute(top) * tolerance", SAME),
    (LEVELS, "high > state[_LEVEL] and state[_STATE] < 2.0", "high > state[_LEVEL]", SAME),
    (LEVELS, "if is_inside and state[_IS_INSIDE] == 0.0:", "if is_inside:", SAME),
    (LEVELS, "not isnan(average) and not is_held", "not isnan(average)", SAME),
    (LEVELS, "not isnan(bottom) and not isnan(average)", "not isnan(bottom)", SAME),
    (PERIODS, "1.0 if bar > 1.0 or begin == ts_open else 0.0", "1.0", FIRST),
    (PERIODS, "_MONDAY_MS = 4 * _DAY_MS", "_MONDAY_MS = 3 * _DAY_MS", SAME),
    (PERIODS, "    if is_in and ts_close >= begin + length:\n", "    if False:\n", SAME),
    (PERIODS, "1.0 if bar > 1.0 or since == 0 else 0.0", "1.0", SAME),
    (f"{_AT}table.py", '"right"]) + 1)', '"right"]))', FIRST),
)  # fmt: skip


def main() -> int:
    """Plant each fault of this table."""
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    return plant(ROWS)


if __name__ == "__main__":
    raise SystemExit(min(1, main()))
