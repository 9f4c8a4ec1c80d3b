"""The control route's paths. Its errors are HTTP 400 with a line of plain text for each thing that is wrong."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.control.advancing import EventAdvancer
from actors.bybit.server.control.state import clock_state, exchange_state
from actors.bybit.server.control.stepping import ClockStepper, StepRefused
from actors.bybit.server.faults.desk import FaultDesk
from actors.bybit.server.faults.kinds import KINDS
from actors.bybit.server.faults.reading import BadFault, Wrong, fields_of, read_fault
from actors.bybit.server.http import limited_body
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.server.trading.exchange import LocalExchange

__all__ = ["ControlDesk"]

_MAX_BARS = 1_000_000
_MAX_TIMEOUT_MS = 600_000
_TIMEOUT_MS = 10_000
_MAX_NAME = 64
_BEYOND_MS = 86_400_000  # timers of a client may be due after the last bar


class _BadRequest(Exception):
    """A request that is not understood: one line each."""


@attrs.frozen
class ControlDesk:
    """Answers `/control/...`."""

    exchange: LocalExchange
    clock: ExchangeClock
    desk: FaultDesk
    stepper: ClockStepper
    advancer: EventAdvancer
    connections: dict[Connection, None]

    def routes(self) -> list[BaseRoute]:
        """Every path of it."""
        paths: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
            ("GET", "/control/faults/kinds", self.kinds),
            ("GET", "/control/faults", self.faults),
            ("POST", "/control/faults", self.order),
            ("POST", "/control/faults/clear", self.clear),
            ("GET", "/control/state", self.state),
            ("GET", "/control/clock", self.time),
            ("POST", "/control/clients", self.register),
            ("POST", "/control/clients/leave", self.leave),
            ("POST", "/control/quiescent", self.quiescent),
            ("POST", "/control/step", self.step),
            ("POST", "/control/advance", self.advance),
            ("GET", "/control/waiting", self.waiting),
        ]
        return [Route(path, _answering(answer), methods=[method]) for method, path, answer in paths]

    # -- faults -------------------------------------------------------------------------------------------------------

    async def kinds(self, request: Request) -> Any:
        """Every kind, with its parameters and the fields of its matcher."""
        return [
            {
                "kind": kind,
                "about": fault.about,
                "parameters": {name: _about(field) for name, field in fields_of(fault).items()},
                "matches": fault.uses,
                "needs": fault.needs,
                "is_act": fault.is_act,
            }
            for kind, fault in KINDS.items()
        ]

    async def faults(self, request: Request) -> Any:
        """Faults that are ordered, and those that have ended."""
        self.desk.perform_due()
        return self.desk.shown()

    async def order(self, request: Request) -> Any:
        """One fault, or a list of them: all or none."""
        given = await _json(request)
        rows = given if isinstance(given, list) else [given]
        orders, wrongs = [], []
        for number, row in enumerate(rows, start=1):
            place = f"{number}." if isinstance(given, list) else ""
            if not isinstance(row, dict):
                wrongs.append(Wrong(place.rstrip("."), "expected an object with a kind"))
                continue
            try:
                orders.append(read_fault(row))
            except BadFault as error:
                wrongs += [attrs.evolve(wrong, key=f"{place}{wrong.key}") for wrong in error.wrongs]
        if wrongs:
            raise BadFault(wrongs)
        return {"numbers": self.desk.order(orders)}

    async def clear(self, request: Request) -> Any:
        """End the fault with a `number`, or all of them."""
        number = _fields(await _json(request), number=(1, 2**31)).get("number")
        try:
            return {"cleared": self.desk.clear(number)}
        except KeyError:
            raise _BadRequest(f"number: no fault {number} is ordered") from None

    # -- what is, and time --------------------------------------------------------------------------------------------

    async def state(self, request: Request) -> Any:
        """The exchange as it is."""
        return exchange_state(self.exchange, self.clock, self.stepper, self.connections)

    async def time(self, request: Request) -> Any:
        """The clock, and the step."""
        return clock_state(self.clock, self.stepper)

    async def register(self, request: Request) -> Any:
        """A client that steps wait for."""
        self.stepper.register(_name(await _json(request), "name"))
        return clock_state(self.clock, self.stepper)

    async def leave(self, request: Request) -> Any:
        """A client that steps wait for no longer."""
        self.stepper.leave(_name(await _json(request), "name"))
        return clock_state(self.clock, self.stepper)

    async def quiescent(self, request: Request) -> Any:
        """A client has nothing left to do at a step; with `wait`, the answer comes when the next step has been made."""
        body = await _json(request)
        wait = body.pop("wait", False) if isinstance(body, dict) else False
        if type(wait) is not bool:
            raise _BadRequest(f"wait: expected true or false, got {wait!r}")
        name = _name(body, "name", "step")
        step = _fields({"step": body.get("step")}, step=(0, 2**31)).get("step", 0)
        self.stepper.quiescent(name, step)
        if wait:
            await self.stepper.next_step()
        return clock_state(self.clock, self.stepper)

    async def step(self, request: Request) -> Any:
        """Move the clock by `bars` (1), `by_ms`, or to `until_ms`, once all clients are quiescent."""
        longest = self.exchange.end_ms
        given = _fields(
            await _json(request),
            bars=(1, _MAX_BARS),
            by_ms=(1, longest),
            until_ms=(0, longest),
            timeout_ms=(0, _MAX_TIMEOUT_MS),
        )
        chosen = [name for name in ("bars", "by_ms", "until_ms") if name in given]
        if len(chosen) > 1:
            raise _BadRequest(f"{chosen[1]}: stands beside {chosen[0]}; one of them says how far")
        until_ms = given.get("until_ms")
        if "by_ms" in given:
            until_ms = self.clock.market_ms() + given["by_ms"]
        await self.stepper.step(given.get("bars"), until_ms, given.get("timeout_ms", _TIMEOUT_MS))
        return clock_state(self.clock, self.stepper)

    async def advance(self, request: Request) -> Any:
        """Let the market go on event by event, until a client has something to react to."""
        body = await _json(request)
        if not isinstance(body, dict):
            raise _BadRequest("expected an object")
        heard, told = (_counts(body, name) for name in ("heard", "told"))
        given = _fields(body, until_ms=(0, self.exchange.end_ms + _BEYOND_MS))
        return await self.advancer.advance(given.get("until_ms"), heard or {}, told)

    async def waiting(self, request: Request) -> Any:
        """REST requests that faults keep waiting."""
        return [attrs.asdict(each) for each in self.desk.waiting]


# -- plain JSON -------------------------------------------------------------------------------------------------------


def _answering(answer: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            found = await answer(request)
        except (_BadRequest, StepRefused, BadFault) as error:
            return PlainTextResponse(f"{error}\n", 400)
        return Response(msgspec.json.encode(found, enc_hook=str), 200, media_type="application/json")

    return endpoint


async def _json(request: Request) -> Any:
    body = await limited_body(request)
    if body is None:
        raise _BadRequest("the body is too large")
    try:
        return msgspec.json.decode(body or b"{}")
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _BadRequest(f"the body is not JSON: {error}") from None


def _fields(body: Any, **known: tuple[int, int]) -> dict[str, int]:
    """Whole numbers, each within its bounds; nothing else."""
    if not isinstance(body, dict):
        raise _BadRequest("expected an object")
    wrongs = [f"{key}: unknown key; known: {', '.join(known)}" for key in body if key not in known]
    for key, (least, most) in known.items():
        value = body.get(key, least)
        if type(value) is not int or not least <= value <= most:
            wrongs.append(f"{key}: is {value!r}, expected a whole number from {least} to {most}")
    if wrongs:
        raise _BadRequest("\n".join(wrongs))
    return body


def _counts(body: dict[str, Any], name: str) -> dict[str, int] | None:
    """Take out frames by kind of socket; None where they are not given."""
    counts: object = body.pop(name, None)
    if counts is None:
        return None
    if not isinstance(counts, dict) or not all(type(count) is int and count >= 0 for count in counts.values()):
        raise _BadRequest(f"{name}: is {counts!r}, expected whole numbers by kind of socket")
    return counts


def _name(body: Any, *known: str) -> str:
    if not isinstance(body, dict):
        raise _BadRequest("expected an object")
    wrongs = [f"{key}: unknown key; known: {', '.join(known)}" for key in body if key not in known]
    name = body.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        wrongs.append(f"name: is {name!r}, expected printable text of at most {_MAX_NAME} characters")
    if wrongs:
        raise _BadRequest("\n".join(wrongs))
    return str(name)


def _about(field: "attrs.Attribute[Any]") -> dict[str, Any]:
    kind = field.type
    names = [str(member.value) for member in kind] if isinstance(kind, type) and hasattr(kind, "__members__") else []
    shown: dict[str, Any] = {"is": " | ".join(names) or getattr(kind, "__name__", str(kind))}
    if field.default is not attrs.NOTHING:
        shown["default"] = field.default
    return shown | {name: value for name, value in field.metadata.items() if value is not None}
