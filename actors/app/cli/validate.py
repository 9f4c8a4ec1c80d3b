"""`validate CARD…`: prints every error of every card, or one line for each valid card, as a run would judge it."""

from collections.abc import Sequence
from pathlib import Path

from actors.app.files.instruments import leverage_problem, load_instrument
from actors.model.errors import InputError, ProblemLike
from ideacards.card import Card
from ideacards.errors import CardError
from ideacards.loader import load_card

__all__ = ["run"]


def run(card: Path, /, *more: Path, instrument: Path | None = None) -> int:
    """Check cards, their symbol and their leverage, and print every error.

    :param card: A card's file.
    :param more: More of them.
    :param instrument: A file of instruments instead of the shipped one.
    """
    problems: list[ProblemLike] = []
    well: list[str] = []
    for path in (card, *more):
        try:
            loaded = load_card(path)
        except CardError as error:
            problems += error.problems
            continue
        found = _market_problems(loaded, path, instrument)
        problems += found
        if not found:
            well.append(f"{path}: ok, {loaded.id}: {len(loaded.features)} features, {len(loaded.blocks)} blocks")
    if well:
        print("\n".join(well))
    if problems:
        raise InputError(problems)
    return 0


def _market_problems(card: Card, path: Path, instruments: Path | None) -> Sequence[ProblemLike]:
    """What the card's instrument does not allow: an unknown symbol, or a leverage beyond it."""
    try:
        instrument = load_instrument(card.market.symbol, 0, instruments)
    except InputError as error:
        return error.problems
    problem = leverage_problem(card.account.leverage, instrument, str(path))
    return () if problem is None else (problem,)
