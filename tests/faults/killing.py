"""A trading run as a process that is killed, the exchange that lives on, and what both know afterwards."""

import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
import msgspec

from actors.app.live.memories import Recollection
from actors.app.runs.recorded import records_of
from actors.bybit.signing import rest_headers
from tests.actors.bybit.edges.live import BOUND_S, KEY, SECRET, Exchange
from tests.runtime.live.processes import ROOT

__all__ = [
    "Books",
    "Launcher",
    "TradingRun",
    "books_of",
    "executions_of",
    "launcher",
    "let_orders_travel",
    "orders_of",
    "state_of",
]


@attrs.define(eq=False)
class TradingRun:
    """One process; `said` is what it has printed so far."""

    pid: int
    out: int
    said: str = ""

    def says(self, word: str, bound_s: float) -> bool:
        """Whether it prints a word within so many real seconds; False when it does not, or has ended."""
        ends_at = time.monotonic() + bound_s
        while word not in self.said:
            left_s = ends_at - time.monotonic()
            if left_s <= 0 or not select.select([self.out], [], [], left_s)[0]:
                return False
            text = os.read(self.out, 65_536)
            if not text:
                return False
            self.said += text.decode(errors="replace")
        return True

    def kill(self) -> None:
        """SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM."""
        os.kill(self.pid, signal.SIGTERM)


@attrs.define(eq=False)
class Launcher:
    """The process that forks."""

    process: subprocess.Popen[str]
    folder: Path
    _count: int = 0

    def start(self, *argv: str) -> TradingRun:
        """Start one."""
        self._count += 1
        fifo = self.folder / f"out-{self._count}"
        os.mkfifo(fifo)
        out = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        pid = int(self._ask({"argv": list(argv), "out": str(fifo)}))
        assert select.select([out], [], [], BOUND_S)[0], "the run prints nothing"
        return TradingRun(pid, out)

    def ended(self, run: TradingRun) -> int:
        """How it has ended: its exit code, or the negative number of a signal."""
        code = int(self._ask({"wait": run.pid}))
        run.says("\0", 0)  # what is left
        os.close(run.out)
        return code

    def _ask(self, order: dict[str, Any]) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def launcher(folder: Path, card: Path) -> Iterator[Launcher]:
    """For runs of a card; ended with the test, and its children with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.launcher", str(card)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield Launcher(process, folder)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


# -- what the exchange knows ------------------------------------------------------------------------------------------


def state_of(exchange: Exchange) -> dict[str, Any]:
    """The account and the clock, over the control route."""
    state = _ask(exchange, "/control/state", {})
    return {**state["accounts"][0], "market_ms": state["clock"]["market_ms"]}


def let_orders_travel(exchange: Exchange, ms: int) -> None:
    """From now on a new order arrives so many exchange milliseconds after it was sent."""
    _ask(exchange, "/control/faults", {}, {"kind": "delay", "path": "order/create", "ms": ms, "times": "always"})


def executions_of(exchange: Exchange) -> list[dict[str, Any]]:
    """All executions, the newest first."""
    return _pages(exchange, "/v5/execution/list")


def orders_of(exchange: Exchange) -> list[dict[str, Any]]:
    """All orders that have ended, the newest first."""
    return _pages(exchange, "/v5/order/history")


def _pages(exchange: Exchange, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        query = urlencode({"category": "linear", "symbol": "BTCUSDT", "limit": "50", "cursor": cursor})
        answer = _ask(exchange, f"{path}?{query}", rest_headers(SECRET, KEY, exchange.now_ms(), query))
        assert answer["retCode"] == 0, answer
        rows += answer["result"]["list"]
        cursor = answer["result"]["nextPageCursor"]
        if not cursor or not answer["result"]["list"]:
            return rows


def _ask(exchange: Exchange, path: str, headers: dict[str, str], body: dict[str, Any] | None = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", exchange.port, timeout=BOUND_S)
    try:
        posted = None if body is None else json.dumps(body)
        connection.request("GET" if posted is None else "POST", path, posted, headers)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer


# -- what the journal knows -------------------------------------------------------------------------------------------


@attrs.frozen
class Books:
    """Of all runs of a journal: executions that were ever booked, by id, and the state after the last run."""

    exec_ids: frozenset[str]
    qty: int
    quarantine: str
    open_ids: frozenset[str]


def books_of(journal: Path) -> Books:
    """Read a journal that nobody writes."""
    memory, exec_ids = Recollection(), set()
    for record in records_of(journal):
        memory.take(record)
        if record.kind == "memory":
            _, _, (_, kept) = msgspec.json.decode(record.payload)
            if kept["topic"] == "executions":
                exec_ids.add(kept["value"]["exec_id"])
    topics = memory.topics
    booked = topics.get("booked", {}).get("BTCUSDT")
    orders = topics.get("orders", {}).values()
    still_open = frozenset(order.request.link_id for order in orders if not order.status.has_ended)
    qty, quarantine = (0, "") if booked is None else (int(booked.position.qty), booked.quarantine)
    return Books(frozenset(exec_ids), qty, quarantine, still_open)
