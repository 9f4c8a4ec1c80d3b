"""What a service says on stderr when a stop did not go well, without a process of its own."""

import pytest

from runtime.actor import STARTED, STOPPED, Actor, StartResult, StopResult
from runtime.context import Context
from runtime.edges.service import run_service
from runtime.kernel.kernel import Kernel
from runtime.messages import Reason
from runtime.spec import ActorSpec, Restart, SupervisorSpec

STOPPED_IN_ORDER: list[str] = []


class Stubborn(Actor):
    """Its stop hook raises."""

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        raise RuntimeError("planted in a stop hook")


class Orderly(Actor):
    """Notes that it was stopped."""

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        STOPPED_IN_ORDER.append(ctx.me)
        return STOPPED


class Ending(Actor):
    """Ends the run as soon as it is up: it may not end, and does."""

    def start(self, ctx: Context) -> StartResult:
        ctx.after(1, "end", "end")
        return STARTED

    def receive(self, message: object, ctx: Context) -> None:
        ctx.stop()


def test_D16_a_stop_hook_that_raises_is_one_line_and_those_before_it_are_stopped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    STOPPED_IN_ORDER.clear()
    children = (
        ActorSpec("orderly", Orderly),
        ActorSpec("stubborn", Stubborn),
        ActorSpec("ending", Ending, restart=Restart.FATAL),
    )
    code = run_service(Kernel(SupervisorSpec("root", children=children)), {}, health_port=None)
    assert code == 1
    assert STOPPED_IN_ORDER == ["orderly"]
    assert capsys.readouterr().err.splitlines() == [
        "stubborn: raised RuntimeError while it stopped; the stop went on",
        "failed: ending: ended normally: restart: fatal",
    ]
