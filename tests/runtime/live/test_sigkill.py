"""The echo service dies by SIGKILL at fifty random moments; what its journal holds is whole, and covers what was said.

A kill proves nothing about the disk (the page cache survives it; the fake disk of tests/runtime/journal does that): it
proves the process: no answer leaves it before its record is written, wherever it dies.
"""

import json
import os
import re
import select
import signal
import socket
import time
from functools import partial
from pathlib import Path

import pytest

from docs.examples.echo import CODEC, echo_kernel
from runtime.edges.disk import FolderDisk
from runtime.journal.format import LogRecord
from runtime.journal.log import open_log
from runtime.journal.replay import Replay
from runtime.journal.report import JournalState
from runtime.rng import RandomStream
from tests.runtime.live.processes import service

pytestmark = pytest.mark.slow

ECHO = "docs.examples.echo_service"
KILLS = 50
MOST_ANSWERS = 40
BOUND_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def talk_until_killed(folder: Path, enough: int) -> list[str]:
    """Lines into the service, "boom" among them, until it is killed, after `enough` answers; the answers heard."""
    port, heard = free_port(), b""
    with service(ECHO, "--port", str(port), "--journal", str(folder)) as process:
        assert process.line().startswith("up;")
        caller = _call(port)
        with caller:
            until, number = time.monotonic() + BOUND_S, 0
            while heard.count(b"\n") < enough:
                assert time.monotonic() < until, "the service answers no more"
                number += 1
                caller.sendall(f"line {number}\n".encode() if number % 20 else b"boom\n")
                # A slow machine must not be flooded: each "boom" takes along whatever waits behind it.
                patience_s = 0.001 if number - heard.count(b"\n") < 10 else 0.2
                if select.select([caller], [], [], patience_s)[0]:
                    heard += caller.recv(65536)
            os.kill(process.process.pid, signal.SIGKILL)
            process.process.wait(5)
            try:
                while data := caller.recv(65536):
                    heard += data
            except ConnectionResetError:
                pass
    return heard.decode().split("\n")[:-1]


def _call(port: int) -> socket.socket:
    for _ in range(round(BOUND_S * 100)):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            select.select([], [], [], 0.01)
    raise AssertionError("the service does not listen")


def test_killed_at_fifty_moments_the_journal_opens_replays_and_covers_every_answer(tmp_path: Path) -> None:
    chance = RandomStream(20, "sigkill")
    answers = states = 0
    for kill in range(KILLS):
        folder = tmp_path / str(kill)
        heard = talk_until_killed(folder, int(chance.random() * MOST_ANSWERS))
        records: list[LogRecord] = []
        log = open_log(FolderDisk(folder), each=records.append)
        log.close()
        states += log.found.state is JournalState.CRASHED
        port = json.loads(records[0].payload)["port"]
        assert Replay(records, partial(echo_kernel, port=port), CODEC).run().divergence is None
        meant = {match[1].decode() for r in records if r.kind == "effect" and (match := _SAY.search(r.payload))}
        assert set(heard) <= meant, f"kill {kill}: an answer left without its record"
        answers += len(heard)
    assert states == KILLS
    assert answers > KILLS


_SAY = re.compile(rb'"say",\["Say",\{"caller":\d+,"text":"([^"]*)"')
