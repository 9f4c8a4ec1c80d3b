"""A service in the hands of its manager: signals end it in time and with the right code, and its watchdog is honest."""

import signal
from pathlib import Path

import pytest

from tests.runtime.live.processes import Manager, failing_health_of, health_of, service

SERVICES = "tests.runtime.live.services"
PERIOD_S = 0.4


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_is_an_ordered_stop_with_its_own_code(number: int, code: int) -> None:
    with service(SERVICES, "healthy") as process:
        process.port()
        process.signal(number)
        assert process.ends_within(5) == code


@pytest.mark.parametrize(("name", "said"), [("starting", "starting"), ("storm", "up"), ("hanging", "hanging")])
def test_sigterm_during_start_a_storm_and_a_hanging_thread_ends_it_in_time(name: str, said: str) -> None:
    with service(SERVICES, name) as process:
        while not process.line().startswith(said):
            pass
        process.signal(signal.SIGTERM)
        assert process.ends_within(4) == 143


def test_the_manager_hears_ready_pings_status_and_stopping(tmp_path: Path) -> None:
    with Manager(tmp_path, PERIOD_S) as manager, service(SERVICES, "healthy", environ=manager.environ) as process:
        manager.wait_for("READY=1")
        told = manager.told_within(3 * PERIOD_S)
        assert told.count("WATCHDOG=1") >= 3
        process.signal(signal.SIGTERM)
        assert {"STOPPING=1", "STATUS=stopping: SIGTERM"} <= set(manager.told_within(2))


@pytest.mark.parametrize(
    ("name", "problem", "actor", "message"),
    [
        ("looping", "handler", "looper", "str"),
        ("stuck", "journal", "journal", ""),
        ("starving", "mailbox", "critical", "str"),
    ],
)
def test_nothing_that_is_blocked_feeds_the_watchdog_and_health_names_it(
    name: str, problem: str, actor: str, message: str, tmp_path: Path
) -> None:
    with Manager(tmp_path, PERIOD_S) as manager, service(SERVICES, name, environ=manager.environ) as process:
        port = process.port()
        assert health_of(port)[0] == 200
        process.line_in()
        code, body = failing_health_of(port)
        assert (code, body["problem"], body["actor"], body["message"]) == (503, problem, actor, message)
        manager.forget()
        assert "WATCHDOG=1" not in manager.told_within(2 * PERIOD_S)
        later = health_of(port)[1]
        assert (later["problem"], later["actor"]) == (problem, actor)
        assert later["since_s"] > body["since_s"]
