"""Runs mutants, each in a process forked from one that has imported the slow libraries and nothing of ours.

A mutant is killed when a test of its list fails. An error of collection, a fault that only breaks a name, a module that
the tests never import are no kills: they are reported as broken, and a text that does not fit as stale.
"""

import json
import os
import resource
import selectors
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from enum import Enum
from typing import IO, Any

import pytest
from attrs import define, field, frozen

from tests.mutation.mutant import ROOT, Mutant, MutantFinder

__all__ = ["Result", "Verdict", "run"]

OURS = ("runtime", "actors", "ideacards")
_LIMIT_S = 90.0
_HANG_S = 20.0
_MEMORY_BYTES = 4 << 30
_NO_KILLS = (NameError, ImportError, SyntaxError)


class Verdict(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    STALE = "stale"
    BROKEN = "broken"


@frozen
class Result:
    """The verdict, and which test told, or what is wrong."""

    mutant: Mutant
    verdict: Verdict
    said: str

    @property
    def is_right(self) -> bool:
        """Killed, or alive for a reason that the table gives."""
        return self.verdict is (Verdict.SURVIVED if self.mutant.survives else Verdict.KILLED)

    def __str__(self) -> str:
        mark = "      " if self.is_right else "WRONG "
        said = self.mutant.survives if self.is_right and self.mutant.survives else self.said
        return f"{mark}{self.verdict.value:8} {self.mutant.name}: {said}"


class _Witness:
    """A pytest plugin that notes the first failing test, and what a collection failed with."""

    def __init__(self) -> None:
        self.failed = ""
        self.broken = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        report: Any = yield
        if report.failed and not (self.failed or self.broken):
            text = report.longreprtext.strip().splitlines()[-1:] or [""]
            said = f"{item.nodeid} ({text[0].strip()})"
            if call.excinfo is not None and issubclass(call.excinfo.type, _NO_KILLS):
                self.broken = f"the fault only breaks a name: {said}"
            else:
                self.failed = said
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken = f"collection failed: {report.nodeid}: {report.longreprtext.strip().splitlines()[-1]}"


def _judge(mutant: Mutant) -> tuple[str, str]:
    """In the child: run the tests with the fault."""
    finder, witness = MutantFinder(mutant), _Witness()
    finder.install()
    words = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    code = pytest.main([*words, *mutant.tests], plugins=[witness])
    if witness.broken:
        return Verdict.BROKEN.value, witness.broken
    if not finder.was_imported:
        return Verdict.BROKEN.value, f"its tests never import {mutant.module}"
    if code == pytest.ExitCode.OK:
        return Verdict.SURVIVED.value, f"passed: {', '.join(mutant.tests)}"
    if code == pytest.ExitCode.TESTS_FAILED and witness.failed:
        return Verdict.KILLED.value, witness.failed
    return Verdict.BROKEN.value, f"pytest ended with {code!r} and no failing test"


@define(eq=False)
class _Child:
    mutant: Mutant
    process: int
    pipe: IO[bytes]
    until: float
    output: IO[bytes]
    heard: bytearray = field(factory=bytearray)

    def result(self) -> Result:
        """After its end."""
        self.pipe.close()
        _, status = os.waitpid(self.process, 0)
        try:
            verdict, said = json.loads(self.heard)
        except ValueError:
            self.output.seek(0)
            tail = self.output.read().decode(errors="replace").strip()[-300:]
            return Result(self.mutant, Verdict.BROKEN, f"its process ended with status {status}: {tail}")
        finally:
            self.output.close()
        return Result(self.mutant, Verdict(verdict), said)

    def end(self) -> Result:
        """It ran past its limit: end it and what it started."""
        os.killpg(self.process, signal.SIGKILL)
        self.pipe.close()
        self.output.close()
        os.waitpid(self.process, 0)
        verdict = Verdict.KILLED if self.mutant.may_hang else Verdict.BROKEN
        return Result(self.mutant, verdict, "ran past its limit")


def _fork(mutant: Mutant) -> _Child:
    reading, writing = os.pipe()
    output = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
    sys.stdout.flush()
    process = os.fork()
    if process:
        os.setpgid(process, process)
        os.close(writing)
        limit = _HANG_S if mutant.may_hang else _LIMIT_S
        return _Child(mutant, process, os.fdopen(reading, "rb"), time.monotonic() + limit, output)
    try:
        os.setpgid(0, 0)
        os.close(reading)
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        with tempfile.TemporaryDirectory() as compiled:  # machine code of a mutant is nobody else's
            os.environ["NUMBA_CACHE_DIR"] = compiled
            answer = _judge(mutant)
        os.write(writing, json.dumps(answer).encode())
    except BaseException as error:
        os.write(2, repr(error).encode())
    finally:
        os._exit(0)


def run(mutants: Iterable[Mutant], at_once: int = 2) -> Iterator[Result]:
    """The verdicts, as they come. The process must have imported nothing of ours."""
    ours = sorted(name for name in sys.modules if name.partition(".")[0] in OURS)
    assert not ours, f"imported before the fork: {ours}"
    os.chdir(ROOT)
    waiting = list(reversed(list(mutants)))
    with selectors.DefaultSelector() as ready:
        children: list[_Child] = []
        while waiting or children:
            while waiting and len(children) < at_once:
                mutant = waiting.pop()
                if stale := mutant.staleness():
                    yield Result(mutant, Verdict.STALE, stale)
                    continue
                child = _fork(mutant)
                children.append(child)
                ready.register(child.pipe, selectors.EVENT_READ, child)
            if not children:
                continue
            patience = max(0.0, min(child.until for child in children) - time.monotonic())
            done = []
            for key, _ in ready.select(patience):
                data = os.read(key.fd, 65_536)
                key.data.heard.extend(data)
                if not data:
                    done.append(key.data)
            for child in list(children):
                if child in done or time.monotonic() >= child.until:
                    ready.unregister(child.pipe)
                    children.remove(child)
                    yield child.result() if child in done else child.end()
