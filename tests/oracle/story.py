"""A story is one back-test stated for two implementations: the straight loop and the engine.

It holds the crossover card's numbers as text, so that neither uses the other's reading of them, and it writes itself as
a card and as a bars file for the engine. It knows nothing of how either works.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import attrs

__all__ = [
    "BTCUSDT",
    "EPOCH_MS",
    "MINUTE_MS",
    "Row",
    "Story",
    "Venue",
    "card_text",
    "decimals",
    "rows_of",
    "write_bars",
]

Row = tuple[int, str, str, str, str]  # ts_ms of the bar's open, then open, high, low, close as decimal text

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00Z
MINUTE_MS = 60_000


@attrs.frozen
class Venue:
    """What the instrument adds: its grids, minima and the taker's rate, as decimal text."""

    symbol: str = "BTCUSDT"
    tick: str = "0.10"
    step: str = "0.001"
    min_qty: str = "0.001"
    min_notional: str = "5"
    taker_rate: str = "0.00055"


BTCUSDT = Venue()


@attrs.frozen
class Story:
    """The crossover card: `fast`, `slow` in bars; `stop`, `target` in percent; `notional`, `equity` in quote coin.

    With `equity_percent` the size is that share of the account's equity, in the place of `notional`.
    """

    fast: int = 12
    slow: int = 26
    warmup: int | None = 26
    stop: str | None = None
    target: str | None = None
    notional: str = "1000"
    equity: str = "1000000"
    timeframe: str = "1m"
    path: str = "nearest_extreme"
    is_short: bool = False
    venue: Venue = BTCUSDT
    id: str = "ema_cross"
    equity_percent: str | None = None


def rows_of(bars: Sequence[str], start_ms: int = EPOCH_MS, step_ms: int = MINUTE_MS) -> list[Row]:
    """Bars written as "open high low close" (or one number for a bar that stands still), one `step_ms` apart."""
    rows: list[Row] = []
    for index, text in enumerate(bars):
        words = text.split()
        o, h, low, c = words * 4 if len(words) == 1 else words
        rows.append((start_ms + index * step_ms, o, h, low, c))
    return rows


def write_bars(path: Path, rows: Sequence[Row]) -> Path:
    """The rows as the CSV file that users hand in, volume 1 throughout; returns `path`."""
    lines = ["ts_ms,open,high,low,close,volume", *(f"{t},{o},{h},{low},{c},1" for t, o, h, low, c in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def card_text(story: Story) -> str:
    """The story as a card, word for word in the shape of the contract's first card."""
    enter, stand = ("enter_short", "short") if story.is_short else ("enter_long", "long")
    begin, end = ("crosses_below", "crosses_above") if story.is_short else ("crosses_above", "crosses_below")
    brackets = "".join(
        f", {key}: {{percent: {value}}}"
        for key, value in (("stop_loss", story.stop), ("take_profit", story.target))
        if value is not None
    )
    size = f"notional: {story.notional}"
    if story.equity_percent is not None:
        size = f"equity_percent: {story.equity_percent}"
    warmup = "" if story.warmup is None else f"warmup: {story.warmup}\n"
    return f"""id: {story.id}
thesis: A fast average crossing a slow one marks the start of a move.
market: {{venue: bybit, category: linear, symbol: {story.venue.symbol}}}
timeframes: {{exec: {story.timeframe}}}
account: {{equity: {story.equity}, leverage: 1}}
{warmup}features:
  fast: {{use: ema, of: close, length: {story.fast}}}
  slow: {{use: ema, of: close, length: {story.slow}}}
blocks:
  - id: entry
    cases:
      - when: position.flat and {begin}(fast, slow)
        emit: {{action: {enter}, size: {{{size}}}{brackets}}}
  - id: exit
    cases:
      - when: position.{stand} and {end}(fast, slow)
        emit: {{action: exit}}
"""


def decimals(row: Row) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Open, high, low and close of a row, exactly as printed."""
    return Decimal(row[1]), Decimal(row[2]), Decimal(row[3]), Decimal(row[4])
