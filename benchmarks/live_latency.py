"""How long does the live stack take from a closed candle to an order over the trade socket, and does it stay bounded?

The whole tree of a live run under the live driver, its journal on disk; the local exchange in a process of its own for
REST, private and trade socket; a public stream in another (`candle_peer.py`). A card decides on every candle, in turn
to enter and to exit. Each order is measured from its candle, once from the instant at which the edge has the frame off
the socket, and once from the instant at which the frame left the other process, until its bytes are given to the
operating system. All of it shares one machine: read the load beside the figures.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import msgspec
import numpy as np
import trio

from actors.app import names
from actors.app.exchanges.bybit import BybitPolicies, Readers, bybit_exchange
from actors.app.exchanges.ports import PORTS, PRIVATE_PORT, PUBLIC_PORT, STATUS_PORT
from actors.app.live.journal import LiveHeader, LiveJournal, open_journal
from actors.app.live.planning import plan_of
from actors.app.live.preflight import Preflight, preflight
from actors.app.live.venues import LiveVenue
from actors.app.markets import Markets
from actors.app.runs.run import ExecutorProgram
from actors.app.settings import LimitSettings, Settings, load_settings, settings_text
from actors.app.tree import CardPlan, house
from actors.bybit.control import auth_request
from actors.bybit.edges.keys import ApiKeys, Secret
from actors.bybit.edges.mailbox import FrameMailbox
from actors.bybit.edges.socket import SocketEdge
from actors.bybit.endpoints import Environment
from actors.bybit.topics import Socket
from actors.bybit.wire.base import encode
from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.marketdata.feed import Appended
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.transitions import StreamState
from actors.websocket.wiring import TRADE_PORT
from benchmarks.candle_peer import MINUTE_MS, Pace
from benchmarks.exchange_load import KEY, SECRET, _memory_kib, exchange
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import Feeds, GrowingBars
from ideacards.loader import load_card
from runtime.drivers.live import LiveDriver
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref

__all__ = ["main"]

TRADE = names.TRADE_SOCKET
_CARD = """
id: every_bar
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000, leverage: 1}
blocks:
  - id: entry
    cases:
      - when: position.flat
        emit: {action: enter_long, size: {quantity: 0.01}}
  - id: exit
    cases:
      - when: position.long
        emit: {action: exit}
"""
_MANY = 100_000
_LEAST_ORDER = 200  # bytes; a ping and the frame that signs in are shorter
_SYNCS = 200


@attrs.define
class Marks:
    """Instants in ns of the monotonic clock: closed candles when they left and when they were read, orders when sent.

    `deepest` is the most frames that have waited for the kernel.
    """

    left: list[int] = attrs.field(factory=list)
    read: list[int] = attrs.field(factory=list)
    sent: list[int] = attrs.field(factory=list)
    deepest: int = 0

    def clear(self) -> None:
        """Forget what was measured."""
        self.left.clear()
        self.read.clear()
        self.sent.clear()
        self.deepest = 0

    def spans_us(self, since: list[int]) -> np.ndarray:
        """From the newest candle before each order, microseconds."""
        return np.array([sent - since[bisect_right(self.read, sent) - 1] for sent in self.sent]) / 1000


class _Mailbox(FrameMailbox):
    """Notes when a closed candle is off the socket."""

    def __init__(self, marks: Marks) -> None:
        super().__init__()
        self._marks = marks

    def put(self, text: str) -> bool:
        if '"confirm":true' in text:
            self._marks.read.append(time.monotonic_ns())
            self._marks.left.append(msgspec.json.decode(text)["ts"])
        fits = super().put(text)
        self._marks.deepest = max(self._marks.deepest, len(self))
        return fits


class _Tap(trio.abc.Stream):
    """A TCP stream that notes when an order's bytes are given to the operating system.

    The call itself takes some 40 us; where the exchange that it wakes takes our processor, it returns much later.
    """

    def __init__(self, stream: trio.SocketStream, marks: Marks) -> None:
        self._stream = stream
        self._marks = marks

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        if len(data) >= _LEAST_ORDER:
            self._marks.sent.append(time.monotonic_ns())
        await self._stream.send_all(data)

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()


class _TradeEdge(SocketEdge):
    """The edge over a `_Tap`."""

    marks: Marks

    async def _speak(self, stream: Any, link: Any, emit: Any) -> None:
        await super()._speak(_Tap(stream, self.marks), link, emit)


def _program(card: Card, columns: GrowingBars) -> ExecutorProgram:
    feeds = Feeds.build(card, columns.newest())
    return ExecutorProgram(StrategyBlocksExecutor(card, feeds), feeds, 0)


def _kernel(card: Card, settings: Settings, found: Preflight, journal: Any) -> tuple[Kernel, GrowingBars]:
    plan = plan_of((card,), settings, found)
    instrument = plan.instruments["BTCUSDT"]
    columns = GrowingBars("BTCUSDT", MINUTE_MS, instrument.price_digits)
    appended = {"BTCUSDT": Appended(columns, instrument, since_ms=plan.since_ms["BTCUSDT"])}
    branch = bybit_exchange(settings, plan.instruments, appended, BybitPolicies(), Readers(), has_trade_socket=True)
    blocks = tuple(block.id for block in card.blocks)
    cards = (CardPlan(card.id, blocks, partial(_program, card, columns), "BTCUSDT"),)
    markets = Markets(plan.instruments, {"BTCUSDT": columns}, plan.start_equity)
    tree = house(settings, markets, cards, branch, has_journal=journal is not None)
    return Kernel(tree, seed=settings.seed, ports=PORTS, journal=journal), columns


@contextmanager
def _peer() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-P", "-m", "benchmarks.candle_peer"]
    pipe = subprocess.PIPE
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root, env={"PYTHONPATH": str(root)}) as peer:
        assert peer.stdout is not None
        try:
            yield int(peer.stdout.readline()), peer
        finally:
            peer.terminate()


def _settings() -> Settings:
    """The profile `local` without its rate limits, which are not the question here."""
    settings = load_settings("local")
    fields = [field.name for field in attrs.fields(LimitSettings)]
    return attrs.evolve(settings, limits=LimitSettings(**dict.fromkeys(fields, _MANY) | {"reserve_percent": 0}))


def _header(found: Preflight) -> LiveHeader:
    """Of a journal that nobody replays."""
    return LiveHeader(
        "local", settings_text(_settings()), (), tuple(found.instruments.values()), found.equity, found.time_ms
    )


async def _measure(
    driver: LiveDriver, columns: GrowingBars, peer: "subprocess.Popen[str]", marks: Marks, chosen: argparse.Namespace
) -> None:
    """Let each pace play, and print what came of it."""
    assert peer.stdin is not None
    assert peer.stdout is not None
    while _socket_of(driver, TRADE)._state is not StreamState.LIVE:
        await trio.sleep(0.01)
    public = _socket_of(driver, names.PUBLIC_SOCKET).counts
    for rate in (0, 0, chosen.rate):  # the first warms up
        newest = columns.newest()
        price = f"{newest.close[-1]:.1f}"
        pace = Pace(int(newest.ts_open[-1]) + MINUTE_MS, price, chosen.candles, chosen.every, rate)
        marks.clear()
        before = attrs.evolve(public)
        memory, begun, processor = _memory_kib(0), time.monotonic(), time.process_time()
        peer.stdin.write(msgspec.json.encode(pace).decode() + "\n")
        peer.stdin.flush()
        frames = int(await trio.to_thread.run_sync(peer.stdout.readline))
        seconds = time.monotonic() - begun
        await trio.sleep(0.2)
        counts = public.frames - before.frames, public.dropped - before.dropped
        share = (time.process_time() - processor) / (time.monotonic() - begun)
        _print(marks, frames, seconds, counts, _memory_kib(0) - memory)
        print(f"       {100 * share:.0f} % of a processor", flush=True)


def _socket_of(driver: LiveDriver, ref: Ref) -> ResilientWebSocket:
    """The actor itself: a question from outside would be an input of the run."""
    actor = driver.kernel.cell(ref).actor
    assert isinstance(actor, ResilientWebSocket)
    return actor


def _print(marks: Marks, frames: int, seconds: float, counts: tuple[int, int], grown_kib: int) -> None:
    passed, merged = counts
    print(f"{frames / seconds:6.0f} public frames a second, {len(marks.read)} closed candles, {len(marks.sent)} orders")
    for name, since in (("read", marks.read), ("sent by the venue", marks.left)):
        spans = marks.spans_us(since)
        if not len(spans):
            continue
        p50, p99 = np.percentile(spans, [50, 99])
        spread = f"p50 {p50:6.0f} us, p99 {p99:6.0f} us, max {spans.max():6.0f} us"
        print(f"       candle {name:>17} to order bytes out: {spread}")
    print(f"       {passed} frames read, {merged} replaced by newer ones, at most {marks.deepest} waiting")
    print(f"       memory {grown_kib / 1024:+.1f} MiB", flush=True)


async def _run(
    chosen: argparse.Namespace,
    folder: Path,
    venue: LiveVenue,
    peer: tuple[int, Any],
    found: Preflight,
    journal: LiveJournal | None,
) -> None:
    card_file = folder / "every_bar.yaml"
    card_file.write_text(_CARD, encoding="utf-8")
    kernel, columns = _kernel(load_card(card_file), _settings(), found, None if journal is None else journal.boundary)
    if journal is not None:
        journal.boundary.kernel = kernel
    marks = Marks()
    trade = _TradeEdge(venue.socket_url(Socket.TRADE), sign=_sign)
    trade.marks = marks
    rest = venue.rest()
    edges = {
        READ_PORT: rest.serve,
        WRITE_PORT: rest.serve,
        PRIVATE_PORT: venue.socket(Socket.PRIVATE),
        PUBLIC_PORT: SocketEdge(f"ws://127.0.0.1:{peer[0]}/v5/public/linear", mailbox=lambda: _Mailbox(marks)),
        TRADE_PORT: trade,
        STATUS_PORT: venue.socket(Socket.STATUS),
    }
    driver = LiveDriver(kernel, edges, store=None if journal is None else journal.log)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run)
        await driver.wait_up()
        assert kernel.life.outcome is None, kernel.life.outcome
        await _measure(driver, columns, peer[1], marks, chosen)
        driver.stop("measured")
    if journal is not None:
        journal.end(kernel)
    assert kernel.life.outcome is not None
    print(f"       ended {'in order' if kernel.life.outcome.is_clean else kernel.life.outcome}")


def _sign(expires_ms: int) -> str:
    return encode(auth_request(KEY, SECRET, expires_ms)).decode()


def _sync_us(folder: Path) -> float:
    """What every write to the journal costs here, whoever writes it."""
    taken = []
    with (folder / "syncs").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            begun = time.monotonic_ns()
            file.write(bytes(1_000))
            os.fdatasync(file.fileno())
            taken.append(time.monotonic_ns() - begun)
    return float(np.median(taken)) / 1000


def main(argv: list[str] | None = None) -> None:
    """Measure with the journal on disk, and then without one."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--candles", type=int, default=400, help="of each pace")
    options.add_argument("--every", type=float, default=0.05, help="seconds between closed candles")
    options.add_argument("--folder", type=Path, default=Path("."), help="of the journal, for as long as it runs")
    options.add_argument("--rate", type=int, default=2_000, help="public frames a second of the last pace")
    chosen = options.parse_args(argv)
    for has_journal in (True, False):
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print("with a journal on disk:" if has_journal else "without a journal:")
        with exchange(1.0) as (url, _), _peer() as peer, tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            folder = Path(name)
            keys = ApiKeys(Environment.LOCAL, KEY, Secret(SECRET))
            venue = LiveVenue(Environment.LOCAL, keys, url.removeprefix("ws://"))
            found = trio.run(preflight, venue, {"BTCUSDT": 1})
            journal = open_journal(folder / "journal", _header(found)) if has_journal else None
            if has_journal:
                print(f"       the disk alone: a write and its sync take {_sync_us(folder):.0f} us (p50)")
            trio.run(_run, chosen, folder, venue, peer, found, journal)


if __name__ == "__main__":
    main()
