"""A held request is sent only while its asker lives."""

from typing import Any

import pytest

from actors.model.backend import CancelOrder
from actors.ratelimiter.actor import RateLimiter
from runtime.actor import Actor
from runtime.context import Context
from runtime.journal.actor import JournalActor
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, Restart, SupervisorSpec
from tests.actors.ratelimiter.gates import a_policy

FIRST, SECOND = CancelOrder("BTCUSDT", "first"), CancelOrder("BTCUSDT", "second")


class Desk(Actor):
    """Asks the gate what it is told to ask."""

    def receive(self, message: Any, ctx: Context) -> None:
        if isinstance(message, CancelOrder):
            ctx.ask(Ref("gate"), message, 60 * SECOND_NS)


class Venue(Actor):
    """Keeps what has come."""

    def __init__(self, heard: list[Any]) -> None:
        self._heard = heard

    def receive(self, message: Any, ctx: Context) -> None:
        self._heard.append(message)


@pytest.mark.parametrize("dies", [False, True])
def test_a_request_that_waits_at_the_gate_is_dropped_when_its_asker_dies(dies: bool) -> None:
    heard: list[Any] = []
    children = (
        ActorSpec("journal", JournalActor),
        ActorSpec("gateway", lambda: Venue(heard)),
        ActorSpec("gate", lambda: RateLimiter(Ref("gateway"), Ref("journal"), a_policy())),
        ActorSpec("desk", Desk, restart=Restart.TEMPORARY),
    )
    kernel = Kernel(SupervisorSpec("root", children=children))
    kernel.start()
    kernel.pump()
    for request in (FIRST, SECOND):
        kernel.tell(Ref("desk"), request)
    kernel.pump()
    assert heard == [FIRST], "the second waits for its permit"
    if dies:
        kernel.kill(Ref("desk"))
        kernel.pump()
    kernel.set_time(kernel.now + 2 * SECOND_NS)
    kernel.fire_timers()
    kernel.pump()
    assert heard == ([FIRST] if dies else [FIRST, SECOND])
