"""LiveBackend and DemoBackend: the facade over Bybit's branch alone, under a LiveDriver in the caller's Trio run.

The branch is the one that a run trades through: rate limiter, gateway, clock sync and both sockets, over the same
edges. Nothing else of the tree is there: no reconciler watches, and `stream` tells what the connection told. After a
disconnect ask `sync_state`.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, Self

import trio

from actors.app import names
from actors.app.backends.port import READER, Events, PortBackend, StreamReader
from actors.app.exchanges.bybit import BybitPolicies, Readers, bybit_exchange
from actors.app.exchanges.ports import PORTS
from actors.app.live.edges import edges_of
from actors.app.live.preflight import preflight
from actors.app.live.venues import LiveVenue, venue_of
from actors.app.settings import Settings
from actors.app.tree import journal_spec
from actors.bybit.endpoints import Environment
from actors.marketdata.feed import Appended
from actors.model.backend import Batch, Command, Query
from actors.model.errors import AuthenticationError, ColdframeError, ConfigurationError, NetworkError
from actors.model.instrument import Instrument
from actors.simulator.margin.wallet import on_common_money
from ideacards.feeds import GrowingBars
from runtime.drivers.live import LiveDriver
from runtime.errors import KernelError
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import Kernel
from runtime.messages import AskCause, ask_failed
from runtime.spec import SECOND_NS, ActorSpec, RestartStrategy, SupervisorSpec

__all__ = ["DemoBackend", "LiveBackend"]

_TIMEOUT_S = 60.0
_FEED_MS = 60_000
_STOP_NS = 5 * SECOND_NS
_NS_PER_MS = 1_000_000
_FATAL = {kind.__name__: kind for kind in (AuthenticationError, ConfigurationError)}


class LiveBackend(PortBackend):
    """ExecutionBackend over Bybit, or over a local exchange; made by `open`.

    A command is answered within `timeout_s`, or its outcome is UNKNOWN. Where the caller cancels the wait, the outcome
    is unknown too: the request may be on its way.
    """

    newest_page_first = True
    behaves_as: ClassVar[tuple[Environment, ...]] = (Environment.MAIN, Environment.TESTNET, Environment.LOCAL)

    def __init__(
        self, driver: LiveDriver, instruments: Mapping[str, Instrument], timeout_s: float, events: Events
    ) -> None:
        super().__init__(events)
        self.instruments = instruments
        self._driver = driver
        self._timeout_ns = int(timeout_s * SECOND_NS)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        symbols: Sequence[str] = ("BTCUSDT",),
        *,
        keys: Path | None = None,
        credential: str | None = None,
        address: str | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> AsyncIterator[Self]:
        """Ask the exchange for its instruments and check the account, then start the branch and stop it at the end.

        `keys` and `credential` take the place of what the profile names; `address` is of a local exchange. Raises
        InputError, ConfigurationError and AuthenticationError with what is wrong, NetworkError where nothing answers.
        """
        venue = venue_of(settings, keys=keys, credential=credential, address=address)
        cls._check(venue)
        found = await preflight(venue, dict.fromkeys(symbols))
        instruments = on_common_money(tuple(found.instruments.values()))
        by_symbol = {instrument.symbol: instrument for instrument in instruments}
        async with cls.over(venue, settings, by_symbol, timeout_s=timeout_s) as backend:
            yield backend

    @classmethod
    @asynccontextmanager
    async def over(
        cls,
        venue: LiveVenue,
        settings: Settings,
        instruments: Mapping[str, Instrument],
        *,
        timeout_s: float = _TIMEOUT_S,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> AsyncIterator[Self]:
        """The same over a venue whose instruments are known; nothing else of the account is checked."""
        cls._check(venue)
        events: Events = []
        kernel = _kernel(settings, instruments, events, has_trade_socket=venue.has_trade_socket)
        rest = venue.rest()
        driver = LiveDriver(kernel, edges_of(venue, rest), wall_ns=wall_ns, stop_ns=_STOP_NS)
        backend = cls(driver, instruments, timeout_s, events)
        failure: Exception | None = None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(driver.run)
            await driver.wait_up()
            try:
                if kernel.life.outcome is not None:
                    raise _error_of(kernel.life.outcome)
                yield backend
            except Exception as error:  # the nursery would wrap it in a group
                failure = error
            driver.stop("the backend was closed")
        rest.close()
        if failure is not None:
            raise failure

    @classmethod
    def _check(cls, venue: LiveVenue) -> None:
        if venue.behaves_as not in cls.behaves_as:
            other = "DemoBackend" if cls is not DemoBackend else "LiveBackend"
            raise ConfigurationError(
                f"{cls.__name__} is not for {venue.behaves_as}, which the profile names: use {other} there"
            )

    async def _ask(self, message: Command | Batch | Query) -> object:
        outcome = self._driver.kernel.life.outcome
        if outcome is not None:
            raise _error_of(outcome)
        try:
            return await self._driver.ask(names.RATELIMITER, message, self._timeout_ns)
        except KernelError:
            outcome = self._driver.kernel.life.outcome
            if isinstance(message, Command | Batch) or outcome is None:
                return ask_failed(0, names.RATELIMITER, AskCause.DIED)
            raise _error_of(outcome) from None


class DemoBackend(LiveBackend):
    """The same over Bybit's demo account, or a local exchange that acts as it."""

    behaves_as = (Environment.DEMO,)


def _kernel(
    settings: Settings, instruments: Mapping[str, Instrument], events: Events, *, has_trade_socket: bool
) -> Kernel:
    appended = {
        symbol: Appended(GrowingBars(symbol, _FEED_MS, instrument.price_digits), instrument)
        for symbol, instrument in instruments.items()
    }
    readers = Readers(private=READER, private_backfill=None, public_backfill=None)
    exchange = bybit_exchange(
        settings,
        instruments,
        appended,
        BybitPolicies(),
        readers,
        has_trade_socket=has_trade_socket,
        has_status_socket=False,  # callers see a maintenance in their answers
    )
    children = (
        journal_spec(),
        ActorSpec(READER, lambda: StreamReader(events)),
        ActorSpec(names.MARKETDATA, lambda: StreamReader([])),
        exchange.branch,
    )
    return Kernel(SupervisorSpec("root", RestartStrategy.REST_FOR_ONE, children), ports=PORTS, seed=settings.seed)


def _error_of(outcome: Outcome) -> ColdframeError:
    """Why the branch has ended, in the class of its first cause."""
    cause = next(iter(outcome.causes), None)
    if cause is None:
        return NetworkError(f"the backend has ended: {outcome.reason}")
    kind = _FATAL.get(cause.error, NetworkError)
    return kind(f"the backend has ended: {cause.text or cause.error}")
