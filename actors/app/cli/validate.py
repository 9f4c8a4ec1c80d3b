"""`validate CARD…`: prints every error of every card, or one line for each valid card, as a run would judge it."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.runs.backtesting import Job
from actors.app.runs.card_overrides import overrides_by_card
from actors.app.runs.symbol_files import BarFiles, bars_by_card
from actors.app.settings import load_simulator_settings
from actors.app.tools.verdict import problems_of
from actors.model.errors import InputError, ProblemLike
from ideacards.errors import CardError
from ideacards.loader import load_card

__all__ = ["run"]


def run(
    card: Path,
    /,
    *more: Path,
    bars: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    instrument: Path | None = None,
) -> int:
    """Check cards, their symbol, leverage and sizes, and print every error.

    :param card: A card's file.
    :param more: More of them.
    :param bars: FILE, or SYMBOL=FILE for each card and leader, as for `backtest`: then they are judged with the card.
    :param set_: PATH=VALUE, or CARD_ID:PATH=VALUE, as for `backtest`.
    :param instrument: A file of instruments instead of the shipped one.
    """
    cards = (card, *more)
    overrides = overrides_by_card(cards, set_) if set_ else [()] * len(cards)
    files = bars_by_card(cards, bars, overrides) if bars else [BarFiles(Path())] * len(cards)
    settings = load_simulator_settings()
    problems: list[ProblemLike] = []
    well: list[str] = []
    for path, its_set, its_bars in zip(cards, overrides, files, strict=True):
        try:
            loaded = load_card(path, its_set)
        except CardError as error:
            problems += error.problems
            continue
        job = Job(path, its_bars.bars, settings, its_set, instrument, leaders=its_bars.leaders)
        found = problems_of(loaded, job, has_bars=bool(bars))
        problems += found
        if not found:
            well.append(f"{path}: ok, {loaded.id}: {len(loaded.features)} features, {len(loaded.blocks)} blocks")
    if well:
        print("\n".join(well))
    if problems:
        raise InputError(problems)
    return 0
