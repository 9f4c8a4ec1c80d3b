"""The bars of a card's leaders: read from their files, checked against the run, and told of in its results and journal.

A leader is not traded, so it needs no instrument; its prices are as its file prints them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from actors.app.files.bars import read_bars
from actors.model.errors import InputError, ProblemLike
from ideacards.card import Card
from ideacards.errors import Problem
from ideacards.feeds import Bars, data_digest

__all__ = [
    "LEADERS",
    "NO_LEADER_FILES",
    "check_leaders",
    "leader_digests",
    "leader_facts",
    "missing_leaders",
    "read_leaders",
]

NO_LEADER_FILES: Mapping[str, Path] = MappingProxyType({})
LEADERS = "leaders"


def missing_leaders(card: Card, files: Mapping[str, Path], where: str) -> list[Problem]:
    """A problem for each leader without a file."""
    return [
        Problem(where, None, None, LEADERS, f"there are no bars of the leader {symbol}", f"give --bars {symbol}=FILE")
        for symbol in card.leaders
        if symbol not in files
    ]


def read_leaders(card: Card, files: Mapping[str, Path], where: str) -> dict[str, Bars]:
    """The bars of each leader of the card, of its exec timeframe; InputError with every problem found."""
    problems: list[ProblemLike] = [*missing_leaders(card, files, where)]
    found: dict[str, Bars] = {}
    for symbol in card.leaders:
        try:
            if symbol in files:
                found[symbol] = read_bars(files[symbol], symbol, card.timeframes.exec.ms)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def check_leaders(leaders: Mapping[str, Bars], files: Mapping[str, Path], end_ms: int) -> None:
    """InputError for a leader whose bars end a bar or more before the run, at `end_ms`: its last values would stand."""
    problems = []
    for symbol, bars in leaders.items():
        last_ms = int(bars.ts_close[-1])
        if last_ms + bars.timeframe_ms <= end_ms:
            where = str(files.get(symbol, symbol))
            what = f"its bars of the leader {symbol} end at {_time(last_ms)}, the run at {_time(end_ms)}"
            problems.append(Problem(where, None, None, "", what, f"give --to {_time(last_ms)}, or more bars"))
    if problems:
        raise InputError(problems)


def leader_digests(leaders: Mapping[str, Bars]) -> dict[str, str]:
    """The digest of each leader's bars."""
    return {symbol: data_digest(bars) for symbol, bars in leaders.items()}


def leader_facts(leaders: Mapping[str, Bars], files: Mapping[str, Path]) -> dict[str, Any]:
    """What a journal's header says of them: file and digest of each; nothing where there are none."""
    digests = leader_digests(leaders)
    told = {symbol: {"bars": str(file.absolute()), "digest": digests[symbol]} for symbol, file in files.items()}
    return {LEADERS: told} if told else {}


def _time(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%dT%H:%M}"
