"""A card and bars for it, where nothing is traded: no instrument is needed, and prices are as the file prints them."""

from collections.abc import Sequence
from pathlib import Path

from actors.app.files.bars import read_bars
from ideacards.card import Card
from ideacards.feeds import Bars
from ideacards.loader import load_card

__all__ = ["bars_for", "load_with_bars"]


def load_with_bars(card: Path, bars: Path, overrides: Sequence[str] = ()) -> tuple[Card, Bars]:
    """Both; CardError or InputError with every problem found."""
    loaded = load_card(card, overrides)
    return loaded, bars_for(loaded, bars)


def bars_for(card: Card, file: Path) -> Bars:
    """The file's bars, which must be the card's exec bars; InputError with every problem found."""
    return read_bars(file, card.market.symbol, card.timeframes.exec.ms)
