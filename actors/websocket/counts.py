"""What a life of a stream has seen, counted."""

from collections import Counter

import attrs

from actors.websocket.messages import StreamKind, StreamReport
from actors.websocket.transitions import StreamEvent, StreamState

__all__ = ["StreamCounts"]


@attrs.define
class StreamCounts:
    """`dropped` frames were coalesced by the edge; `ignored` counts events that the table ignores, by their pair."""

    frames: int = 0
    unreadable: int = 0
    gaps: int = 0
    dropped: int = 0
    foreign: int = 0
    calls: int = 0
    unmatched: int = 0
    renewed: int = 0
    ignored: Counter[tuple[StreamState, StreamEvent]] = attrs.field(factory=Counter)

    def report(self, kind: StreamKind, state: StreamState, connections: int) -> StreamReport:
        """As an answer."""
        return StreamReport(
            kind,
            state.name.lower(),
            connections,
            self.frames,
            self.unreadable,
            self.gaps,
            self.dropped,
            self.foreign,
            self.ignored.total(),
            self.calls,
            self.unmatched,
            self.renewed,
        )
