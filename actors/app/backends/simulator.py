"""SimulatorBackend: the facade over a simulated exchange alone. It pumps its own driver and needs no Trio.

Its market moves only in `advance`; a request waits in virtual time, as for the gate's grants.
"""

from actors.app import names
from actors.app.backends.port import READER, PortBackend, StreamReader
from actors.app.exchanges.simulated import simulated_exchange
from actors.app.markets import SimulatedMarkets
from actors.app.runs.simulation import start_kernel
from actors.app.settings import Settings
from actors.app.specs import with_more_patience
from actors.app.tree import journal_spec
from actors.model.backend import Batch, Candle, ClosedBars, Command, Query
from actors.model.candles import candles_of
from actors.simulator.actor import NS_PER_MS
from runtime.spec import ActorSpec, RestartStrategy, SupervisorSpec

__all__ = ["SimulatorBackend"]

_TIMEOUT_NS = 60_000_000_000


class SimulatorBackend(PortBackend):
    """ExecutionBackend over a simulated exchange alone: venue, rate limiter, gateway, clock, sockets."""

    def __init__(self, settings: Settings, market: SimulatedMarkets) -> None:
        super().__init__([])
        self._market = market
        reader = ActorSpec(READER, lambda: StreamReader(self._events))
        bars_reader = ActorSpec(names.MARKETDATA, lambda: StreamReader(self._events))
        exchange = simulated_exchange(settings, market, READER)
        children = (journal_spec(), reader, bars_reader, exchange.branch)
        root = SupervisorSpec("root", RestartStrategy.REST_FOR_ONE, children)
        tree = with_more_patience(root, exchange.round_trip_ns)
        self._kernel, self._driver = start_kernel(tree, market, (), settings.seed)

    async def advance(self, until_ms: int) -> None:
        """Run the market up to and including `until_ms` (UTC ms); nothing else moves it."""
        self._driver.run(until_ms * NS_PER_MS)

    def _candles(self, page: ClosedBars) -> tuple[Candle, ...]:
        return candles_of(self._market.bars[page.symbol], self._market.instruments[page.symbol], page.start, page.stop)

    async def _ask(self, message: Command | Batch | Query) -> object:
        answers = self._kernel.outside_answers
        correlation = self._kernel.ask(None, names.RATELIMITER, message, _TIMEOUT_NS)
        self._driver.serve(lambda: correlation in answers)
        return answers.pop(correlation)
