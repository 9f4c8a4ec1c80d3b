"""Messages of marketdata: subscriptions, ranges of closed bars, and refused bars."""

import msgspec

from ideacards.feeds import WakeSet, WakeState
from runtime.messages import Ref

__all__ = ["BarRefused", "BarsClosed", "BarsDue", "CatchUp", "Subscribe", "Subscribed", "WaitForBars", "Wake"]


class Subscribe(msgspec.Struct, frozen=True):
    """Send BarsClosed of this feed to `subscriber`; answered by Subscribed."""

    subscriber: Ref
    symbol: str
    timeframe_ms: int


class WaitForBars(msgspec.Struct, frozen=True):
    """The bars at which `subscriber` has to be called; its trading state is flat until its first Wake.

    Sent to the maker of the bars in a simulation; a live venue delivers every bar.
    """

    subscriber: Ref
    symbol: str
    wakes: WakeSet | None


class Wake(msgspec.Struct, frozen=True, gc=False):
    """A subscriber's trading state, which selects the column of its wake set that counts from now on.

    Signed size in base coin and average entry price as the card sees them, where its wake set can be narrowed by them;
    `held` are the further constants of the position that the wake set may be narrowed by. From the close `from_ms` (UTC
    ms) on every bar is waited for; None: those of the wake set alone.
    """

    symbol: str
    state: WakeState
    size: float = 0.0
    entry_price: float | None = None
    held: tuple[float, ...] = ()
    from_ms: int | None = None


class Subscribed(msgspec.Struct, frozen=True, gc=False):
    """Bars [0, stop) are closed and known; the next message begins there.

    Tell `wakes` which of them are waited for (WaitForBars, Wake); None: nobody needs it, every bar comes.
    """

    stop: int
    wakes: Ref | None = None


class CatchUp(msgspec.Struct, frozen=True, gc=False):
    """Send the newest closed bar again: `subscriber` may have crashed before it saw that bar.

    `ts_close` is that bar's close; another bar that has closed meanwhile comes by itself.
    """

    subscriber: Ref
    symbol: str
    ts_close: int


class BarsDue(msgspec.Struct, frozen=True, gc=False):
    """Ask the history again, for a bar that was not closed yet or that was missing.

    Our own timer, or the public stream that has missed frames.
    """

    symbol: str


class BarsClosed(msgspec.Struct, frozen=True, gc=False):
    """Bars [start, stop) have closed since the last message; `ts_close` is the close (UTC ms) of bar stop - 1."""

    symbol: str
    start: int
    stop: int
    ts_close: int


class BarRefused(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the bar that opens at `ts_open` (UTC ms) was refused, and why."""

    symbol: str
    ts_open: int
    what: str
