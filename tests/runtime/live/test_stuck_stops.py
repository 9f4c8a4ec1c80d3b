"""D12 with real processes: whatever holds a stop up, the guardian ends it; signals that come again do what is said."""

import signal

import pytest

from runtime.edges.guardian import STUCK
from tests.runtime.live.processes import Service, service

pytestmark = pytest.mark.slow

STUCK_SERVICES = "tests.runtime.live.stuck"
BOUND_S = 30.0
NEVER_S = "600"  # a stop whose own deadline no test waits for
STORIES = ("handler-loop", "handler-sleep", "stop-hook", "journal", "shielded-edge", "thread-edge")


def told(process: Service, name: str) -> None:
    """It is up and, but for a stop hook that will block, stuck already."""
    process.port()
    process.line_in()
    assert process.line() == "told"


@pytest.mark.parametrize("name", STORIES)
def test_D12_a_stop_that_is_stuck_is_ended_at_its_deadline_with_the_stacks_of_all_threads(name: str) -> None:
    with service(STUCK_SERVICES, name, "1", keeps_errors=True) as process:
        told(process, name)
        process.signal(signal.SIGTERM)
        assert process.ends_within(BOUND_S) == STUCK
        errors = process.errors()
    assert errors.startswith("the stop has not ended within 2 s: exit 70")
    assert "Thread 0x" in errors
    assert {"handler-loop": "in loop", "handler-sleep": "in sleep", "stop-hook": "in blocked_stop"}.get(
        name, ""
    ) in errors


@pytest.mark.parametrize("name", STORIES)
def test_D12_a_second_signal_hastens_a_stop_that_is_stuck(name: str) -> None:
    with service(STUCK_SERVICES, name, NEVER_S, keeps_errors=True) as process:
        told(process, name)
        for _ in range(2):
            process.signal(signal.SIGTERM)
            process.signal(signal.SIGINT)  # two signals of one number may be one for the system
        assert process.ends_within(BOUND_S) == STUCK
        assert process.errors().startswith("the stop has not ended within 1.5 s")


def test_D12_three_signals_within_a_second_end_an_orderly_stop_in_order() -> None:
    with service(STUCK_SERVICES, "raises", NEVER_S) as process:
        process.port()
        for _ in range(3):
            process.signal(signal.SIGTERM)
        assert process.ends_within(BOUND_S) == 143
        assert [process.line() for _ in range(3)] == ["stop second", "stop first", "returned"]


def test_D16_a_stop_hook_that_raises_is_told_and_the_stop_goes_on() -> None:
    with service(STUCK_SERVICES, "raises", NEVER_S, keeps_errors=True) as process:
        process.port()
        process.signal(signal.SIGTERM)
        assert process.ends_within(BOUND_S) == 143
        assert [process.line() for _ in range(3)] == ["stop second", "stop first", "returned"]
        assert process.errors().splitlines() == [
            "second: raised RuntimeError while it stopped; the stop went on",
            "first: raised RuntimeError while it stopped; the stop went on",
        ]
