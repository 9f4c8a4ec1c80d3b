"""Whom a stream's actor speaks to: its edge's port and its readers, given at construction."""

import attrs

from actors.websocket.messages import StreamKind
from runtime.messages import Ref

__all__ = ["TRADE_PORT", "TRADE_WIRING", "StreamWiring"]

TRADE_PORT = "socket/trade"
"""The port of the trade stream's edge; durable-first: a call leaves only when the journal has it on disk."""


@attrs.frozen
class StreamWiring:
    """`port` is the edge's. What frames say goes to every one of `readers`.

    `backfill` is asked for what a connection has missed: the reconciler of a private stream, marketdata of a public
    one, for each of `symbols`, maintenance of the status stream. None: nothing can be read again.

    `waits_for_live`: the first life is up when the stream is live, so nothing below starts on a dead one. Without it
    the first life goes on trying like every later one: for a stream whose work is done another way meanwhile.
    """

    kind: StreamKind
    port: str
    readers: tuple[Ref, ...]
    backfill: Ref | None = None
    symbols: tuple[str, ...] = ()
    waits_for_live: bool = True


TRADE_WIRING = StreamWiring(StreamKind.TRADE, TRADE_PORT, (), waits_for_live=False)
"""A trade stream has nothing to tell and nothing to read again; while it is not live, REST does its work."""
