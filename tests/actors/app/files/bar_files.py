"""Builders of bar files: text of sound bars, with lines replaced."""

from pathlib import Path

import pytest

from actors.app.files.bars import read_bars
from actors.model.errors import InputError

__all__ = ["HEADER_LINE", "MINUTE_MS", "START_MS", "a_file", "lines_of", "problems_of"]

MINUTE_MS = 60_000
START_MS = 1_733_007_600_000
HEADER_LINE = "ts_ms,open,high,low,close,volume"


def lines_of(count: int, step_ms: int = MINUTE_MS) -> list[str]:
    """A header and `count` sound bars; bar i stands on line i + 2."""
    return [HEADER_LINE, *(f"{START_MS + step_ms * i},{100 + i}.5,{110 + i},90.25,{101 + i},1.5" for i in range(count))]


def a_file(folder: Path, lines: list[str], name: str = "bars.csv") -> Path:
    """The lines as a file."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def problems_of(path: Path, exec_ms: int = MINUTE_MS) -> list[str]:
    """What reading the file complains of, without the file's name and the hint that each line must have."""
    with pytest.raises(InputError) as caught:
        read_bars(path, "BTCUSDT", exec_ms)
    texts = [problem.text() for problem in caught.value.problems]
    assert all(text.startswith(f"{path}:") and "\n" not in text for text in texts)
    said = [text.removeprefix(f"{path}:").strip().partition("; ") for text in texts]
    assert all(hint or what.endswith("more problems") for what, _, hint in said)
    return [what for what, _, _ in said]
