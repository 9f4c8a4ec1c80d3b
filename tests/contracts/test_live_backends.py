"""What is the live backends' own: which venue each takes, outcomes without an answer, and how they end."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from actors.app.backends import DemoBackend, LiveBackend
from actors.app.live.venues import LOCAL_KEYS, LiveVenue
from actors.app.settings import load_settings
from actors.bybit.edges.keys import ApiKeys, Secret
from actors.bybit.endpoints import Environment
from actors.bybit.topics import Socket
from actors.model.errors import AuthenticationError, ConfigurationError, InputError, NetworkError
from actors.model.result import RequestOutcome
from tests.actors.builders import an_instrument
from tests.contracts.conftest import ROWS
from tests.contracts.live import LiveRig, a_live_rig, time_passes
from tests.contracts.test_execution_backend import SYMBOL, a_limit

_IS_A_KERNELS = re.compile(r"^(pump|root|exchange|reader|marketdata|journal|runtime\.drivers)")
INSTRUMENTS = {SYMBOL: an_instrument()}


def test_only_a_local_exchange_can_act_as_another() -> None:
    keys = ApiKeys(Environment.DEMO, "a-demo-key", Secret("a-demo-secret"))
    for more in ({"acts_as": Environment.MAIN}, {"public_address": "127.0.0.1:1"}):
        with pytest.raises(ConfigurationError, match="only a local exchange can act as another"):
            LiveVenue(Environment.DEMO, keys, **more)


def test_demo_keys_meet_no_address() -> None:
    keys = ApiKeys(Environment.DEMO, "a-demo-key", Secret("a-demo-secret"))
    with pytest.raises(ConfigurationError, match=r"sent to https://api-demo\.bybit\.com alone, not to 127\.0\.0\.1:9"):
        LiveVenue(Environment.DEMO, keys, "127.0.0.1:9").rest()
    for other in (Environment.MAIN, Environment.TESTNET, Environment.LOCAL):
        with pytest.raises(ConfigurationError, match="keys are those of the environment demo"):
            LiveVenue(other, keys, "127.0.0.1:9")


def test_demo_keys_sign_for_the_demo_hosts_alone() -> None:
    venue = LiveVenue(Environment.DEMO, ApiKeys(Environment.DEMO, "a-demo-key", Secret("a-demo-secret")))
    signing = {}
    for socket in (each for each in Socket if each is not Socket.TRADE):
        edge = venue.socket(socket)
        if edge._sign is not None:
            signing[socket] = edge._address.host
    assert signing == {Socket.PRIVATE: "stream-demo.bybit.com"}
    assert venue.rest().url == "https://api-demo.bybit.com"
    with pytest.raises(ConfigurationError, match="demo has no trade socket"):
        venue.socket(Socket.TRADE)


async def test_each_backend_takes_its_own_venues_alone() -> None:
    settings = load_settings("local")
    demo = LiveVenue(Environment.LOCAL, LOCAL_KEYS, "127.0.0.1:9", acts_as=Environment.DEMO)
    with pytest.raises(ConfigurationError, match=r"LiveBackend is not for demo, .* use DemoBackend"):
        async with LiveBackend.over(demo, settings, INSTRUMENTS):
            raise AssertionError("it was opened")
    with pytest.raises(ConfigurationError, match=r"DemoBackend is not for local, .* use LiveBackend"):
        async with DemoBackend.open(settings, address="127.0.0.1:9"):
            raise AssertionError("it was opened")
    with pytest.raises(InputError, match="has no real exchange to run on"):
        async with LiveBackend.open(load_settings("simulator")):
            raise AssertionError("it was opened")


async def test_what_the_body_raises_comes_out_as_it_is() -> None:
    async with a_live_rig("live", ROWS) as rig, time_passes():
        with pytest.raises(ZeroDivisionError):
            async with another(rig):
                raise ZeroDivisionError


async def test_closing_leaves_nothing_running() -> None:
    async with a_live_rig("live", ROWS) as rig:
        before = tasks_of_kernels()
        async with time_passes(), another(rig) as backend:
            assert (await backend.position(SYMBOL)).position.qty == 0
            assert len(tasks_of_kernels()) == 2 * len(before)
        assert tasks_of_kernels() == before
        with pytest.raises(NetworkError, match="the backend has ended"):
            await backend.position(SYMBOL)


async def test_a_lost_acknowledgement_is_an_unknown_outcome_and_the_order_can_be_looked_up() -> None:
    async with a_live_rig("live", ROWS) as rig:
        await rig.fault(kind="lose_ack", path="order/create")
        async with time_passes():
            result = await rig.backend.submit_order(a_limit("one", 9_000))
        assert (result.outcome, result.link_id) == (RequestOutcome.UNKNOWN, "one")
        order = await rig.backend.order_by_id(SYMBOL, "one")
        assert order is not None


async def test_a_deadline_of_the_caller_ends_the_wait_alone() -> None:
    async with a_live_rig("live", ROWS) as rig:
        await rig.fault(kind="answer_late", path="order/create", ms=2_000)
        async with time_passes():
            with trio.move_on_after(1) as scope:
                await rig.backend.submit_order(a_limit("one", 9_000))
            assert scope.cancelled_caught
            assert await rig.backend.order_by_id(SYMBOL, "one") is not None


async def test_wrong_keys_are_an_error_of_their_own() -> None:
    async with a_live_rig("live", ROWS) as rig:
        keys = ApiKeys(Environment.LOCAL, LOCAL_KEYS.key, Secret("another-secret"))
        wrong = LiveVenue(Environment.LOCAL, keys, rig.venue.address)
        async with time_passes():
            with pytest.raises(AuthenticationError, match=r"the backend has ended: .*not signed in"):
                async with LiveBackend.over(wrong, load_settings("local"), INSTRUMENTS, wall_ns=rig.wall_ns):
                    raise AssertionError("it was opened")


def tasks_of_kernels() -> list[str]:
    """Names of the tasks of live drivers: pump, supervisors, incarnations, edges."""
    names, waiting = [], [trio.lowlevel.current_root_task()]
    while waiting:
        task = waiting.pop()
        if task is not None:
            names += [task.name] if _IS_A_KERNELS.search(task.name) else []
            waiting += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return sorted(names)


@asynccontextmanager
async def another(rig: LiveRig) -> AsyncIterator[LiveBackend]:
    """One more backend on the rig's exchange."""
    async with LiveBackend.over(rig.venue, load_settings("local"), INSTRUMENTS, wall_ns=rig.wall_ns) as backend:
        yield backend
