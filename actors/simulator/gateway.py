"""The simulator's gateway: forwards every request of the port to the venue, which answers the asker directly.

With latency, requests and answers are delayed independently: a later request may arrive earlier, and a cancel may
arrive too late.
"""

from typing import Any

import msgspec

from actors.gateway.messages import PORT_CLASSES
from actors.model.backend import (
    Batch,
    BatchResult,
    ClosedBars,
    Command,
    EquityReport,
    Executions,
    OpenOrders,
    OrderFound,
    PositionReport,
    Query,
    ServerTime,
)
from actors.model.result import OrderResult
from actors.simulator.latency import NO_LATENCY, Latency
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Asker, AskFailed, Ref

__all__ = ["SimulatedGateway"]

_REPORTS = (OpenOrders, OrderFound, Executions, PositionReport, EquityReport, ClosedBars, ServerTime)
_TIMEOUT_NS = 60_000_000_000


class AtVenue(msgspec.Struct, frozen=True):
    """A delayed request arrives at the venue."""

    number: int


class Back(msgspec.Struct, frozen=True):
    """A delayed answer arrives at the gateway."""

    number: int
    answer: Any


class SimulatedGateway(Actor):
    """Stands before `venue`; `entry` delays requests, `response` delays answers."""

    def __init__(self, venue: Ref, entry: Latency = NO_LATENCY, response: Latency = NO_LATENCY) -> None:
        self._venue = venue
        self._entry = entry
        self._response = response
        self._is_instant = entry == NO_LATENCY == response
        self._number = 0
        self._askers: dict[int, Asker] = {}
        self._requests: dict[int, Command | Batch | Query] = {}
        self._asked: dict[int, int] = {}

    @handles(*PORT_CLASSES)
    def request(self, message: Command | Batch | Query, ctx: Context) -> None:
        """Forward the request, at once or after the entry latency; the answer goes to the asker."""
        if self._is_instant:
            ctx.forward(self._venue, message)
            return
        self._number += 1
        self._askers[self._number] = ctx.asker()
        self._requests[self._number] = message
        delay_ns = self._entry.delay_ns(ctx.now, ctx.rng("entry").random())
        ctx.after(delay_ns, AtVenue(self._number), f"there/{self._number}")

    @handles(AtVenue)
    def at_venue(self, message: AtVenue, ctx: Context) -> None:
        """Ask the venue."""
        request = self._requests.pop(message.number)
        self._asked[ctx.ask(self._venue, request, _TIMEOUT_NS)] = message.number

    @handles(OrderResult, BatchResult, *_REPORTS)
    def answered(self, message: Any, ctx: Context) -> None:
        """Delay the venue's answer by the response latency."""
        number = self._asked.pop(ctx.correlation)
        delay_ns = self._response.delay_ns(ctx.now, ctx.rng("response").random())
        ctx.after(delay_ns, Back(number, message), f"back/{number}")

    @handles(Back)
    def back(self, message: Back, ctx: Context) -> None:
        """Answer the asker."""
        ctx.answer(self._askers.pop(message.number), message.answer)

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """No reply from the venue: send none either and let the asker time out."""
        self._askers.pop(self._asked.pop(message.correlation))
