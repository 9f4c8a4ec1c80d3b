"""What is wrong with a file the user wrote: one line a problem, with its place and the nearest right name.

All problems of a file are collected before any is reported, so that the user can fix them in one go. Bar files,
profiles and flags use the same `Problem`, with an exception of their own.
"""

import difflib
import re
from collections.abc import Iterable, Sequence

import attrs

from ideacards.hints import meant

__all__ = ["CardError", "Problem", "UnknownPath", "nearest"]


@attrs.frozen
class Problem:
    """One thing wrong in `file` (line and column 1-based, None where it has none); `path` like `blocks.entry.id`."""

    file: str
    line: int | None
    column: int | None
    path: str
    what: str
    hint: str = ""

    def text(self) -> str:
        """`file:line:col: path: what; hint` on one printable line."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        said = ": ".join(part for part in (place, self.path, self.what) if part)
        return _one_line(f"{said}; {self.hint}" if self.hint else said)


@attrs.frozen
class UnknownPath(Problem):
    """The path names something that the card does not have and may not have."""


class CardError(Exception):
    """A card, or another text of the strict loader, cannot be used; `problems` lists its faults in reading order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0)))
        super().__init__("\n".join(problem.text() for problem in self.problems))


# Words that fit the same place but mean another amount, side, price or market: never suggest one for another.
_APART = (
    {"risk", "equity", "notional", "quantity", "available", "balance"},
    {"linear", "inverse", "spot", "option"},
    {"long", "short", "flat"},
    {"buy", "sell"},
    {"above", "below"},
    {"limit", "market", "stop"},
    {"loss", "profit"},
    {"percent", "ticks", "bp"},
    {"high", "low", "highest", "lowest", "open", "close"},
    {"fast", "slow", "signal", "flat"},
    {"min", "max"},
    {"and", "or", "not"},
    {"all", "any"},
)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint: what a word from elsewhere means here, or the known name closest to it; else what is known (a dozen).

    It never leads to a name of another meaning.
    """
    names = list(known)
    hint = meant(word, names)
    if hint is not None:
        return hint
    alike = [name for name in names if not _means_another(word, name)]
    close = difflib.get_close_matches(word, alike, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}" if names else "none is known"


def _means_another(word: str, name: str) -> bool:
    """Whether the two names differ by words of one set in `_APART`."""
    mine, theirs = (set(re.split(r"[_.\W]+", text.lower())) for text in (word, name))
    return any(mine & words and theirs & words and not mine & theirs & words for words in _APART)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
