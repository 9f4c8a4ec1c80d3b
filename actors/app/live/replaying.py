"""Replays a live run: the same tree over Bybit's branch is fed what came in, and everything that goes out is compared.

Nothing is asked of the network. A card given by hand may be another than the one that ran: then the replay says at
which decision it first does something else.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from actors.app.live.house import live_kernel
from actors.app.live.journal import LiveHeader, live_codec, plan_of_header
from actors.app.live.memories import Recollection
from actors.app.runs.recorded import RecordedRun, journal_problem, records_of
from actors.app.runs.replaying import Replayed
from actors.app.runs.symbol_files import paired
from actors.model.errors import InputError
from ideacards.card import Card
from ideacards.digest import card_digest
from ideacards.loader import load_card
from runtime.journal.format import HEADER
from runtime.journal.replay import Replay

__all__ = ["replay_live"]


def replay_live(file: Path, run: RecordedRun, cards: Sequence[str] = ()) -> Replayed:
    """Replay a run of a live journal. InputError for cards that are gone, or changed without having been given."""
    try:
        header = msgspec.convert(run.header, LiveHeader, strict=False)
    except msgspec.ValidationError as error:
        raise journal_problem(file, f"its header is of another version of this program: {error}") from None
    plan = plan_of_header(header, tuple(_cards(file, header, cards)))
    recalled = _recalled(file, run.number)
    report = Replay(run, lambda sink: live_kernel(plan, sink, recalled), live_codec()).run()
    return Replayed(report, run.number, run.count, run.has_ended)


def _cards(file: Path, header: LiveHeader, given: Sequence[str]) -> list[Card]:
    files = _files(header, given)
    loaded = []
    for told in header.cards:
        card = load_card(files.get(told.id, Path(told.file)), told.overrides)
        if told.id not in files and card_digest(card) != told.digest:
            hint = "give it with --card to see where it decides otherwise"
            raise journal_problem(file, f"card {told.id} ran as another card than {told.file} is now", hint)
        loaded.append(card)
    return loaded


def _files(header: LiveHeader, given: Sequence[str]) -> dict[str, Path]:
    """The files given by hand, by card; of one card FILE is enough."""
    ids = [card.id for card in header.cards]
    if len(ids) == 1 and given and not given[-1].startswith(f"{ids[0]}="):
        return {ids[0]: Path(given[-1])}
    files, problems = paired("--card", given, ids, "card")
    if problems:
        raise InputError(problems)
    return files


def _recalled(file: Path, number: int) -> dict[str, dict[str, object]]:
    """What the runs before this one had remembered."""
    memory, runs = Recollection(), 0
    for record in records_of(file):
        runs += record.kind == HEADER
        if runs == number:
            break
        memory.take(record)
    return memory.topics
