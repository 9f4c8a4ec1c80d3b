"""The runs of a journal: how many there are, the header of one, and its records."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from actors.model.errors import InputError
from ideacards.errors import Problem
from runtime.edges.disk import FolderDisk
from runtime.journal.errors import JournalCorrupt
from runtime.journal.format import ENDED, HEADER, LogRecord
from runtime.journal.reader import JournalReader

__all__ = ["RecordedRun", "journal_problem", "records_of"]


class RecordedRun(Iterator[LogRecord]):
    """The records of one run after its header; `has_ended` is set once all are read.

    `number` counts from 1; None is the last. InputError for a journal without such a run, or a damaged one.
    """

    def __init__(self, file: Path, number: int | None = None) -> None:
        self.count = sum(record.kind == HEADER for record in records_of(file))
        if not self.count:
            raise journal_problem(file, "holds no run: no header record")
        self.number = self.count if number is None else number
        if not 1 <= self.number <= self.count:
            raise InputError([Problem("--run", None, None, str(number), f"is not within 1..{self.count}")])
        self.has_ended = False
        self._records = records_of(file)
        self._run = 0
        self.header: dict[str, Any] = json.loads(next(self).payload)

    def __next__(self) -> LogRecord:
        for record in self._records:
            self._run += record.kind == HEADER
            if self._run == self.number:
                self.has_ended = record.kind == ENDED
                return record
            if self._run > self.number:
                break
        raise StopIteration


def records_of(file: Path) -> Iterator[LogRecord]:
    """All records of a journal; InputError where there is none, or where it is damaged."""
    if not file.is_dir():
        raise journal_problem(file, "no such journal", "a journal is a folder, as `backtest --journal` makes it")
    try:
        yield from JournalReader(FolderDisk(file))
    except JournalCorrupt as error:
        raise journal_problem(file, str(error.damage), "`coldframe journal verify` says more") from error


def journal_problem(file: Path, what: str, hint: str = "") -> InputError:
    """What is wrong with a journal, to raise."""
    return InputError([Problem(str(file), None, None, "", what, hint)])
