"""`journal verify|tail|export FILE`: prints what a journal holds and whether it is intact; never changes it."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from actors.app.cli.consoles import screen
from actors.app.cli.journal_view import damage_problem, examined, json_line, last_lines, records, report_table
from actors.model.errors import InputError
from ideacards.errors import Problem
from runtime.journal.report import JournalState

__all__ = ["run"]

LAST = 20
CRASHED = 3  # exit code of `verify` for a journal without an orderly end
_NEEDS = {"--last": "tail", "--out": "export"}


def run(
    verb: Literal["verify", "tail", "export"],
    file: Path,
    /,
    *,
    last: int | None = None,
    out: Path | None = None,
) -> int:
    """Read a journal: is it whole, what came last, all of it as JSON lines.

    :param verb: verify: how it ended, and any damage (exit code 0 ended or empty, 3 crashed, 2 damaged); tail: its last
        records; export: all of them as JSON lines.
    :param file: The journal: a folder of segments.
    :param last: With tail: how many records, 20 if not given.
    :param out: With export: a new file instead of stdout; it appears only when complete.
    """
    given = {"--last": last, "--out": out}
    for name, needed in _NEEDS.items():
        if given[name] is not None and verb != needed:
            raise InputError([Problem(name, None, None, "", f"belongs to `journal {needed}`, not to `{verb}`")])
    if verb == "verify":
        return _verify(file)
    if verb == "tail":
        if last is not None and last < 1:
            raise InputError([Problem("--last", None, None, str(last), "is below 1")])
        _print(last_lines(file, LAST if last is None else last))
        return 0
    lines = map(json_line, records(file))
    if out is None:
        _print(lines)
    else:
        _write_new(out, file, lines)
    return 0


def _verify(file: Path) -> int:
    report = examined(file)
    screen().print(report_table(report))
    if report.damage is not None:
        raise damage_problem(file, report.damage)
    return CRASHED if report.state is JournalState.CRASHED else 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _write_new(out: Path, journal: Path, lines: Iterable[str]) -> None:
    """Write beside `path`, then rename: it appears only when complete, and never replaces an existing file."""
    if out.resolve().is_relative_to(journal.resolve()):
        raise InputError([Problem("--out", None, None, str(out), "lies within the journal")])
    if out.exists():
        raise InputError([Problem("--out", None, None, str(out), "is there already", "give another name")])
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.parent)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
            os.chmod(beside, 0o644)
            os.replace(beside, out)
        except BaseException:
            os.unlink(beside)
            raise
    except OSError as error:
        raise InputError([Problem("--out", None, None, str(out), f"cannot be written: {error.strerror}")]) from error
