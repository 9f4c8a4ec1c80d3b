"""The simulator's gateway: as thin as can be, it passes the whole port on to the venue, which answers the asker.

With latencies a request is under way for a while, and so is its answer; each on its own, so a later request may arrive
earlier, and a cancel may come too late.
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
    """A request that was under way arrives."""

    number: int


class Back(msgspec.Struct, frozen=True):
    """An answer that was under way arrives."""

    number: int
    answer: Any


class SimulatedGateway(Actor):
    """In front of `venue`; `entry` is the way there, `response` the way back."""

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
        """Pass on; the answer goes to whoever asked."""
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
        """Now it is asked."""
        request = self._requests.pop(message.number)
        self._asked[ctx.ask(self._venue, request, _TIMEOUT_NS)] = message.number

    @handles(OrderResult, BatchResult, *_REPORTS)
    def answered(self, message: Any, ctx: Context) -> None:
        """The way back begins."""
        number = self._asked.pop(ctx.correlation)
        delay_ns = self._response.delay_ns(ctx.now, ctx.rng("response").random())
        ctx.after(delay_ns, Back(number, message), f"back/{number}")

    @handles(Back)
    def back(self, message: Back, ctx: Context) -> None:
        """To whoever asked."""
        ctx.answer(self._askers.pop(message.number), message.answer)

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """The venue is silent: so are we, and the asker's own deadline tells him."""
        self._askers.pop(self._asked.pop(message.correlation))
