"""A pytest plugin: every skip is printed with its reason, and one that is not on the list fails the session.

A skipped test proves nothing, so each allowed reason stands here with the circumstance that excuses it. An expected
failure counts as a skip.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["ALLOWED", "BYBIT", "is_allowed", "may_mount"]

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
BYBIT = ROOT.parent / "shared" / "bybit"

_CAP_SYS_ADMIN = 21


def may_mount() -> bool:
    """Whether this process may mount a file system."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    rights = next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
    return bool(rights >> _CAP_SYS_ADMIN & 1)


ALLOWED: dict[str, Callable[[], bool]] = {
    r"needs CAP_SYS_ADMIN": lambda: not may_mount(),  # a real full disk is a small one, mounted for the test
    r"\.\./shared/data": lambda: not SHARED.is_dir(),  # real candles are no part of the project
    r"\.\./shared/bybit": lambda: not BYBIT.is_dir(),  # nor are the venue's own samples
}


def is_allowed(reason: str) -> bool:
    """Whether the list knows this reason and its circumstance holds here."""
    return any(re.search(pattern, reason) and holds() for pattern, holds in ALLOWED.items())


class SkipLedger:
    """Collects the skips of one session."""

    def __init__(self) -> None:
        self.skips: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and self.unlisted:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        unlisted = self.unlisted
        terminalreporter.write_line(f"skips: {len(self.skips)}, of which not on the list: {len(unlisted)}")
        for nodeid, reason in self.skips:
            mark = "NOT ON THE LIST (tests/skips.py)" if (nodeid, reason) in unlisted else "listed"
            terminalreporter.write_line(f"  {mark}: {nodeid}: {reason}")

    @property
    def unlisted(self) -> list[tuple[str, str]]:
        return [(nodeid, reason) for nodeid, reason in self.skips if not is_allowed(reason)]

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped:
            where = report.longrepr
            reason = where[2] if isinstance(where, tuple) else getattr(report, "wasxfail", str(where))
            self.skips.append((report.nodeid, reason))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SkipLedger())
