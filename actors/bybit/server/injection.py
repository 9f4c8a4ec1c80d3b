"""The points at which faults act, one a transport. By default nothing happens at them."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

import attrs
from starlette.requests import Request
from starlette.responses import Response

from actors.bybit.endpoints import RestEndpoint
from actors.bybit.server.operations import CarryOut, carry_out
from actors.bybit.server.sockets.connection import Connection, Outgoing

__all__ = ["Door", "Hear", "Injection", "RestVisit"]


class Door(StrEnum):
    """What a client comes in by."""

    REST = "rest"
    PRIVATE = "private"
    TRADE = "trade"
    PUBLIC_LINEAR = "public linear"
    PUBLIC_SPOT = "public spot"
    STATUS = "status"


Hear = Callable[[Connection, str], Awaitable[None]]


@attrs.frozen
class RestVisit:
    """A REST request that has been read, before its signature is looked at."""

    request: Request
    endpoint: RestEndpoint
    payload: str  # the query or the body
    address: str
    key: str  # as the header says


async def _straight(visit: RestVisit, answer: Callable[[], Response]) -> Response:
    return answer()


def _as_it_is(connection: Connection, frame: bytes) -> list[tuple[float, bytes]]:
    return [(0.0, frame)]


@attrs.frozen
class Injection:
    """`rest` stands around a request, `hear` around a frame of a client, `outgoing` before a frame to it.

    `carry_out` carries a decoded request out, whichever door it came in by; `opened` hears of every new connection.
    """

    rest: Callable[[RestVisit, Callable[[], Response]], Awaitable[Response]] = _straight
    hear: Callable[[Hear], Hear] = lambda hear: hear
    outgoing: Outgoing = _as_it_is
    carry_out: Callable[[str], CarryOut] = lambda door: carry_out
    opened: Callable[[Connection], None] = lambda connection: None
