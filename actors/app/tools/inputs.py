"""A card and bars for it, where nothing is traded: no instrument is needed, and prices are as the file prints them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from actors.app.files.bars import read_bars
from actors.app.runs.leaders import read_leaders
from actors.app.runs.symbol_files import bars_by_card
from ideacards.card import Card
from ideacards.feeds import Bars
from ideacards.loader import load_card

__all__ = ["CardBars", "bars_for", "load_with_bars"]


class CardBars(NamedTuple):
    """A card's own exec bars, and those of its leaders."""

    own: Bars
    leaders: Mapping[str, Bars]


def load_with_bars(card: Path, bars: Sequence[str], overrides: Sequence[str] = ()) -> tuple[Card, CardBars]:
    """The card, and the bars of `bars`: FILE, or SYMBOL=FILE. CardError or InputError with every problem found."""
    loaded = load_card(card, overrides)
    return loaded, bars_for(loaded, card, bars, overrides)


def bars_for(card: Card, file: Path, bars: Sequence[str], overrides: Sequence[str] = ()) -> CardBars:
    """The bars of a loaded card, whose file is `file`; InputError with every problem found."""
    (found,) = bars_by_card((file,), bars, (overrides,))
    own = read_bars(found.bars, card.market.symbol, card.timeframes.exec.ms)
    return CardBars(own, read_leaders(card, found.leaders, str(file)))
