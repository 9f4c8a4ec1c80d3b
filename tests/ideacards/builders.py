"""Builders: a card's text with one part replaced, bars from closes, and feeds of both."""

from collections.abc import Sequence

from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.errors import CardError
from ideacards.feeds import Bars, Feeds
from ideacards.loader import read_card

__all__ = ["MINUTE_MS", "PARTS", "a_card", "a_card_text", "an_executor", "bars_of", "faults_of"]

MINUTE_MS = 60_000
PARTS = {
    "id": "id: probe",
    "market": "market: {venue: bybit, category: linear, symbol: BTCUSDT}",
    "timeframes": "timeframes: {exec: 1m}",
    "account": "account: {equity: 1000}",
    "features": "features:\n  fast: {use: ema, length: 2}\n  slow: {use: ema, length: 4}",
    "blocks": """blocks:
- id: entry
  cases:
  - when: fast > slow
    emit: {action: enter_long, size: {quantity: 1}}""",
}


def a_card_text(**parts: str) -> str:
    """A small sound card; each argument replaces (or adds, or with "" removes) the lines of a top-level key."""
    return "\n".join(line for line in (PARTS | parts).values() if line) + "\n"


def a_card(overrides: Sequence[str] = (), **parts: str) -> Card:
    """The same as a Card."""
    return read_card(a_card_text(**parts), "probe.yaml", overrides)


def faults_of(text: str, overrides: Sequence[str] = ()) -> list[str]:
    """The lines of what is wrong with a card's text; empty for a sound one."""
    try:
        read_card(text, "probe.yaml", overrides)
    except CardError as error:
        return [problem.text() for problem in error.problems]
    return []


def bars_of(closes: Sequence[int], start_ms: int = 0, bar_ms: int = MINUTE_MS) -> Bars:
    """Bars, of one minute unless said, that stand still at whole prices."""
    times = [start_ms + index * bar_ms for index in range(len(closes))]
    return Bars.of_columns("BTCUSDT", bar_ms, 0, times, dict.fromkeys(("open", "high", "low", "close"), closes), closes)


def an_executor(card: Card, closes: Sequence[int], start_ms: int = 0) -> StrategyBlocksExecutor:
    """The card's executor over such bars."""
    return StrategyBlocksExecutor(card, Feeds.build(card, bars_of(closes, start_ms)))
