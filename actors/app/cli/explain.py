"""`explain CARD`: a card in words."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.tools.explaining import explanation_of
from ideacards.loader import load_card

__all__ = ["run"]


def run(
    card: Path,
    /,
    *,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
) -> int:
    """Tell in words what a card does, what it needs, when each thing is known, and what rests at the venue.

    :param card: The card's file.
    :param set_: PATH=VALUE on the card, as for `backtest`.
    """
    print("\n".join(explanation_of(load_card(card, set_))))
    return 0
