"""What `./coldframe test` runs, whole and quick; and that the quick set still touches every room."""

import ast
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import checks

TESTS = checks.ROOT / "tests"


@pytest.mark.parametrize(
    ("arguments", "mutants", "left_out"),
    [
        ((), "", ""),
        (("-m", "not slow"), "", "slow"),
        (("-mnot slow", "-x"), "", "slow"),
        (("-m", "slow"), "", ""),
        (("-k", "venue"), "no", "COLDFRAME_MUTANTS=no"),
    ],
)
def test_every_check_runs_but_planted_faults_where_the_quick_set_is_asked_for(
    arguments: tuple[str, ...],
    mutants: str,
    left_out: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], cwd: Path) -> SimpleNamespace:
        commands.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("COLDFRAME_MUTANTS", mutants)
    assert checks.main(arguments) == 0
    modules = [command[3] for command in commands]
    assert ("tests.mutation" in modules) is (not left_out)
    assert ("tests.mutation.rooms" in modules) is (not left_out)
    assert len(commands) == len(checks.CHECKS) - (len(checks.PLANTED) if left_out else 0)
    assert commands[-1][3:] == ["pytest", *arguments]
    said = capsys.readouterr().out.splitlines()
    expected = [f"== {name}: left out ({left_out})" for name in checks.PLANTED] if left_out else []
    assert [line for line in said if "left out" in line] == expected


def test_the_planted_faults_can_run_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    commands: list[str] = []

    def run(command: list[str], cwd: Path) -> SimpleNamespace:
        commands.append(command[3])
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("COLDFRAME_MUTANTS", "only")
    assert checks.main(()) == 0
    assert commands == ["tests.mutation", "tests.mutation.rooms"]
    assert capsys.readouterr().out.count("left out (COLDFRAME_MUTANTS=only)") == len(checks.CHECKS) - 2


def test_a_check_that_fails_is_named_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count = 0

    def run(command: list[str], cwd: Path) -> SimpleNamespace:
        nonlocal count
        count += 1
        return SimpleNamespace(returncode="mypy" in command)

    monkeypatch.setattr(subprocess, "run", run)
    assert checks.main(["-m", "not slow"]) == 1
    assert count == len(checks.CHECKS) - len(checks.PLANTED)
    assert capsys.readouterr().err == "coldframe: failed: mypy --strict\n"


def quick_tests(source: str) -> list[str]:
    """Names of the tests of a file that are not marked slow."""
    tree = ast.parse(source)
    if any(isinstance(node, ast.Assign) and "mark.slow" in ast.unparse(node) for node in tree.body):
        return []
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        node.name
        for node in tests
        if node.name.startswith("test_") and not any("mark.slow" in ast.unparse(mark) for mark in node.decorator_list)
    ]


def test_the_quick_set_touches_every_room() -> None:
    rooms: dict[Path, int] = {}
    for file in TESTS.rglob("test_*.py"):
        rooms.setdefault(file.parent, 0)
        rooms[file.parent] += len(quick_tests(file.read_text(encoding="utf-8")))
    assert len(rooms) > 20
    assert [str(room.relative_to(TESTS)) for room, count in rooms.items() if not count] == []


def test_a_marked_test_is_not_quick() -> None:
    slow = "@pytest.mark.slow\ndef test_one(): ...\ndef test_other(): ..."
    assert quick_tests(slow) == ["test_other"]
    assert quick_tests(f"pytestmark = pytest.mark.slow\n{slow}") == []
