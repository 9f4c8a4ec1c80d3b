"""The runner counts a mutant as killed only if a test failed because of it."""

import subprocess
import sys

import pytest

from tests.mutation.mutant import ROOT

pytestmark = pytest.mark.slow

MODULE = "runtime.supervision.restarts"
OLD = "return self._count <= self._intensity"
STORY = "tests/runtime/supervision/test_stories.py::test_S12_a_group_restart_counts_once"

SCRIPT = """
from tests.mutation.mutant import Mutant
from tests.mutation.runner import run
for result in run([Mutant("planted", {module!r}, {old!r}, {new!r}, ({test!r},), **{more!r})]):
    print(result)
"""


def verdict_of(new: str, *, old: str = OLD, module: str = MODULE, test: str = STORY, **more: object) -> str:
    """What the runner says of one mutant, in a process that has imported nothing of ours."""
    script = SCRIPT.format(module=module, old=old, new=new, test=test, more=more)
    done = subprocess.run([sys.executable, "-P", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_fault_that_a_test_finds_is_killed_and_the_test_is_named() -> None:
    assert verdict_of("return True").startswith(f"killed   planted: {STORY}")


def test_a_change_that_nobody_can_see_survives_and_is_wrong() -> None:
    assert verdict_of("return not self._count > self._intensity").startswith("WRONG survived planted: passed: ")


def test_a_survivor_with_a_reason_is_right_until_it_is_killed() -> None:
    same = "return not self._count > self._intensity"
    assert verdict_of(same, survives="the same in other words") == "survived planted: the same in other words"
    assert verdict_of("return True", survives="nobody looks").startswith("WRONG killed ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old": "no such text"}, "runtime.supervision.restarts has this text 0 times, not once: 'no such text'"),
        ({"old": "now_ns"}, "not once: 'now_ns'"),
        ({"module": "runtime.nowhere"}, "there is no module runtime.nowhere"),
        ({"new": OLD}, "it changes nothing"),
        ({"new": "return ("}, "no Python with the fault"),
        ({"test": "tests/test_nowhere.py::test_it"}, "no such test file: tests/test_nowhere.py::test_it"),
    ],
)
def test_a_mutant_that_does_not_fit_the_code_is_stale(change: dict[str, str], said: str) -> None:
    answer = verdict_of(**{"new": "return True", **change})
    assert answer.startswith("WRONG stale    planted: ")
    assert said in answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old": "class Budget:", "new": "class Purse:"}, "collection failed"),
        ({"old": "self._times.clear()", "new": "unheard_of()"}, "only breaks a name"),
        ({"test": STORY + "_of_nobody"}, "no failing test"),
        ({"test": "tests/test_skips.py"}, "never import runtime.supervision.restarts"),
        ({"old": "class Budget:", "new": "import os; os._exit(3)\nclass Budget:"}, "process ended with status"),
    ],
)
def test_what_breaks_the_tests_without_failing_one_is_no_kill(change: dict[str, str], said: str) -> None:
    answer = verdict_of(**{"new": "return True", **change})
    assert answer.startswith("WRONG broken   planted: ")
    assert said in answer
