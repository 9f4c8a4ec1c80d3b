"""Whom a stream speaks to: readers of its frames, followers of its state, and who reads again what it has missed."""

from actors.maintenance.messages import ReadPlans
from actors.marketdata.messages import BarsDue
from actors.model.streams import StreamMessage
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from actors.websocket.messages import StreamDown, StreamKind, StreamLive
from actors.websocket.wiring import StreamWiring
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["Audience"]


class Audience:
    """The actors of the wiring, and the followers of this life."""

    def __init__(self, wiring: StreamWiring) -> None:
        self._to = wiring
        self._followers: list[Ref] = []

    def follow(self, follower: Ref) -> None:
        """One more follower, or the next life of one."""
        if follower not in self._followers:
            self._followers.append(follower)

    def tell(self, message: StreamLive | StreamDown, ctx: Context) -> None:
        """A change of state, to every follower and for the record."""
        ctx.note(message)
        for follower in self._followers:
            ctx.send(follower, message)

    def pass_on(self, messages: tuple[StreamMessage, ...], ctx: Context) -> None:
        """What a frame says, to every reader."""
        for message in messages:
            for reader in self._to.readers:
                ctx.send(reader, message)

    def reconnected(self, why: str, ctx: Context) -> None:
        """Have what was missed since the stream went down (`why`) read by REST."""
        reason = f"the {self._to.kind} stream is live again: {why}"
        self.backfill(reason, ctx, ReconcileCause.RECONNECT)

    def backfill(self, reason: str, ctx: Context, cause: ReconcileCause = ReconcileCause.GAP) -> None:
        """Have what the stream has not told read by REST."""
        to = self._to.backfill
        if to is None:
            return
        if self._to.kind is StreamKind.PRIVATE:
            ctx.send(to, ReconcileNow(reason, cause))
        elif self._to.kind is StreamKind.STATUS:
            ctx.send(to, ReadPlans(reason))
        else:
            for symbol in self._to.symbols:
                ctx.send(to, BarsDue(symbol))
