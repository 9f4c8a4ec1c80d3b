"""`new CARD --kind KIND`: a card to start from."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.files.whole_file import check_new, write_file
from actors.app.tools.scaffolding import DEFAULT_KIND, new_card_text

__all__ = ["run"]


def run(
    card: Path,
    /,
    *,
    kind: str = DEFAULT_KIND,
    symbol: str = "BTCUSDT",
    timeframe: str = "1m",
    force: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> int:
    """Write a card to start from, which validates and back-tests as it is.

    :param card: The new file; its name without the ending becomes the card's id.
    :param kind: trend, breakout, mean_reversion, multi_timeframe or session.
    :param symbol: What it trades.
    :param timeframe: Its exec bars, which must be those of the bars' file.
    :param force: Replace the file if it is there.
    """
    file = card if card.suffix in (".yaml", ".yml") else card.with_name(f"{card.name}.yaml")
    text = new_card_text(kind, file.stem, symbol, timeframe)
    check_new(file, "CARD", is_forced=force)
    write_file(file, "CARD", lambda place: place.write_text(text, encoding="utf-8"))
    print(f"{file}: a {kind} card of {symbol} on {timeframe}; `coldframe explain {file}` tells it in words")
    return 0
