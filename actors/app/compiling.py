"""Says what a first run waits for: the machine code of features that are not on this machine's disk yet."""

import sys
from collections.abc import Iterable

from ideacards.card import Card
from ideacards.indicators.kernel import has_loop

__all__ = ["tell_compiling"]

_told: set[str] = set()


def tell_compiling(cards: Iterable[Card]) -> None:
    """A line on stderr that names the kinds of features to be compiled, each once a process; none if all are kept."""
    used = [one for card in cards for one in card.features if one.use and one.own is None]
    missing = {one.use for one in used if not has_loop(one.kind, history=one.restart is not None)} - _told
    if missing:
        _told.update(missing)
        print(f"compiling {', '.join(sorted(missing))}: once, then kept on disk", file=sys.stderr)
