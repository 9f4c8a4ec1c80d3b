"""Every planted fault of the trading rooms is found by its tests, and the runner tells one that no test finds."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(program: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: planting needs modules that nobody has imported yet."""
    return subprocess.run([sys.executable, "-P", "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=900)


def test_each_planted_fault_is_found() -> None:
    done = run("from tests.mutation.rooms import main; raise SystemExit(main())")
    assert done.returncode == 0, done.stdout


def test_a_change_without_effect_and_a_text_that_is_gone_are_told() -> None:
    limiter, gate = "actors/ratelimiter/actor.py", "tests/actors/ratelimiter/test_gate.py"
    rows = [
        (limiter, "self._held_count >= MAX_HELD", "MAX_HELD <= self._held_count", gate),
        (limiter, "nowhere", "", gate),
    ]
    done = run(f"from tests.mutation.rooms import main; raise SystemExit(main({rows!r}))")
    assert done.returncode == 2, done.stderr
    assert "self._held_count >= MAX_HELD: no test found it" in done.stdout
    assert "nowhere: stands there 0 times, not once" in done.stdout
