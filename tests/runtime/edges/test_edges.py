"""The small edges: systemd's socket, threads with a deadline, lines from a terminal and a socket, judging health."""

import io
import os
import socket
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import trio

from runtime.edges.health import Health, HealthLimits
from runtime.edges.lines import LineCame, LineServer, Listening, NoMoreLines, Say, terminal
from runtime.edges.pulse import Pulse
from runtime.edges.sd_notify import Notifier
from runtime.edges.service import exit_code
from runtime.edges.threads import in_thread
from runtime.kernel.history import Outcome
from runtime.spec import ActorSpec
from runtime.testing import Script, started_tree


class Heard:
    """What an edge emits."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def emit(self, message: Any) -> None:
        self.messages.append(message)


@pytest.fixture
def manager(tmp_path: Path) -> Any:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(5)
        yield channel


def test_systemd_is_told_in_its_words(manager: socket.socket) -> None:
    place = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}
    notifier = Notifier(place)
    assert notifier.watchdog_s == 3.0
    for say in (notifier.ready, notifier.stopping, notifier.watchdog, notifier.reloading):
        say()
    notifier.status("two\nlines")
    told = [manager.recv(1000).decode() for _ in range(5)]
    assert told[:3] == ["READY=1", "STOPPING=1", "WATCHDOG=1"]
    assert told[3].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert told[4] == "STATUS=two lines"


def test_an_abstract_socket_is_reached_by_its_at_sign() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(f"\0coldframe-test-{os.getpid()}")
        channel.settimeout(5)
        Notifier({"NOTIFY_SOCKET": f"@coldframe-test-{os.getpid()}"}).ready()
        assert channel.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"NOTIFY_SOCKET": "/nowhere/at/all"},
        {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"},
    ],
)
def test_without_a_manager_that_listens_nothing_happens(place: dict[str, str]) -> None:
    notifier = Notifier(place)
    notifier.ready()
    assert notifier.watchdog_s is None


async def test_a_call_in_a_thread_gives_its_answer_and_a_late_one_is_unknown() -> None:
    heard, gate = Heard(), threading.Event()

    def call(request: str) -> str:
        if request == "slow":
            gate.wait(10)
        return f"did {request}"

    limiter = trio.CapacityLimiter(2)
    for request, timeout_s in (("quick", 5.0), ("slow", 0.05)):
        edge = in_thread(call, limiter=limiter, timeout_s=timeout_s, unknown=lambda request: f"unknown {request}")
        await edge(request, heard.emit)
    assert heard.messages == ["did quick", "unknown slow"]
    gate.set()


async def test_the_limiter_bounds_the_calls_under_way(autojump_clock: Any) -> None:
    heard, gate = Heard(), threading.Event()

    def call(request: int) -> int:
        gate.wait(10)
        return request

    edge = in_thread(call, limiter=trio.CapacityLimiter(1), timeout_s=5, unknown=lambda request: -request)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(edge, 1, heard.emit)
        nursery.start_soon(edge, 2, heard.emit)
    gate.set()
    assert sorted(heard.messages) == [-2, -1]


async def test_a_terminal_gives_lines_and_then_no_more() -> None:
    heard = Heard()
    await terminal(None, heard.emit, io.StringIO("one\ntwo\n"))
    assert heard.messages == [LineCame(0, "one"), LineCame(0, "two"), NoMoreLines(0)]


async def test_a_line_server_hears_and_says_to_each_caller() -> None:
    heard, server = Heard(), LineServer()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.serve, 0, heard.emit)
        with trio.fail_after(5):
            while not heard.messages:
                await trio.sleep(0)
            (listening,) = heard.messages
            assert isinstance(listening, Listening)
            callers = [await trio.open_tcp_stream("127.0.0.1", listening.port) for _ in range(2)]
            for number, caller in enumerate(callers):
                await caller.send_all(f"from {number}\r\nrest".encode())
            while len(heard.messages) < 3:
                await trio.sleep(0)
            lines = {message.text: message.caller for message in heard.messages[1:]}
            for number, caller in enumerate(callers):
                await server.say(Say(lines[f"from {number}"], f"to {number}"), heard.emit)
                assert await caller.receive_some(100) == f"to {number}\n".encode()
            await callers[0].aclose()
            while NoMoreLines(lines["from 0"]) not in heard.messages:
                await trio.sleep(0)
            await server.say(Say(lines["from 0"], "anybody?"), heard.emit)
            await callers[1].aclose()
        nursery.cancel_scope.cancel()


def test_health_tells_a_pump_that_does_not_turn_and_recovers() -> None:
    pulse = Pulse()
    health = Health(pulse, HealthLimits(turn_s=2), port=None)
    assert health.judge(pulse.turned_at + 1).is_healthy
    verdict = health.judge(pulse.turned_at + 3)
    assert (verdict.is_healthy, verdict.problem, round(verdict.since_s)) == (False, "pump", 3)
    kernel, _ = started_tree([ActorSpec("a", lambda: Script(lambda message, ctx: None))])
    pulse.beat(kernel)
    assert health.judge(pulse.turned_at + 1).is_healthy


def test_health_answers_http_on_loopback_with_metrics_and_nothing_else() -> None:
    with Health(Pulse(), metrics=lambda: b"up 1\n") as health:
        base = f"http://127.0.0.1:{health.port}"
        with urllib.request.urlopen(f"{base}/metrics", timeout=5) as answer:
            assert answer.read() == b"up 1\n"
        with urllib.request.urlopen(f"{base}/health", timeout=5) as answer:
            assert b'"status": "ok"' in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="404") as error:
            urllib.request.urlopen(f"{base}/secrets", timeout=5)
        error.value.close()
    assert not any(thread.name.startswith("health") for thread in threading.enumerate() if thread.is_alive())


def test_a_caller_who_says_nothing_does_not_hold_up_the_next() -> None:
    with Health(Pulse()) as health, socket.create_connection(("127.0.0.1", health.port), timeout=5):
        begun = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{health.port}/health", timeout=5) as answer:
            assert answer.status == 200
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("is_clean", "number", "code"), [(True, None, 0), (True, 15, 143), (True, 2, 130), (False, 15, 1)]
)
def test_the_exit_code_says_how_it_ended(is_clean: bool, number: int | None, code: int) -> None:
    assert exit_code(Outcome(is_clean, "", ()), number) == code
