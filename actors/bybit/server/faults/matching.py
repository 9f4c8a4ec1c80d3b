"""Which traffic a fault is for: requests, answers and frames as far as a matcher looks at them."""

from typing import Any

import attrs
import msgspec

from actors.bybit.server.injection import Door
from actors.bybit.topics import Socket

__all__ = ["Match", "Traffic", "heard_traffic", "sent_traffic"]

_ORDER = "order."


@attrs.frozen
class Traffic:
    """One request, answer or frame. `path` as in /v5/order/create, for the ops of the trade socket too."""

    door: str
    path: str = ""
    op: str = ""
    topic: str = ""
    symbols: tuple[str, ...] = ()
    account: str = ""  # its API key


@attrs.frozen(kw_only=True)
class Match:
    """What must be so; None matches everything. A topic matches those below it: `order` also `order.linear`."""

    path: str | None = None
    op: str | None = None
    topic: str | None = None
    symbol: str | None = None
    socket: Door | None = None
    account: str | None = None

    def takes(self, traffic: Traffic) -> bool:
        """Whether the traffic is meant."""
        return (
            (self.path is None or traffic.path.removeprefix("/v5/") == self.path.removeprefix("/v5/"))
            and (self.op is None or traffic.op == self.op)
            and (self.topic is None or f"{traffic.topic}.".startswith(f"{self.topic}."))
            and (self.symbol is None or self.symbol in traffic.symbols)
            and (self.socket is None or traffic.door == self.socket)
            and (self.account is None or traffic.account == self.account)
        )

    def takes_socket(self, door: str, account: str) -> bool:
        """Whether a connection is meant, whatever is said on it."""
        return (self.socket is None or door == self.socket) and (self.account is None or account == self.account)


def heard_traffic(socket: Socket, account: str, text: str) -> Traffic:
    """A frame of a client; one that is no JSON object has neither op nor symbols."""
    frame = _object(text)
    op = str(frame.get("op", ""))
    args = frame.get("args")
    symbols: list[str] = []
    for arg in args if isinstance(args, list) else ():
        if isinstance(arg, dict):
            symbols += _symbols([arg, *_rows(arg.get("request"))])
        elif isinstance(arg, str) and op in ("subscribe", "unsubscribe"):
            symbols.append(arg.rpartition(".")[2])
    return Traffic(socket, _path(op), op, symbols=tuple(symbols), account=account)


def sent_traffic(socket: Socket, account: str, frame: bytes) -> Traffic:
    """A frame to a client: an answer has an op, a pushed frame a topic."""
    said = _object(frame)
    topic, data = str(said.get("topic", "")), said.get("data")
    op = "" if topic else str(said.get("op", ""))
    symbols = _symbols(_rows(data if isinstance(data, list) else [data]))
    if not symbols and topic:
        symbols = [topic.rpartition(".")[2]]
    return Traffic(socket, _path(op), op, topic, tuple(symbols), account)


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return {}
    return found if isinstance(found, dict) else {}


def _path(op: str) -> str:
    return f"/v5/{op.replace('.', '/', 1)}" if op.startswith(_ORDER) else ""


def _rows(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _symbols(rows: list[dict[str, Any]]) -> list[str]:
    found = [row.get("symbol", row.get("s")) for row in rows]
    return [each for each in found if isinstance(each, str)]
