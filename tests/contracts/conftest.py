"""The backends that the contract suite runs on: each profile adds a parameter here."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from actors.app.backends import SimulatorBackend
from actors.app.runs.simulation import market_of
from actors.app.settings import load_settings
from actors.simulator.matching.market import MarketPlan
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

Eventually = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]

ROWS = [(100, 101, 99, 100)] * 3 + [(100, 111, 99, 110)] + [(110, 111, 109, 110)] * 3 + [(110, 112, 94, 96)] * 2
MAX_STEPS = 60 * len(ROWS)


@pytest.fixture(params=["simulator"])
def backend(request: pytest.FixtureRequest) -> SimulatorBackend:
    """A fresh exchange: nine one-minute bars around 100, a jump to 110, a fall to 96."""
    instrument = an_instrument()
    bars = a_market(ROWS)
    settings = load_settings("simulator")
    equity = instrument.money(Decimal(100_000))
    return SimulatorBackend(settings, market_of([MarketPlan(instrument, bars, 0, len(bars))], settings, equity))


@pytest.fixture
def eventually(backend: SimulatorBackend) -> Eventually:
    """Wait until a condition holds, by letting market time pass a second at a time; bounded by the data."""

    async def wait(condition: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(MAX_STEPS):
            if await condition():
                return
            await backend.advance(await backend.server_time_ms() + MINUTE_MS // 60)
        raise AssertionError("the condition did not come true before the data ended")

    return wait
