"""Scripts in the place of a card's blocks: what to decide at the close of which bar since the market's start."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from actors.strategy.actor import CardProgram
from ideacards.card import Card
from ideacards.feeds import Bars, GrowingBars, WakeSet
from ideacards.intents import Action, Intent, IntentMetadata, OrderKind, OrderSpec, PriceRef, Size, SizeKind
from ideacards.position_view import PositionView
from tests.actors.bybit.server.markets import MINUTE_MS, START_MS

__all__ = ["Script", "leave", "long", "program_of"]

Move = tuple[str, Action, IntentMetadata]  # the block that decides, and what
Script = Mapping[int, Move]


def long(qty: str = "0.4", *, below_ticks: int | None = None, stop: str = "5") -> Move:
    """Buy at market, or at a limit so many ticks below the close; the stop loss is in percent of the fill."""
    return (
        "open",
        Action.ENTER_LONG,
        IntentMetadata(Size(SizeKind.QUANTITY, Decimal(qty)), _order(below_ticks, -1), stop_loss=Decimal(stop)),
    )


def leave(*, above_ticks: int | None = None) -> Move:
    """Sell all at market, or at a limit so many ticks above the close."""
    return "close", Action.EXIT, IntentMetadata(order=_order(above_ticks, 1))


def _order(ticks: int | None, sign: int) -> OrderSpec:
    if ticks is None:
        return OrderSpec()
    return OrderSpec(OrderKind.LIMIT, PriceRef("close", offset_ticks=sign * ticks))


class _Program:
    reads_equity = reads_drawdown = reads_trades = False
    wakes: WakeSet | None = None

    def __init__(self, card: Card, script: Script) -> None:
        self._card = card
        self._script = script

    def extend(self, bars: Bars) -> None:
        """Scripts read no bars."""

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        """Intents at the close of a bar; none before the market's start."""
        move = self._script.get((ts_close - START_MS) // MINUTE_MS)
        if move is None:
            return ()
        block, action, metadata = move
        return (Intent(action, self._card.id, block, ts_close, metadata),)

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        return False

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        """Scripts refer to no feature."""
        return ()


def program_of(script: Script) -> Callable[[Card, GrowingBars], CardProgram]:
    """As `live_kernel` wants it."""
    return lambda card, columns: _Program(card, script)
