"""The faults that are ordered: which one takes a piece of traffic, which act is due, and what is held back meanwhile.

Every choice is a function of the seed, the fault's number and how often it was asked, so a schedule repeats itself.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
import trio

from actors.bybit.endpoints import ENDPOINTS
from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.faults.kinds import DropSocket, ExchangeFault, HalfOpen, Moment
from actors.bybit.server.faults.matching import Match, Traffic
from actors.bybit.server.faults.reading import BadFault, FaultOrder, Wrong
from actors.bybit.server.market.dice import mixed
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.wire.base import WireError

__all__ = ["ActiveFault", "FaultDesk", "WaitingRequest", "check_order"]

_ENDED_KEPT = 1_000
_MAX_ACTIVE = 10_000
_PPM = 1_000_000
F = TypeVar("F", bound=ExchangeFault)


def check_order(order: FaultOrder, exchange: LocalExchange) -> list[Wrong]:
    """What the order names that does not exist here."""
    match, wrongs = order.match, []
    symbols = sorted({symbol for _, symbol in exchange.listings})
    if match.symbol is not None and match.symbol not in symbols:
        wrongs.append(Wrong("symbol", f"{match.symbol!r} is not listed", f"known: {', '.join(symbols)}"))
    if match.account is not None and match.account not in exchange.accounts:
        wrongs.append(Wrong("account", f"{match.account!r} is no key here", f"known: {', '.join(exchange.accounts)}"))
    if match.path is not None and f"/v5/{match.path.removeprefix('/v5/')}" not in ENDPOINTS:
        wrongs.append(Wrong("path", f"{match.path!r} is no endpoint", "as order/create"))
    if isinstance(order.fault, DropSocket | HalfOpen) and order.fault.on is Moment.NOW:
        for name in ("path", "op", "topic", "symbol"):
            if getattr(match, name) is not None:
                wrongs.append(Wrong(name, "has no meaning for a socket that is cut now", 'on: "sent" or "heard"'))
    return wrongs


@attrs.frozen
class WaitingRequest:
    """A REST request that a fault keeps waiting; `timestamp` as its header says it."""

    path: str
    payload: str
    timestamp: str


@attrs.define(eq=False)
class ActiveFault:
    """A fault that is ordered. Times are market times, UTC ms."""

    number: int
    fault: ExchangeFault
    match: Match
    at_ms: int
    until_ms: int | None
    left: int | None  # how often it may still happen
    ppm: int
    asked: int = 0
    happened: int = 0
    has_begun: bool = False
    failure: str = ""

    def is_over(self, now_ms: int) -> bool:
        """Whether nothing comes of it any more."""
        return self.left == 0 or (self.until_ms is not None and now_ms >= self.until_ms)


class FaultDesk:
    """`begin` performs what a fault does by itself when its time comes; it may raise Rejection or WireError."""

    def __init__(self, exchange: LocalExchange, clock: ExchangeClock, seed: int = 0) -> None:
        self.exchange = exchange
        self.clock = clock
        self.active: dict[int, ActiveFault] = {}
        self.ended: deque[ActiveFault] = deque(maxlen=_ENDED_KEPT)
        self.waiting: list[WaitingRequest] = []
        self.begin: Callable[[ActiveFault], None] = lambda fault: None
        self.ordered: Callable[[ActiveFault], None] = lambda fault: None
        self.finished: Callable[[ActiveFault], None] = lambda fault: None
        self._seed = seed
        self._numbers = 0
        self._held: list[tuple[int, int, Callable[[], None]]] = []
        self._holds = 0
        self._news = trio.Event()

    # -- orders -------------------------------------------------------------------------------------------------------

    def order(self, orders: Sequence[FaultOrder]) -> list[int]:
        """Take them all, and do at once what is due now; their numbers.

        Raises BadFault: one names what does not exist, and none is taken; or the exchange refuses an act.
        """
        wrongs = [wrong for order in orders for wrong in check_order(order, self.exchange)]
        if len(self.active) + len(orders) > _MAX_ACTIVE:
            wrongs.append(Wrong("", f"more than {_MAX_ACTIVE} faults at a time"))
        if wrongs:
            raise BadFault(wrongs)
        now_ms, taken = self.clock.market_ms(), []
        for order in orders:
            self._numbers += 1
            at_ms = now_ms if order.at_ms is None else self.clock.epoch_ms + order.at_ms
            until_ms = None if order.until_ms is None else self.clock.epoch_ms + order.until_ms
            if order.for_ms is not None:
                until_ms = at_ms + order.for_ms
            ppm = int(order.probability * _PPM)
            fault = ActiveFault(self._numbers, order.fault, order.match, at_ms, until_ms, order.times, ppm)
            self.active[fault.number] = fault
            self.ordered(fault)
            taken.append(fault)
        self.perform_due()
        self._news.set()
        refused = [Wrong("", fault.failure) for fault in taken if fault.failure]
        if refused:
            raise BadFault(refused)
        return [fault.number for fault in taken]

    def clear(self, number: int | None = None) -> int:
        """End one fault, or all; how many. What they hold back is let go at once. KeyError: no such fault."""
        chosen = [self.active[number]] if number is not None else list(self.active.values())
        for fault in chosen:
            self._end(fault)
        if number is None:
            self._let_go(None)
        return len(chosen)

    def _end(self, fault: ActiveFault) -> None:
        del self.active[fault.number]
        self.ended.append(fault)
        self.finished(fault)

    # -- traffic ------------------------------------------------------------------------------------------------------

    def take(self, kind: type[F], traffic: Traffic, only: Callable[[F], bool] = lambda fault: True) -> F | None:
        """The fault of a kind that this traffic meets now, if any; it has then happened once more."""
        now_ms = self.clock.market_ms()
        for active in list(self.active.values()):
            fault = active.fault
            if not isinstance(fault, kind) or now_ms < active.at_ms:
                continue
            if active.is_over(now_ms):
                self._end(active)
            elif active.match.takes(traffic) and only(fault) and self._strikes(active):
                self._happens(active)
                return fault
        return None

    def _strikes(self, active: ActiveFault) -> bool:
        active.asked += 1
        return mixed(self._seed, active.number, active.asked) % _PPM < active.ppm

    def _happens(self, active: ActiveFault) -> None:
        active.happened += 1
        if active.left is not None:
            active.left -= 1
            if not active.left:
                self._end(active)

    # -- time ---------------------------------------------------------------------------------------------------------

    def perform_due(self) -> None:
        """Begin what is due; let go what was held long enough; end what is over."""
        now_ms = self.clock.market_ms()
        for active in sorted(self.active.values(), key=lambda each: (each.at_ms, each.number)):
            if active.at_ms <= now_ms and not active.has_begun:
                active.has_begun = True
                try:
                    self.begin(active)
                except (Rejection, WireError) as error:
                    active.failure = f"{active.fault.kind} {active.number}: {error}"
                else:
                    active.happened += active.fault.is_act
                if active.fault.is_act or active.failure:
                    self._end(active)
            if active.number in self.active and active.is_over(now_ms):
                self._end(active)
        self._let_go(now_ms)

    def hold(self, until_ms: int, act: Callable[[], None]) -> None:
        """Do something at a market time."""
        self._holds += 1
        heapq.heappush(self._held, (until_ms, self._holds, act))
        self._news.set()

    def _let_go(self, now_ms: int | None) -> None:
        while self._held and (now_ms is None or self._held[0][0] <= now_ms):
            heapq.heappop(self._held)[2]()

    def next_ms(self) -> int | None:
        """When something is due next."""
        times = [each.at_ms for each in self.active.values() if not each.has_begun]
        times += [each.until_ms for each in self.active.values() if each.until_ms is not None]
        if self._held:
            times.append(self._held[0][0])
        return min(times, default=None)

    async def sleep(self, by_ms: int) -> None:
        """Wait for market time to pass; a stepped clock stops there."""
        done = trio.Event()
        self.hold(self.clock.market_ms() + by_ms, done.set)
        await done.wait()

    async def run(self) -> None:
        """Do everything at its time."""
        while True:
            self._news = trio.Event()
            self.perform_due()
            due_ms = self.next_ms()
            deadline = float("inf") if due_ms is None else (due_ms - self.clock.epoch_ms) / 1000
            with trio.move_on_at(deadline):
                await self._news.wait()

    # -- shown --------------------------------------------------------------------------------------------------------

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        """Faults that are ordered, and those that have ended, as plain values."""
        return {
            "active": [_row(each) for each in self.active.values()],
            "ended": [_row(each) for each in self.ended],
        }


def _row(active: ActiveFault) -> dict[str, Any]:
    row: dict[str, Any] = {"number": active.number, "kind": active.fault.kind}
    row |= {name: value for name, value in attrs.asdict(active.fault).items() if value is not None}
    row |= {name: value for name, value in attrs.asdict(active.match).items() if value is not None}
    row |= {"from_ms": active.at_ms, "until_ms": active.until_ms, "left": active.left}
    return row | {"asked": active.asked, "happened": active.happened, "failure": active.failure}
