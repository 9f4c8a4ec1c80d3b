"""The oracles judge the engine, so they share no code with it."""

import ast
from pathlib import Path

import pytest

from tests.skips import ROOT

ORACLES = (
    "tests/oracle/story.py",
    "tests/oracle/straight_loop.py",
    "tests/oracle/exits_loop.py",
    "tests/oracle/resting_loop.py",
    "tests/oracle/late_loop.py",
    "tests/oracle/leader_loop.py",
    "tests/actors/simulator/straight_walk.py",
    "tests/actors/simulator/slow_account.py",
)


def imported(source: str) -> set[str]:
    """Modules that a source imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", ORACLES)
def test_an_oracle_imports_nothing_of_the_engine(path: str) -> None:
    for module in imported((ROOT / Path(path)).read_text(encoding="utf-8")):
        ours = module.partition(".")[0] in ("runtime", "actors", "ideacards")
        is_test = module.startswith("tests.") and module.replace(".", "/") + ".py" not in ORACLES
        assert not ours, module
        assert not is_test, module
