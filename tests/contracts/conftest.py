"""The backends that the contract suite runs on: each profile adds a parameter here.

Where backends differ, their Capabilities say so: how exact their fees are, and how time passes for them.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from actors.app.backends import SimulatorBackend
from actors.app.runs.simulation import market_of
from actors.app.settings import load_settings
from actors.simulator.matching.market import MarketPlan
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.contracts.scripted.backend import ScriptedBybit
from tests.contracts.scripted.script import ScriptedVenue
from tests.contracts.scripted.scripts import SCRIPTS

Eventually = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]
LetPass = Callable[[int], Awaitable[None]]

ROWS = [(100, 101, 99, 100)] * 3 + [(100, 111, 99, 110)] + [(110, 111, 109, 110)] * 3 + [(110, 112, 94, 96)] * 2
MAX_STEPS = 60 * len(ROWS)


@attrs.frozen
class Capabilities:
    """`money_tolerance`: units of Money by which a stated fee or balance may differ from the exact one."""

    money_tolerance: int
    moves_market: bool
    """Market time stands still but for `advance`; else it passes by itself, or as the script says."""


CAPABILITIES = {
    "simulator": Capabilities(money_tolerance=0, moves_market=True),
    "scripted": Capabilities(money_tolerance=100, moves_market=False),  # the wire has eight decimals, Money ten
}


def a_simulator() -> SimulatorBackend:
    """A fresh exchange: nine one-minute bars around 100, a jump to 110, a fall to 96."""
    instrument = an_instrument()
    bars = a_market(ROWS)
    settings = load_settings("simulator")
    equity = instrument.money(Decimal(100_000))
    return SimulatorBackend(settings, market_of([MarketPlan(instrument, bars, 0, len(bars))], settings, equity))


@pytest.fixture(params=CAPABILITIES)
def profile(request: pytest.FixtureRequest) -> str:
    """Which backend the test runs on."""
    return str(request.param)


@pytest.fixture
def capabilities(profile: str) -> Capabilities:
    return CAPABILITIES[profile]


@pytest.fixture
def backend(profile: str, request: pytest.FixtureRequest) -> SimulatorBackend | ScriptedBybit:
    """A fresh exchange, or a Bybit that plays the test's script."""
    if profile == "simulator":
        return a_simulator()
    script = SCRIPTS[request.node.originalname]()
    return ScriptedBybit(ScriptedVenue(script), {"BTCUSDT": an_instrument()})


@pytest.fixture
def let_pass(backend: Any, capabilities: Capabilities) -> LetPass:
    """Let so many milliseconds of market time pass; a script goes on to its next scene."""

    async def wait(ms: int) -> None:
        if capabilities.moves_market:
            await backend.advance(await backend.server_time_ms() + ms)
        else:
            backend.venue.proceed()

    return wait


@pytest.fixture
def eventually(backend: Any, capabilities: Capabilities, let_pass: LetPass) -> Eventually:
    """Wait until a condition holds, a second of market time at a time; bounded by the data or the script."""

    async def wait(condition: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(MAX_STEPS):
            if await condition():
                return
            await let_pass(MINUTE_MS // 60)
        raise AssertionError("the condition did not come true before the data ended")

    return wait
