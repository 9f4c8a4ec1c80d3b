"""Every fault in the table is found by the tests named beside it."""

import subprocess
import sys


def test_every_planted_fault_is_found() -> None:
    command = [sys.executable, "-P", "-m", "tests.mutation.rooms"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
