"""`run CARD… --profile P`: trade on a real exchange until stopped; stdout says when it is ready."""

import re
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.live.running import LiveJob, run_live
from actors.app.live.venues import venue_of
from actors.app.runs.card_overrides import overrides_by_card
from actors.app.settings import ProfileName, load_settings
from actors.model.errors import InputError
from ideacards.errors import Problem

__all__ = ["run", "seconds_of"]

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhd]?)")


def run(
    card: Path,
    /,
    *more: Path,
    profile: str,
    exchange: Annotated[str | None, Parameter(show_default=False)] = None,
    keys: Path | None = None,
    credential: str | None = None,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    for_: Annotated[str | None, Parameter(name="--for")] = None,
    journal: Path | None = None,
    adopt: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    health_port: int = 0,
    time_rate: Annotated[float, Parameter(show=False)] = 1.0,
) -> int:
    """Trade cards until stopped: SIGTERM and SIGINT stop in order, and positions keep their stops at the venue.

    It prints READY when the account is reconciled and every card is warm. The journal is its memory: give the same one
    at the next start.

    :param card: The card's file.
    :param more: Further cards, each of its own symbol.
    :param profile: paper, local, demo or live, or a file.
    :param exchange: HOST:PORT of a local exchange: for the profile local, 127.0.0.1:8899 unless it is given; for paper
        in the place of Bybit's public market.
    :param keys: The key file, in the place of the profile's.
    :param credential: The name of a systemd credential that holds the keys.
    :param set_: PATH=VALUE, like features.fast.length=9, changes each card that has it; CARD_ID:PATH=VALUE that card.
    :param for_: Stop in order so long after READY: 90s, 5m, 2h, 1d.
    :param journal: Folder of the journal; `DEPLOYMENT.journal` in the current folder unless it is given.
    :param adopt: SYMBOL: take over what the account holds of it, a position and orders that are not of this run's
        journal, which otherwise block entries. Cards then see the position as their own.
    :param health_port: Port of the health page on this machine; 0 takes a free one.
    :param time_rate: Seconds per real second, the same as of the local exchange: for tests of the profile local.
    """
    cards = (card, *more)
    settings = load_settings(profile)
    if not time_rate > 0 or (time_rate != 1 and settings.profile is not ProfileName.LOCAL):
        what = "is positive, and only the profile local has another than 1"
        raise InputError([Problem("--time-rate", None, None, f"{time_rate:g}", what)])
    venue = venue_of(settings, keys=keys, credential=credential, address=exchange)
    job = LiveJob(
        cards=cards,
        overrides=tuple(tuple(words) for words in overrides_by_card(cards, set_)),
        settings=settings,
        profile=profile,
        venue=venue,
        journal=journal or Path(f"{settings.deployment}.journal"),
        for_s=None if for_ is None else seconds_of(for_),
        health_port=health_port,
        time_rate=time_rate,
        adopted=adopt,
    )
    return run_live(job, lambda line: print(line, flush=True))


def seconds_of(text: str) -> float:
    """A duration like 90s, 5m, 2h or 1d; InputError for anything else, and for none at all."""
    found = _DURATION.fullmatch(text)
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if seconds <= 0:
        raise InputError([Problem("--for", None, None, text, "is no duration", "write 90s, 5m, 2h or 1d")])
    return seconds
