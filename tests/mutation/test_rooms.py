"""Every fault in the table is found by the tests named beside it."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_every_planted_fault_is_found() -> None:
    command = [sys.executable, "-P", "-m", "tests.mutation.rooms"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_without_effect_and_a_text_that_is_gone_are_told() -> None:
    limiter, gate = "actors/ratelimiter/actor.py", "tests/actors/ratelimiter/test_gate.py"
    rows = (
        (limiter, "self._held_count >= MAX_HELD", "MAX_HELD <= self._held_count", gate),
        (limiter, "nowhere", "", gate),
    )
    program = f"from tests.mutation import rooms; rooms.ROWS = {rows!r}; raise SystemExit(rooms.main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode != 0
    assert "self._held_count >= MAX_HELD: no test found it" in done.stdout
    assert "nowhere: stands there 0 times, not once" in done.stdout
