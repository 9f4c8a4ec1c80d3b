"""A client of Bybit v5 written from the reference alone: it imports nothing of the project.

REST is httpx with a signature made by hand; sockets are trio-websocket. Numbers and field names are spelled here.
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import httpx
import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

__all__ = ["PlainRest", "PlainSocket", "plain_socket", "sign"]

_BOUND_S = 20.0


def sign(secret: str, text: str | bytes) -> str:
    """HMAC-SHA256 in lower-case hex."""
    data = text.encode() if isinstance(text, str) else text
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


@attrs.define(eq=False)
class PlainRest:
    """`now_ms` gives the time that requests are stamped with."""

    address: str
    key: str
    secret: str
    now_ms: Callable[[], int]
    window: str = "5000"
    client: httpx.Client = attrs.Factory(lambda: httpx.Client(timeout=_BOUND_S))

    def __enter__(self) -> "PlainRest":
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def headers(self, payload: str | bytes) -> dict[str, str]:
        """Of a signed request."""
        stamp = str(self.now_ms())
        data = payload.encode() if isinstance(payload, str) else payload
        return {
            "X-BAPI-API-KEY": self.key,
            "X-BAPI-TIMESTAMP": stamp,
            "X-BAPI-RECV-WINDOW": self.window,
            "X-BAPI-SIGN": sign(self.secret, (stamp + self.key + self.window).encode() + data),
        }

    def send(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """A request as it stands."""
        url = f"http://{self.address}/v5/{path}" + (f"?{query}" if query else "")
        return self.client.request(method, url, content=body, headers=headers or {})

    def get(self, path: str, query: str = "", *, is_signed: bool = True) -> dict[str, Any]:
        """The envelope of a GET."""
        answer = self.send("GET", path, query=query, headers=self.headers(query) if is_signed else None)
        assert answer.status_code == 200, (path, query, answer.status_code, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, body: object) -> dict[str, Any]:
        """The envelope of a POST."""
        text = json.dumps(body)
        answer = self.post_bytes(path, text.encode())
        assert answer.status_code == 200, (path, text, answer.status_code, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def post_bytes(self, path: str, body: bytes) -> httpx.Response:
        """A signed POST of whatever it is."""
        headers = {**self.headers(body), "Content-Type": "application/json"}
        return self.send("POST", path, body=body, headers=headers)

    def result(self, path: str, query: str = "") -> dict[str, Any]:
        """What a GET answers; it must succeed."""
        answer = self.get(path, query)
        assert answer["retCode"] == 0, answer
        found: dict[str, Any] = answer["result"]
        return found

    def done(self, path: str, body: object) -> dict[str, Any]:
        """What a POST answers; it must succeed."""
        answer = self.post(path, body)
        assert answer["retCode"] == 0, answer
        found: dict[str, Any] = answer["result"]
        return found


@attrs.define(eq=False)
class PlainSocket:
    """A connection; frames that were read and not yet asked for wait in `unread`."""

    connection: WebSocketConnection
    unread: list[dict[str, Any]] = attrs.Factory(list)

    async def say(self, **message: object) -> None:
        """Send a control frame."""
        await self.connection.send_message(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        """The next frame."""
        if self.unread:
            return self.unread.pop(0)
        with trio.fail_after(_BOUND_S):
            found: dict[str, Any] = json.loads(await self.connection.get_message())
        return found

    async def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next frame that fits; those before it stay unread, in their order."""
        passed: list[dict[str, Any]] = []
        while not fits(frame := await self.hear()):
            passed.append(frame)
        self.unread = passed + self.unread
        return frame

    async def topic(self, topic: str) -> dict[str, Any]:
        """The next data frame of a topic."""
        return await self.until(lambda frame: frame.get("topic") == topic)

    async def ask(self, **message: object) -> dict[str, Any]:
        """Send a control frame; the next frame that is an answer."""
        await self.say(**message)
        return await self.until(lambda frame: "topic" not in frame)

    async def authenticate(self, key: str, secret: str, now_ms: int) -> dict[str, Any]:
        """The answer to `auth`."""
        expires = now_ms + 10_000
        return await self.ask(op="auth", args=[key, expires, sign(secret, f"GET/realtime{expires}")])


@asynccontextmanager
async def plain_socket(address: str, path: str) -> AsyncIterator[PlainSocket]:
    """`path` as in `public/linear`."""
    host, _, port = address.partition(":")
    async with await trio.open_tcp_stream(host, int(port)) as stream, trio.open_nursery() as nursery:
        connection = await wrap_client_stream(nursery, stream, address, f"/v5/{path}")
        try:
            yield PlainSocket(connection)
        finally:
            with trio.move_on_after(_BOUND_S, shield=True):
                await connection.aclose()
            nursery.cancel_scope.cancel()
