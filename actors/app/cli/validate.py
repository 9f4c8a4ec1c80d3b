"""`validate CARD…`: every error of every card, or a line for each that is well."""

from pathlib import Path

from actors.model.errors import InputError
from ideacards.errors import CardError, Problem
from ideacards.loader import load_card

__all__ = ["run"]


def run(card: Path, /, *more: Path) -> int:
    """Check cards and tell everything that is wrong with them.

    :param card: A card's file.
    :param more: More of them.
    """
    problems: list[Problem] = []
    well: list[str] = []
    for path in (card, *more):
        try:
            loaded = load_card(path)
        except CardError as error:
            problems += error.problems
        else:
            well.append(f"{path}: ok, {loaded.id}: {len(loaded.features)} features, {len(loaded.blocks)} blocks")
    if well:
        print("\n".join(well))
    if problems:
        raise InputError(problems)
    return 0
