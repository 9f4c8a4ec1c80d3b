"""The local exchange of a rehearsal: a process of its own, stepped over a control route."""

import http.client
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import msgspec

from actors.app.live.venues import LOCAL_KEYS
from actors.model.errors import NetworkError
from ideacards.bars import BAR_COLUMNS
from ideacards.feeds import Bars

__all__ = ["ExchangeControl", "ExchangePlan", "MarketStep", "WaitingCall", "exchange_process"]

_START_S = 60.0
_ANSWER_S = 60.0
_HEAD = "local exchange on http://"


@attrs.frozen
class ExchangePlan:
    """What it lists and who trades there: one symbol over `bars`, of which `history` lie before the start.

    `leaders` are further symbols, each with bars before the start.
    """

    bars: Bars
    history: int
    equity: Decimal
    leverage: int
    matching: str  # a simulator profile, by name or file
    words: Sequence[str] = ()  # further options of `coldframe exchange`
    leaders: Mapping[str, Bars] = attrs.field(factory=dict)

    @property
    def start_ms(self) -> int:
        """The open of the first bar of the run."""
        return int(self.bars.ts_open[self.history])

    @property
    def least_history(self) -> int:
        """Bars before the start of the symbol that has the fewest of them."""
        counts = (int((bars.ts_open < self.start_ms).sum()) for bars in self.leaders.values())
        return min([self.history, *counts])


class MarketStep(msgspec.Struct, frozen=True):
    """Where the market is after it went on; `told` frames by kind of socket have been sent to clients so far."""

    market_ms: int
    told: dict[str, int]
    is_closed: bool
    is_over: bool


class WaitingCall(msgspec.Struct, frozen=True):
    """A request that is not answered until time goes on: as it was sent, with its time stamp ("" for none)."""

    path: str
    payload: str
    timestamp: str


class ExchangeControl:
    """The control route; one connection, kept open."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._connection = http.client.HTTPConnection(address, timeout=_ANSWER_S)

    def advance(self, until_ms: int | None, heard: Mapping[str, int], told: Mapping[str, int]) -> MarketStep:
        """Let the market go on (see the server's EventAdvancer). NetworkError where it does not."""
        body: dict[str, Any] = {"heard": heard, "told": told}
        if until_ms is not None:
            body["until_ms"] = until_ms
        return msgspec.json.decode(self.asked("/control/advance", body), type=MarketStep)

    def waiting(self) -> list[WaitingCall]:
        """Requests that faults keep waiting. NetworkError where it does not say."""
        return msgspec.json.decode(self.asked("/control/waiting"), type=list[WaitingCall])

    def asked(self, path: str, body: Any = None) -> bytes:
        """POST a body, or GET without one; the answer. NetworkError for none, or another than HTTP 200."""
        method, content = ("GET", None) if body is None else ("POST", json.dumps(body))
        try:
            self._connection.request(method, path, content)
            answer = self._connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NetworkError(f"the local exchange does not answer: {type(error).__name__}: {error}") from error
        if answer.status != 200:
            raise NetworkError(f"the local exchange refuses {path}: {data.decode(errors='replace').strip()}")
        return data

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@contextmanager
def exchange_process(plan: ExchangePlan) -> Iterator[ExchangeControl]:
    """The process, ended with the block. NetworkError where it does not come up."""
    with tempfile.TemporaryDirectory(prefix="coldframe-rehearsal-") as folder:
        words = _files(plan, Path(folder))
        command = [sys.executable, "-m", "actors.app.cli", "exchange", "--listen", "127.0.0.1:0", "--stepped", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            control = ExchangeControl(_address(process))
            try:
                yield control
            finally:
                control.close()
        finally:
            _end(process)


def _files(plan: ExchangePlan, folder: Path) -> list[str]:
    """Write bars and account; the options that name them."""
    listed: list[str] = []
    for number, bars in enumerate((plan.bars, *plan.leaders.values())):  # at equal times the traded one's events first
        file = folder / f"bars{number}.csv"
        file.write_text(_as_csv(bars), encoding="ascii")
        listed += ["--bars", f"{bars.symbol}={file}"]
    accounts = folder / "accounts.toml"
    accounts.write_text(
        f'[[account]]\nkey = "{LOCAL_KEYS.key}"\nsecret = "{LOCAL_KEYS.secret.reveal()}"\nuid = 1\n'
        f'leverage = {plan.leverage}\nbalances = [{{coin = "USDT", amount = {plan.equity}}}]\n',
        encoding="ascii",
    )
    return [
        *listed, "--history", str(plan.least_history), "--epoch", str(plan.start_ms),
        "--accounts", str(accounts), "--matching", plan.matching, *plan.words,
    ]  # fmt: skip


def _as_csv(bars: Bars) -> str:
    digits = bars.price_digits
    columns = [getattr(bars, f"price_{name}").tolist() for name in BAR_COLUMNS[:4]]
    rows = ["ts_ms,open,high,low,close,volume"]
    for at, ts_ms in enumerate(bars.ts_open.tolist()):
        prices = ",".join(str(Decimal(column[at]).scaleb(-digits)) for column in columns)
        rows.append(f"{ts_ms},{prices},{Decimal(repr(float(bars.volume[at]))):f}")
    return "\n".join(rows) + "\n"


def _address(process: "subprocess.Popen[str]") -> str:
    """HOST:PORT from the line that it prints when it is up."""
    assert process.stdout is not None
    assert process.stderr is not None
    ready, _, _ = select.select([process.stdout], [], [], _START_S)
    line = process.stdout.readline() if ready else ""
    if not line.startswith(_HEAD):
        process.kill()
        said = process.stderr.read().strip() or "it says nothing"
        raise NetworkError(f"the local exchange did not start: {said}")
    return line.removeprefix(_HEAD).split(": ")[0]


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
