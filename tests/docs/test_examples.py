"""The examples run as a newcomer runs them, and do what they say."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from docs.examples.echo_on_virtual_time import CALLER, PLAN, main, told
from runtime.testing import FaultPlan
from tests.actors.bybit.edges.live import exchange
from tests.runtime.live.processes import service

ROOT = Path(__file__).resolve().parents[2]


def test_the_echo_on_virtual_time_tells_its_story(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    said = capsys.readouterr().out
    assert "1 s  1: hello" in said
    assert "8 s  3: are you there?" in said
    assert "the same is heard: True" in said
    assert '"kind": "drop"' in said


def test_virtual_time_answers_what_it_should() -> None:
    heard, report = told(FaultPlan())
    assert [line.split("  ")[1] for line in heard] == [
        f"{number}: {text}" for number, text in enumerate(CALLER, start=1) if text != "boom"
    ]
    assert report.outcome is None
    assert told(PLAN)[1].trace_digest == told(PLAN)[1].trace_digest != report.trace_digest


def test_it_is_one_command_and_the_same_in_every_process() -> None:
    words = [sys.executable, "-m", "docs.examples.echo_on_virtual_time"]
    runs = [
        subprocess.run(words, cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True) for seed in "12"
    ]
    assert runs[0].stdout == runs[1].stdout


def test_the_echo_service_answers_survives_boom_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    with service("docs.examples.echo_service", "--journal", str(tmp_path / "journal")) as process:
        said = process.line()
        assert said.startswith("up; health at http://127.0.0.1:")
        port = int(said.rsplit(" ", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as caller:
            assert answer(caller, "hello") == "1: hello"
            caller.sendall(b"boom\n")  # and what lies in the dead one's mail dies with it
            assert answer(caller, "still there?").endswith(": still there?")
        process.process.send_signal(signal.SIGINT)
        assert process.process.wait(10) == 130


def test_the_orders_of_the_facade_example_reach_a_local_exchange() -> None:
    with exchange() as venue:
        words = [sys.executable, "-m", "docs.examples.backend_orders", f"127.0.0.1:{venue.port}"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    *lines, last = done.stdout.splitlines()
    assert lines == [
        "market order: accepted",
        "position: 0.01 BTCUSDT",
        "open: ['example-2']",
        "cancel: accepted",
        "cancel again: ORDER_NOT_FOUND",
        "position: 0 BTCUSDT",
    ]
    assert last.startswith("the stream told of ")  # how many depends on how fast its frames come


def answer(caller: socket.socket, text: str) -> str:
    """What is answered to a line, which is said again until it is."""
    caller.settimeout(0.2)
    for _ in range(50):
        caller.sendall(f"{text}\n".encode())
        try:
            return caller.recv(4096).decode().splitlines()[0]
        except TimeoutError:
            continue
    raise AssertionError(f"no answer to {text!r}")
