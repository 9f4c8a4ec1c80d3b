"""Replays a journaled run: the header names its files and settings, the records hold its inputs and outputs."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from actors.app.files.market import MarketFiles
from actors.app.runs.account_jobs import card_name, load_account
from actors.app.runs.backtesting import Job, facts_of, load_job
from actors.app.runs.flags import FLAGS, with_flags
from actors.app.runs.journaling import input_codec
from actors.app.runs.leaders import LEADERS
from actors.app.runs.recorded import RecordedRun, journal_problem
from actors.app.runs.run import CardRun, prepare
from actors.app.runs.simulation import build_kernel, simulated_house
from actors.app.runs.symbol_files import paired
from actors.app.settings import load_settings
from actors.model.errors import InputError
from runtime.journal.replay import Divergence, Replay, ReplayReport
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink

__all__ = ["Replayed", "replay_file"]

_ITS_OWN = "the card's own"
_DIGESTS = {
    "card_digest": "card",
    "data_digest": "bars",
    "instrument_digest": "instrument",
    **{f"{field.name}_digest": field.name for field in attrs.fields(MarketFiles)},
}


@attrs.frozen
class Replayed:
    """How the replay of one run of a journal went; `has_ended`: the run came to an orderly end, of which it is told.

    `whose` names the cards that the first difference is of; empty with one card, and where it is of no card alone.
    """

    report: ReplayReport
    run: int
    run_count: int
    has_ended: bool
    whose: str = ""


def replay_file(file: Path, cards: Sequence[str] = (), bars: Sequence[str] = (), run: int | None = None) -> Replayed:
    """Replay a run of the journal (the first is 1), else its last.

    InputError if there is none, if it is damaged, or if card, bars or settings say something else now. `cards` and
    `bars` take the place of the paths that the journal names: a FILE, or CARD_ID=FILE and SYMBOL=FILE of several.
    """
    records = RecordedRun(file, run)
    headers = _headers(records.header)
    jobs = [_job(file, each) for each in _moved(headers, cards, bars)]
    loaded = load_account(jobs) if len(jobs) > 1 else [load_job(jobs[0])]
    for each, one, job in zip(headers, loaded, jobs, strict=True):
        _check_same(file, each, facts_of(one, job))
    report = Replay(records, lambda sink: _kernel(loaded, jobs[0], sink), input_codec()).run()
    return Replayed(report, records.number, records.count, records.has_ended, _whose(report.divergence, headers))


def _headers(header: dict[str, Any]) -> list[dict[str, Any]]:
    """A header a card: as it stands of one card, of several what they share and what is each one's own."""
    if "cards" not in header:
        return [header]
    return [header | card for card in header["cards"]]


def _moved(headers: Sequence[dict[str, Any]], cards: Sequence[str], bars: Sequence[str]) -> list[dict[str, Any]]:
    """The headers with the paths of today; InputError for words that name none of the cards."""
    led = [symbol for header in headers for symbol in header.get(LEADERS, ())]
    if len(headers) == 1 and "id" not in headers[0]:
        files, problems = paired("--bars", bars, [_ITS_OWN, *led], alone=_ITS_OWN)
        if problems:
            raise InputError(problems)
        moved = headers[0] | ({"card": cards[-1]} if cards else {})
        return [_with_bars(moved, _ITS_OWN, files)]
    ids, symbols = ([header[name] for header in headers] for name in ("id", "symbol"))
    card_files, problems = paired("--card", cards, ids, "card")
    bars_files, faults = paired("--bars", bars, list(dict.fromkeys((*symbols, *led))), "market" if led else "symbol")
    if problems or faults:
        raise InputError([*problems, *faults])
    return [
        _with_bars(header, header["symbol"], bars_files)
        | ({"card": str(card_files[header["id"]])} if header["id"] in card_files else {})
        for header in headers
    ]


def _with_bars(header: dict[str, Any], symbol: str, files: Mapping[str, Path]) -> dict[str, Any]:
    """The header with the files of today for its own bars, which go by `symbol`, and for those of its leaders."""
    moved = header | ({"bars": str(files[symbol])} if symbol in files else {})
    if LEADERS in header:
        moved[LEADERS] = {
            leader: told | ({"bars": str(files[leader])} if leader in files else {})
            for leader, told in header[LEADERS].items()
        }
    return moved


def _whose(divergence: Divergence | None, headers: Sequence[Mapping[str, Any]]) -> str:
    """The cards whose id or symbol stands in what differs."""
    if divergence is None or len(headers) == 1:
        return ""
    said = f"{divergence.actor} {divergence.expected} {divergence.got}"
    return " and ".join(
        card_name(header["id"], header["symbol"])
        for header in headers
        if any(re.search(rf"(?<![\w-]){re.escape(header[name])}(?![\w-])", said) for name in ("id", "symbol"))
    )


def _job(file: Path, header: dict[str, Any]) -> Job:
    try:
        given = header["given"]
        flags = {name: given.get(name) for name in FLAGS}
        settings, run_flags = with_flags(load_settings(header["profile"]), **flags)
        return Job(
            card=Path(header["card"]),
            bars=Path(header["bars"]),
            settings=settings,
            overrides=tuple(header["set"] if "set" in header else given.get("set", ())),
            instrument=Path(given["instrument"]) if "instrument" in given else None,
            from_=given.get("from"),
            to=given.get("to"),
            flags=attrs.evolve(run_flags, given=given),
            profile=header["profile"],
            files=MarketFiles(**{field.name: _path_of(header, field.name) for field in attrs.fields(MarketFiles)}),
            leaders={symbol: Path(told["bars"]) for symbol, told in header.get(LEADERS, {}).items()},
        )
    except KeyError as error:
        raise journal_problem(file, f"its header does not say {error}", "it is no journal of a back-test") from error


def _path_of(header: dict[str, Any], name: str) -> Path | None:
    return Path(header[name]) if name in header else None


def _check_same(file: Path, header: dict[str, Any], facts: dict[str, Any]) -> None:
    for name, what in _DIGESTS.items():
        if header.get(name) != facts.get(name):
            where = facts.get(what, "its file")
            whose = f"{card_name(header['id'], header['symbol'])} " if "id" in header else "its run "
            hint = f"give that one with --{what}" if what in ("card", "bars") else "put it back as it was"
            raise journal_problem(file, f"{whose}had another {what} than {where} is now", hint)
    for symbol, told in facts.get(LEADERS, {}).items():
        if header[LEADERS][symbol]["digest"] != told["digest"]:
            what = f"its run had other bars of {symbol} than {told['bars']} are now"
            raise journal_problem(file, what, f"give those with --bars {symbol}=FILE")
    for name, value in header["settings"].items():
        if facts["settings"].get(name) != value:
            raise journal_problem(
                file, f"its run had other settings: {name} was {value}", "put the profile back as it was"
            )


def _kernel(loaded: Sequence[CardRun], job: Job, sink: JournalSink) -> Kernel:
    ready = prepare(loaded, job.settings)
    tree = simulated_house(job.settings, ready.market, ready.plans, has_journal=True)
    return build_kernel(tree, ready.market, ready.plans, job.settings.seed, journal=sink)
