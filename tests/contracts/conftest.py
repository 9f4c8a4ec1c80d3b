"""The backends that the contract suite runs on: each profile adds a parameter here.

Where backends differ, their Capabilities say so: how exact their fees are, what a taker pays, and when.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app.backends import SimulatorBackend
from actors.app.runs.simulation import market_of
from actors.app.settings import load_settings
from actors.simulator.matching.market import MarketPlan
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.contracts.live import BACKENDS, EPOCH_MS, LiveRig, a_live_rig, on_exchange_time, time_passes
from tests.contracts.scripted.backend import ScriptedBybit
from tests.contracts.scripted.script import ScriptedVenue
from tests.contracts.scripted.scripts import SCRIPTS

Eventually = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]
LetPass = Callable[[int], Awaitable[None]]
Heard = Callable[[Callable[[], bool]], Awaitable[None]]
Patiently = Callable[[Awaitable[Any]], Awaitable[Any]]

ROWS = [(100, 101, 99, 100)] * 3 + [(100, 111, 99, 110)] + [(110, 111, 109, 110)] * 3 + [(110, 112, 94, 96)] * 2
MAX_STEPS = 6 * len(ROWS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the contract run on a clock that stands still, which the live backends' exchange has too."""
    for item in items:
        is_ours = item.path.parent == Path(__file__).parent
        if is_ours and inspect.iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.trio(run=on_exchange_time), append=False)


@attrs.frozen
class Capabilities:
    """`money_tolerance`: units of Money by which a stated fee or balance may differ from the exact one."""

    money_tolerance: int
    epoch_ms: int = 0
    """Open of the first bar."""
    spread: int = 0
    """How much above the last price a taker buys, in cents."""
    volume: int = 1000
    """Of each bar, in thousandths."""
    fills_at_once: bool = False
    """A market order fills before its acknowledgement comes back; else at the next move of the market."""


CAPABILITIES = {
    "simulator": Capabilities(money_tolerance=0),
    "scripted": Capabilities(money_tolerance=100),  # the wire has eight decimals, Money ten
    "demo": Capabilities(money_tolerance=100, epoch_ms=EPOCH_MS, spread=10, volume=50_000, fills_at_once=True),
    "live": Capabilities(money_tolerance=100, epoch_ms=EPOCH_MS, spread=10, volume=50_000, fills_at_once=True),
}


def a_simulator() -> SimulatorBackend:
    """A fresh exchange: nine one-minute bars around 100, a jump to 110, a fall to 96."""
    instrument = an_instrument()
    bars = a_market(ROWS)
    settings = load_settings("simulator")
    equity = instrument.money(Decimal(100_000))
    return SimulatorBackend(settings, market_of([MarketPlan(instrument, bars, 0, len(bars))], settings, equity))


@attrs.frozen
class Simulated:
    """Its market stands still but for `advance`."""

    backend: SimulatorBackend

    async def heard(self, is_told: Callable[[], bool]) -> None:
        """Every event is told at once."""
        is_told()

    async def advance(self, ms: int) -> None:
        await self.backend.advance(await self.backend.server_time_ms() + ms)


@attrs.frozen
class Scripted:
    """Time leads to the next scene, however long it is."""

    backend: ScriptedBybit

    async def heard(self, is_told: Callable[[], bool]) -> None:
        """A scene's frames come with it."""
        is_told()

    async def advance(self, ms: int) -> None:
        self.backend.venue.proceed()


@pytest.fixture(params=CAPABILITIES)
def profile(request: pytest.FixtureRequest) -> str:
    """Which backend the test runs on."""
    return str(request.param)


@pytest.fixture
def capabilities(profile: str) -> Capabilities:
    return CAPABILITIES[profile]


@pytest.fixture
async def venue(profile: str, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A fresh exchange, or a Bybit that plays the test's script, behind its backend."""
    if profile in BACKENDS:
        async with a_live_rig(profile, ROWS) as rig:
            yield rig
    elif profile == "simulator":
        yield Simulated(a_simulator())
    else:
        script = SCRIPTS[request.node.originalname]()
        yield Scripted(ScriptedBybit(ScriptedVenue(script), {"BTCUSDT": an_instrument()}))


@pytest.fixture
async def backend(venue: Any) -> Any:
    """The backend under test."""
    return venue.backend


@pytest.fixture
async def let_pass(venue: Any) -> LetPass:
    """Let so many milliseconds of market time pass; a script goes on to its next scene."""
    wait: LetPass = venue.advance
    return wait


@pytest.fixture
async def heard(venue: Any) -> Heard:
    """Wait until a condition on what the private stream told holds, or nothing more comes; no market time passes."""
    wait: Heard = venue.heard
    return wait


@pytest.fixture
async def patiently(venue: Any) -> Patiently:
    """Await something that may wait for the clock: market time passes meanwhile."""

    async def wait(coming: Awaitable[Any]) -> Any:
        if not isinstance(venue, LiveRig):
            return await coming
        async with time_passes():
            return await coming

    return wait


@pytest.fixture
async def eventually(let_pass: LetPass) -> Eventually:
    """Wait until a condition holds, ten seconds of market time at a time; bounded by the data or the script."""

    async def wait(condition: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(MAX_STEPS):
            if await condition():
                return
            await let_pass(MINUTE_MS // 6)
        raise AssertionError("the condition did not come true before the data ended")

    return wait
