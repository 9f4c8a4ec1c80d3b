"""A service in a process of its own, bounded in time; what it says, how it ends, and a socket in systemd's place."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

__all__ = ["Manager", "Service", "failing_health_of", "health_of", "service"]

ROOT = Path(__file__).resolve().parents[3]
_BOUND_S = 20.0


@attrs.define
class Service:
    """The process; whatever happens it is ended with the test."""

    process: subprocess.Popen[str]

    def line(self) -> str:
        """The next line it prints."""
        stream = self.process.stdout
        assert stream is not None
        ready, _, _ = select.select([stream], [], [], _BOUND_S)
        assert ready, "the service says nothing"
        return stream.readline().strip()

    def port(self) -> int:
        """Where its health is told, once it is up."""
        while True:
            word, _, rest = self.line().partition(" ")
            if word == "up":
                return int(rest)

    def line_in(self) -> None:
        """One line on its standard input."""
        stream = self.process.stdin
        assert stream is not None
        stream.write("now\n")
        stream.flush()

    def errors(self) -> str:
        """All of its standard error, once it has ended."""
        stream = self.process.stderr
        assert stream is not None
        return stream.read()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ends_within(self, bound_s: float) -> int:
        """Its exit code."""
        return self.process.wait(bound_s)


@contextmanager
def service(*words: str, environ: Mapping[str, str] | None = None, keeps_errors: bool = False) -> Iterator[Service]:
    """`python -m WORDS`, with signals as a shell would leave them; `keeps_errors` for its `errors`."""
    place = {**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})}

    def default_signals() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    command = [sys.executable, "-m", *words]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=place,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if keeps_errors else None,
        text=True,
        preexec_fn=default_signals,
    )
    with process:
        try:
            yield Service(process)
        finally:
            process.kill()


def health_of(port: int) -> tuple[int, dict[str, Any]]:
    """Status code and body of /health."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def failing_health_of(port: int) -> tuple[int, dict[str, Any]]:
    """The first answer that is not 200; the last one if none comes within the bound."""
    until = time.monotonic() + _BOUND_S
    while (answer := health_of(port))[0] == 200 and time.monotonic() < until:
        select.select([], [], [], 0.02)
    return answer


class Manager:
    """Stands where systemd would: a datagram socket that keeps what it is told, with the time."""

    def __init__(self, folder: Path, watchdog_s: float) -> None:
        self.path = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self.environ = {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": str(int(watchdog_s * 1_000_000))}

    def __enter__(self) -> "Manager":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def told_within(self, bound_s: float) -> list[str]:
        """Everything that is told until then."""
        until, out = time.monotonic() + bound_s, []
        while (left := until - time.monotonic()) > 0:
            if select.select([self._socket], [], [], left)[0]:
                out.append(self._socket.recv(4096).decode())
        return out

    def forget(self) -> None:
        """What was told before does not count."""
        while select.select([self._socket], [], [], 0)[0]:
            self._socket.recv(4096)

    def wait_for(self, text: str) -> None:
        """Until that is told."""
        until = time.monotonic() + _BOUND_S
        while (left := until - time.monotonic()) > 0:
            if select.select([self._socket], [], [], left)[0] and self._socket.recv(4096).decode() == text:
                return
        raise AssertionError(f"{text} was not told")
