"""Calls that were sent over one connection and are not answered yet.

A call is sent once. Its answer is matched by an id that no other frame of ours ever carries: the time stamp makes it
new after a restart of the process, too. When the connection is lost, so is every call under way: it may have been
carried out, and whoever asked looks it up.
"""

from actors.model.calls import CallLost, CallUnsent, SendCall
from actors.model.streams import CallReturned, StreamProtocol
from actors.websocket.counts import StreamCounts
from actors.websocket.messages import AnswerUnmatched, StreamKind
from runtime.context import Context
from runtime.messages import Asker

__all__ = ["CallsUnderWay"]


class CallsUnderWay:
    """Who waits for which id; one that waits no longer is forgotten with the next call."""

    def __init__(self, kind: StreamKind, protocol: StreamProtocol, counts: StreamCounts) -> None:
        self._kind = kind
        self._protocol = protocol
        self._counts = counts
        self._askers: dict[str, Asker] = {}

    def begin(self, request: SendCall, why_not: str, ctx: Context) -> str | None:
        """The frame to send for the call in hand; `why_not` says why the stream takes none, and is empty while it does.

        None: nothing is to be sent, and the asker has been told so.
        """
        req_id = f"{request.timestamp_ms}-{ctx.incarnation}-{self._counts.calls + 1}"
        frame = None if why_not else self._protocol.call(request, req_id)
        if frame is None:
            ctx.reply(CallUnsent(f"{self._kind} stream: {why_not or f'it takes no {request.call.path}'}"))
            return None
        for late in [key for key, asker in self._askers.items() if ctx.deadline_of(asker) is None]:
            del self._askers[late]
        self._counts.calls += 1
        self._askers[req_id] = ctx.asker()
        return frame

    def end(self, returned: CallReturned, ctx: Context) -> None:
        """Pass an answer on; one that nobody waits for goes on the record."""
        asker = self._askers.pop(returned.req_id, None)
        if asker is None or ctx.deadline_of(asker) is None:
            self._counts.unmatched += 1
            ctx.note(AnswerUnmatched(self._kind, returned.req_id))
        else:
            ctx.answer(asker, returned.reply)

    def lose(self, why: str, ctx: Context) -> None:
        """The connection is lost, and nothing is sent again."""
        for asker in self._askers.values():
            if ctx.deadline_of(asker) is not None:
                ctx.answer(asker, CallLost(f"{self._kind} stream: {why}"))
        self._askers.clear()
