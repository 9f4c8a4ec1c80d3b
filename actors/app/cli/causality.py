"""`causality CARD --bars FILE`: proves over a file that no value of a card changes when later bars come."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.tools.causality import causality_of

__all__ = ["run"]

LEAKING = 1


def run(
    card: Path,
    /,
    *,
    bars: Annotated[tuple[str, ...], Parameter(negative=())],
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    stops: Annotated[int, Parameter(help="How many numbers of bars to stop at.")] = 200,
) -> int:
    """Prove over a file that no value of a card changes when later bars come; exit code 1 names what does.

    :param card: The card's file.
    :param bars: The bars, as for `backtest`.
    :param set_: PATH=VALUE on the card, as for `backtest`.
    """
    report = causality_of(card, bars, set_, max(1, stops))
    print("\n".join(report.lines()))
    return 0 if report.is_sound else LEAKING
