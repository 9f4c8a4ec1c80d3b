"""Synthetic public trades along the bar's path: one at each slot of time, at the price of that millisecond."""

from collections.abc import Iterator
from typing import NamedTuple

from actors.bybit.server.market.dice import between, mixed
from actors.bybit.server.market.feed import SymbolFeed

__all__ = ["SLOT_MS", "PublicTrade", "public_trades", "recent_trades"]

SLOT_MS = 250
_FIRST_SEQ = 10**9


class PublicTrade(NamedTuple):
    """Price and size in units of the instrument; `is_buy` is the taker's side; `seq` rises with time."""

    trade_id: str
    time_ms: int
    price: int
    size: int
    is_buy: bool
    seq: int


def public_trades(feed: SymbolFeed, after_ms: int, to_ms: int) -> Iterator[PublicTrade]:
    """Trades in (after, to], oldest first."""
    first_ms = int(feed.listing.bars.ts_open[0])
    for slot in range(max(after_ms, first_ms) // SLOT_MS + 1, to_ms // SLOT_MS + 1):
        yield _trade(feed, slot)


def recent_trades(feed: SymbolFeed, now_ms: int, count: int) -> list[PublicTrade]:
    """The last `count`, newest first."""
    newest = now_ms // SLOT_MS
    oldest = int(feed.listing.bars.ts_open[0]) // SLOT_MS + 1
    return [_trade(feed, slot) for slot in range(newest, max(oldest, newest - count + 1) - 1, -1)]


def _trade(feed: SymbolFeed, slot: int) -> PublicTrade:
    listing, time_ms = feed.listing, slot * SLOT_MS
    bid, ask = feed.best(time_ms)
    is_buy = mixed(listing.seed, slot, 1) % 2 == 0
    size = between(1, 200, listing.seed, slot, 2) * listing.instrument.step
    word = mixed(listing.seed, slot, 3)
    trade_id = f"{word >> 32:08x}-{word >> 16 & 0xFFFF:04x}-5{word & 0xFFF:03x}-a{slot % 4096:03x}-{slot:012x}"
    return PublicTrade(trade_id, time_ms, ask if is_buy else bid, size, is_buy, _FIRST_SEQ + slot)
