"""Waits for the bars of a card's leaders: a closed bar is held until each leader's bar of the same close is in.

A stream tells the bars of one instant in any order. Without a leader's bar the card is called after `LEADER_WAIT_NS`,
with the values that stand; so is a bar that is still held when the card's next one comes. A later bar of the leader
shows that there is none of that close.
"""

from collections.abc import Mapping

import msgspec

from actors.marketdata.messages import BarsClosed, Subscribe
from actors.strategy.messages import LeaderLate
from ideacards.feeds import Bars, GrowingBars
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["LEADER_WAIT_NS", "Leading", "WaitOver", "covered"]

LEADER_WAIT_NS = 5_000_000_000
_TIMER = "leaders"
_ASK_NS = 60_000_000_000


class WaitOver(msgspec.Struct, frozen=True, gc=False):
    """A timer: the leaders' bars of the close `ts_close` (UTC ms) are not waited for any longer."""

    ts_close: int


def covered(bars: Bars, leaders: Mapping[str, GrowingBars]) -> Bars:
    """The first of a card's bars, as far as every leader has a bar of that close or a later one."""
    last_ms = min((columns.last_close_ms for columns in leaders.values()), default=None)
    return bars if last_ms is None else bars.head(int(bars.ts_close.searchsorted(last_ms, side="right")))


class Leading:
    """The leaders of one card, whose bars grow; `take` says which of its own bars are to be evaluated now."""

    def __init__(self, card_id: str, leaders: Mapping[str, GrowingBars]) -> None:
        self._card_id = card_id
        self._leaders = leaders
        self._held: BarsClosed | None = None
        self._asked: dict[int, None] = {}

    def subscribe(self, marketdata: Ref, ctx: Context) -> None:
        """Have the leaders' bars sent to this actor too."""
        for symbol, columns in self._leaders.items():
            self._asked[ctx.ask(marketdata, Subscribe(ctx.me, symbol, columns.timeframe_ms), _ASK_NS)] = None

    def is_answer(self, ctx: Context) -> bool:
        """Whether the message in hand answers one of those questions."""
        return ctx.correlation in self._asked

    def take(self, message: BarsClosed, ctx: Context) -> tuple[BarsClosed, ...]:
        """A bar of the card or of a leader has closed; the card's bars that wait for nothing more, the older first."""
        if message.symbol in self._leaders:
            return self._released(ctx) if self._held is not None and not self._missing(self._held) else ()
        older = self._given_up(ctx)
        if not self._missing(message):
            return (*older, message)
        self._held = message
        ctx.after(LEADER_WAIT_NS, WaitOver(message.ts_close), _TIMER)
        return older

    def wait_over(self, message: WaitOver, ctx: Context) -> tuple[BarsClosed, ...]:
        """The wait for the bars of a close is over."""
        is_held = self._held is not None and self._held.ts_close == message.ts_close
        return self._given_up(ctx) if is_held else ()

    def _given_up(self, ctx: Context) -> tuple[BarsClosed, ...]:
        """The bar that is held, if there is one, and a note of what did not come."""
        if self._held is None:
            return ()
        for symbol in self._missing(self._held):
            ctx.note(LeaderLate(self._card_id, symbol, self._held.ts_close))
        return self._released(ctx)

    def _released(self, ctx: Context) -> tuple[BarsClosed, ...]:
        held, self._held = self._held, None
        ctx.cancel(_TIMER)
        return () if held is None else (held,)

    def _missing(self, message: BarsClosed) -> list[str]:
        """The leaders without a bar of that close or a later one."""
        return [symbol for symbol, columns in self._leaders.items() if columns.last_close_ms < message.ts_close]
