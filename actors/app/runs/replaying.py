"""Replays a journaled run: the header names its files and settings, the records hold its inputs and outputs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from actors.app.files.market import MarketFiles
from actors.app.runs.backtesting import Job, facts_of, load_job
from actors.app.runs.flags import FLAGS, with_flags
from actors.app.runs.journaling import input_codec
from actors.app.runs.run import CardRun, prepare
from actors.app.runs.simulation import build_kernel
from actors.app.settings import load_settings
from actors.app.tree import house
from actors.model.errors import InputError
from ideacards.errors import Problem
from runtime.edges.disk import FolderDisk
from runtime.journal.errors import JournalCorrupt
from runtime.journal.format import ENDED, HEADER, LogRecord
from runtime.journal.reader import JournalReader
from runtime.journal.replay import Replay, ReplayReport
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink

__all__ = ["Replayed", "replay_file"]

_DIGESTS = {
    "card_digest": "card",
    "data_digest": "bars",
    "instrument_digest": "instrument",
    **{f"{field.name}_digest": field.name for field in attrs.fields(MarketFiles)},
}


@attrs.frozen
class Replayed:
    """Result of replaying one run of a journal; `has_ended`: the journal records an orderly end of the run."""

    report: ReplayReport
    run: int
    run_count: int
    has_ended: bool


def replay_file(file: Path, card: Path | None = None, bars: Path | None = None, run: int | None = None) -> Replayed:
    """Replay a run of the journal (the first is 1), else its last.

    InputError if there is none, if it is damaged, or if card, bars or settings have changed. `card` and `bars`
    replace the paths that the journal names.
    """
    count = _count_runs(file)
    if not count:
        raise _problem(file, "holds no run: no header record")
    number = count if run is None else run
    if not 1 <= number <= count:
        raise InputError([Problem("--run", None, None, str(number), f"is not within 1..{count}")])
    records = _OfRun(file, number)
    first = next(records)
    header = json.loads(first.payload)
    job = _job(file, header, card, bars)
    loaded = load_job(job)
    _check_same(file, header, facts_of(loaded, job))
    report = Replay(records, lambda sink: _kernel(loaded, job, sink), input_codec()).run()
    return Replayed(report, number, count, records.has_ended)


class _OfRun(Iterator[LogRecord]):
    """The records of one run, its header first; `has_ended` is set once all are read."""

    def __init__(self, file: Path, number: int) -> None:
        self.has_ended = False
        self._records = _records(file)
        self._number = number
        self._run = 0

    def __next__(self) -> LogRecord:
        for record in self._records:
            self._run += record.kind == HEADER
            if self._run == self._number:
                self.has_ended = record.kind == ENDED
                return record
            if self._run > self._number:
                break
        raise StopIteration


def _count_runs(file: Path) -> int:
    return sum(record.kind == HEADER for record in _records(file))


def _records(file: Path) -> Iterator[LogRecord]:
    if not file.is_dir():
        raise _problem(file, "no such journal", "a journal is a folder, as `backtest --journal` makes it")
    try:
        yield from JournalReader(FolderDisk(file))
    except JournalCorrupt as error:
        raise _problem(file, str(error.damage), "`coldframe journal verify` says more") from error


def _job(file: Path, header: dict[str, Any], card: Path | None, bars: Path | None) -> Job:
    try:
        given = header["given"]
        flags = {name: given.get(name) for name in FLAGS}
        settings, run_flags = with_flags(load_settings(header["profile"]), **flags)
        return Job(
            card or Path(header["card"]),
            bars or Path(header["bars"]),
            settings,
            tuple(given.get("set", ())),
            Path(given["instrument"]) if "instrument" in given else None,
            given.get("from"),
            given.get("to"),
            attrs.evolve(run_flags, given=given),
            header["profile"],
            files=MarketFiles(**{field.name: _path_of(header, field.name) for field in attrs.fields(MarketFiles)}),
        )
    except KeyError as error:
        raise _problem(file, f"its header does not say {error}", "it is no journal of a back-test") from error


def _path_of(header: dict[str, Any], name: str) -> Path | None:
    return Path(header[name]) if name in header else None


def _check_same(file: Path, header: dict[str, Any], facts: dict[str, Any]) -> None:
    for name, what in _DIGESTS.items():
        if header.get(name) != facts.get(name):
            where = facts.get(what, "its file")
            raise _problem(file, f"its run had another {what} than {where} is now", f"give that one with --{what}")
    for name, value in header["settings"].items():
        if facts["settings"].get(name) != value:
            raise _problem(file, f"its run had other settings: {name} was {value}", "put the profile back as it was")


def _kernel(loaded: CardRun, job: Job, sink: JournalSink) -> Kernel:
    ready = prepare((loaded,), job.settings)
    tree = house(job.settings, ready.market, ready.plans, has_journal=True)
    return build_kernel(tree, ready.market, ready.plans, job.settings.seed, journal=sink)


def _problem(file: Path, what: str, hint: str = "") -> InputError:
    return InputError([Problem(str(file), None, None, "", what, hint)])
