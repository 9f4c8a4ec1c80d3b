"""The fake of the socket edge: a Bybit that answers at once and pushes what the test says; no network, any clock."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import trio

from actors.model.streams import (
    CloseCause,
    CloseSocket,
    OpenSocket,
    SendText,
    SignIn,
    SocketClosed,
    SocketConnected,
    SocketFrame,
)

__all__ = ["ScriptedSocket"]

Emit = Callable[[Any], Awaitable[None]]


class ScriptedSocket:
    """Serves one actor's port. `heard` is what it was told; while `is_deaf` it answers nothing."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.is_deaf = False
        self._send: trio.MemorySendChannel[Any] | None = None

    async def __call__(self, request: Any, emit: Emit) -> None:
        self.heard.append(request)
        match request:
            case OpenSocket():
                self._send, frames = trio.open_memory_channel[Any](1000)
                await emit(SocketConnected())
                async for message in frames:
                    await emit(message)
                    if isinstance(message, SocketClosed):
                        return
            case SignIn():
                self._answer({"success": True, "ret_msg": "", "op": "auth", "conn_id": "c"})
            case SendText(_, _, text):
                asked = json.loads(text)
                ret_msg = "pong" if asked["op"] == "ping" else ""
                self._answer({"success": True, "ret_msg": ret_msg, "conn_id": "c", **asked})
            case CloseSocket():
                self.drop(CloseCause.OURS)

    def _answer(self, reply: dict[str, Any]) -> None:
        reply.pop("args", None)
        if not self.is_deaf:
            self.push(json.dumps(reply))

    def push(self, text: str) -> None:
        """A frame from the venue."""
        self._tell(SocketFrame(text))

    def drop(self, cause: CloseCause = CloseCause.BROKEN) -> None:
        """The connection ends."""
        self._tell(SocketClosed(cause))

    def _tell(self, message: Any) -> None:
        assert self._send is not None, "there is no connection"
        self._send.send_nowait(message)
