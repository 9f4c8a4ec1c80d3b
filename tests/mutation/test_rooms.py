"""The table of planted faults still applies; `python -P -m tests.mutation.rooms` plants them, as the checks do."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.exchange import ROWS as OF_EXCHANGE
from tests.mutation.gate import ROWS as OF_GATE
from tests.mutation.leaders import ROWS as OF_LEADERS
from tests.mutation.rooms import ROWS
from tests.mutation.streams import ROWS as OF_STREAMS
from tests.mutation.structures import ROWS as OF_STRUCTURES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "row",
    [*ROWS, *OF_EXCHANGE, *OF_GATE, *OF_LEADERS, *OF_STREAMS, *OF_STRUCTURES],
    ids=lambda row: f"{row[0]}: {row[1].strip()[:40]}",
)
def test_each_row_stands_in_its_file_once_and_its_tests_exist(row: tuple[str, str, str, str]) -> None:
    path, old, new, tests = row
    assert (ROOT / path).read_text(encoding="utf-8").count(old) == 1
    assert old != new
    assert (ROOT / tests.partition("::")[0]).exists()


@pytest.mark.slow
def test_a_change_without_effect_and_a_text_that_is_gone_are_told() -> None:
    limiter, gate = "actors/ratelimiter/actor.py", "tests/actors/ratelimiter/test_gate.py"
    rows = (
        (limiter, "if len(lane) >= MAX_HELD:", "if MAX_HELD <= len(lane):", gate),
        (limiter, "nowhere", "", gate),
    )
    program = f"from tests.mutation import rooms; raise SystemExit(rooms.plant({rows!r}))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode != 0
    assert "if len(lane) >= MAX_HELD:: no test found it" in done.stdout
    assert "nowhere: stands there 0 times, not once" in done.stdout
