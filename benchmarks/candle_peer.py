"""Bybit's public stream in small, in a process of its own: closed candles at a steady pace, open ones between them.

It serves one socket on a free loopback port, which it prints, and waits for a line of JSON on standard input: a `Pace`.
Then it pushes, says `done`, and waits for the next. A frame's `ts` is when it left, in ns of the monotonic clock.
"""

import json
import sys
import time
from functools import partial

import attrs
import msgspec
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, serve_websocket

__all__ = ["MINUTE_MS", "Pace", "main"]

MINUTE_MS = 60_000
_TOGETHER = 10  # open candles at a wake-up


class Pace(msgspec.Struct):
    """`closes` candles from `start_ms` on, `every_s` apart, each at `price`; `frames_per_second` in all."""

    start_ms: int
    price: str
    closes: int
    every_s: float
    frames_per_second: int = 0


def candle(start_ms: int, price: str, *, confirm: bool) -> str:
    """A frame."""
    row = {
        "start": start_ms, "end": start_ms + MINUTE_MS - 1, "interval": "1", "open": price, "close": price,
        "high": price, "low": price, "volume": "1", "turnover": "1", "confirm": confirm, "timestamp": start_ms,
    }  # fmt: skip
    head = {"topic": "kline.1.BTCUSDT", "type": "snapshot", "ts": time.monotonic_ns(), "data": [row]}
    return json.dumps(head, separators=(",", ":"))


@attrs.define
class Peer:
    """The newest connection."""

    socket: WebSocketConnection | None = None

    async def serve(self, request: WebSocketRequest) -> None:
        """Answer what a client asks for."""
        self.socket = await request.accept()
        while True:
            try:
                asked = json.loads(await self.socket.get_message())
            except ConnectionClosed:
                return
            ret_msg = "pong" if asked["op"] == "ping" else ""
            answer = {"success": True, "ret_msg": ret_msg, "conn_id": "c", "op": asked["op"]}
            await self.socket.send_message(json.dumps(answer | {"req_id": asked.get("req_id", "")}))

    async def push(self, pace: Pace) -> int:
        """Everything at its time; returns how many frames."""
        assert self.socket is not None
        open_ones = max(0, round(pace.frames_per_second * pace.every_s) - 1)
        begun = trio.current_time()
        for number in range(pace.closes):
            start_ms = pace.start_ms + number * MINUTE_MS
            for one in range(open_ones):
                if one % _TOGETHER == 0:
                    await trio.sleep_until(begun + (number + one / (open_ones + 1)) * pace.every_s)
                await self.socket.send_message(candle(start_ms, pace.price, confirm=False))
            await trio.sleep_until(begun + (number + 1) * pace.every_s)
            await self.socket.send_message(candle(start_ms, pace.price, confirm=True))
        return pace.closes * (open_ones + 1)


async def _serve() -> None:
    peer = Peer()
    async with trio.open_nursery() as nursery:
        server = await nursery.start(partial(serve_websocket, peer.serve, "127.0.0.1", 0, None))
        print(server.port, flush=True)
        while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
            print(await peer.push(msgspec.json.decode(line, type=Pace)), flush=True)
        nursery.cancel_scope.cancel()


def main() -> None:
    """Serve until standard input ends."""
    trio.run(_serve)


if __name__ == "__main__":
    main()
