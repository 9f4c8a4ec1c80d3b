"""What does the local exchange carry: order requests a second by socket, and public frames a second to ten subscribers?

The server is a process of its own; the clients are plain sockets. Memory is the server's, before and after.
"""

import argparse
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, open_websocket_url

__all__ = ["main"]

KEY, SECRET = "load-key", "load-secret"
_ACCOUNTS = f'[[account]]\nkey = "{KEY}"\nsecret = "{SECRET}"\nuid = 1\norder_rate = 1000000\n'
_TOPICS = [
    f"{kind}.{symbol}" for symbol in ("BTCUSDT", "ETHUSDT") for kind in ("orderbook.1", "orderbook.50", "tickers")
]
_IN_FLIGHT = 50


def _memory_kib(pid: int) -> int:
    """Resident memory of a process; of this one for 0."""
    lines = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


async def orders_per_second(url: str, count: int, prefix: str) -> float:
    """Create and cancel, each counted; a window of requests is in flight."""
    async with open_websocket_url(f"{url}/v5/trade") as socket:
        expires = int(time.time() * 1000) + 10_000
        sign = hmac.new(SECRET.encode(), f"GET/realtime{expires}".encode(), hashlib.sha256).hexdigest()
        await socket.send_message(json.dumps({"op": "auth", "args": [KEY, expires, sign]}))
        assert json.loads(await socket.get_message())["retCode"] == 0
        window = trio.Semaphore(_IN_FLIGHT)
        begun = time.perf_counter()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_send_orders, socket, count, prefix, window)
            for _ in range(count):
                answer = json.loads(await socket.get_message())
                assert answer["retCode"] == 0, answer
                window.release()
        return count / (time.perf_counter() - begun)


async def _send_orders(socket: WebSocketConnection, count: int, prefix: str, window: trio.Semaphore) -> None:
    ids = {"category": "linear", "symbol": "BTCUSDT"}
    for number in range(count):
        await window.acquire()
        link = {"orderLinkId": f"{prefix}-{number // 2}"}
        order = ids | link | {"side": "Buy", "orderType": "Limit", "qty": "0.001", "price": "50000"}
        op, args = ("order.cancel", ids | link) if number % 2 else ("order.create", order)
        header = {"X-BAPI-TIMESTAMP": str(int(time.time() * 1000))}
        await socket.send_message(json.dumps({"reqId": str(number), "header": header, "op": op, "args": [args]}))


async def frames_per_second(url: str, subscribers: int, seconds: float) -> float:
    """Public frames that all subscribers heard together."""
    heard = 0

    async def subscribe() -> None:
        while True:  # who is dropped for being slow comes again
            with suppress(ConnectionClosed):
                await listen()

    async def listen() -> None:
        nonlocal heard
        async with open_websocket_url(f"{url}/v5/public/linear") as socket:
            await socket.send_message(json.dumps({"op": "subscribe", "args": _TOPICS}))
            while True:
                await socket.get_message()
                heard += 1

    begun = time.perf_counter()
    with trio.move_on_after(seconds):
        async with trio.open_nursery() as nursery:
            for _ in range(subscribers):
                nursery.start_soon(subscribe)
    return heard / (time.perf_counter() - begun)


@contextmanager
def exchange(time_rate: float) -> Iterator[tuple[str, int]]:
    """A server on a free port: the start of its sockets' addresses, and its process id."""
    with tempfile.TemporaryDirectory() as folder:
        accounts = Path(folder) / "accounts.toml"
        accounts.write_text(_ACCOUNTS, encoding="utf-8")
        command = [sys.executable, "-P", "-m", "actors.app.cli", "exchange", "--listen", "127.0.0.1:0"]
        command += ["--accounts", str(accounts), "--time-rate", str(time_rate)]
        place = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=place) as server:
            assert server.stdout is not None
            try:
                yield server.stdout.readline().split()[3].rstrip(":").replace("http", "ws"), server.pid
            finally:
                server.terminate()


def main(argv: list[str] | None = None) -> None:
    """Start a server for orders and one for frames, load them, print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=20_000)
    options.add_argument("--subscribers", type=int, default=10)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--time-rate", type=float, default=8.0, help="of the server of frames: that many are on offer")
    chosen = options.parse_args(argv)
    with exchange(1.0) as (orders_url, first), exchange(chosen.time_rate) as (frames_url, second):
        for number in range(chosen.rounds):
            before = _memory_kib(first) + _memory_kib(second)
            orders = trio.run(orders_per_second, orders_url, chosen.orders, f"load-{number}")
            frames = trio.run(frames_per_second, frames_url, chosen.subscribers, chosen.seconds)
            after = _memory_kib(first) + _memory_kib(second)
            print(f"round {number + 1}: {orders:7.0f} order requests a second (target 500)")
            print(f"         {frames:7.0f} public frames a second to {chosen.subscribers} (target 5000)")
            print(f"         {after / 1024:7.1f} MiB, {(after - before) / 1024:+.1f} in this round", flush=True)


if __name__ == "__main__":
    main()
