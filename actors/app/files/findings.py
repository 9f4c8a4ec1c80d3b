"""The problems of one file the user gave: collected, cut to a readable list, and raised as one InputError."""

from actors.model.errors import InputError
from ideacards.errors import Problem
from ideacards.feeds import IntArray

__all__ = ["Findings"]

_LISTED = 20
_KEPT = 1_000


class Findings:
    """Counts all problems, keeps the first _KEPT found, raises with the first _LISTED by line."""

    def __init__(self, file: object) -> None:
        self._file = str(file)
        self._problems: list[Problem] = []
        self._total = 0

    def add(self, line: int | None, column: int | None, path: str, what: str, hint: str = "") -> None:
        """One problem."""
        self._total += 1
        if self._total <= _KEPT:
            self._problems.append(Problem(self._file, line, column, path, what, hint))

    def add_lines(self, lines: IntArray, path: str, what: str, hint: str = "") -> None:
        """The same problem on several lines."""
        for line in lines[:_KEPT].tolist():
            self.add(line, None, path, what, hint)
        self._total += len(lines[_KEPT:])

    def fatal(self, what: str, hint: str = "", line: int | None = None) -> InputError:
        """The error for a problem that ends all reading."""
        return InputError((Problem(self._file, line, None, "", what, hint),))

    def raise_if_any(self) -> None:
        """InputError with the listed problems and the number of those left out; nothing if there are none."""
        if not self._problems:
            return
        ordered = sorted(self._problems, key=lambda problem: (problem.line or 0, problem.column or 0))[:_LISTED]
        if self._total > len(ordered):
            ordered.append(Problem(self._file, None, None, "", f"and {self._total - len(ordered)} more problems"))
        raise InputError(ordered)
