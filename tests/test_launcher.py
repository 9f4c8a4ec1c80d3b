"""The `./coldframe` script, run in a copy, with fake interpreters that record their arguments."""

import shutil
import subprocess
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("sh", "cat", "cmp", "cp", "dirname", "ln", "mkdir", "readlink", "rm", "sleep")
PYTHON = """#!/bin/sh
case "$1 $2" in
"-c "*) exit {is_too_old} ;;
"--version ") echo "{name}" ;;
"-m venv") mkdir -p "$3/bin" "$3/lib/python3.x/site-packages"; cp "$0" "$3/bin/python" ;;
"-m pip") shift 2; for last; do :; done; echo "pip ${{last##*/}}" >>"{log}"; [ ! -e "{broken}" ] ;;
-P*) echo "$*" ;;
esac
"""


@frozen
class Checkout:
    """A project folder with the script and its locks, and a PATH that holds nothing but a few tools."""

    root: Path
    bin: Path

    def add_python(self, name: str, is_too_old: bool = False) -> None:
        text = PYTHON.format(name=name, is_too_old=int(is_too_old), log=self.log, broken=self.broken)
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run(self, *arguments: str, script: str = "coldframe", **env: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.root / script), *arguments]
        cwd = self.root.parent
        return subprocess.run(command, env={"PATH": str(self.bin), **env}, cwd=cwd, capture_output=True, text=True)

    @property
    def log(self) -> Path:
        return self.root.parent / "log"

    @property
    def broken(self) -> Path:
        return self.root.parent / "broken"

    def installed(self) -> list[str]:
        """What pip was asked for since the last time."""
        lines = self.log.read_text().split("\n")[:-1] if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root, tools = tmp_path / "a project", tmp_path / "bin"
    root.mkdir()
    tools.mkdir()
    shutil.copy(ROOT / "coldframe", root)
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (root / lock).write_text(f"first {lock}")
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool) or pytest.fail(f"{tool} is needed"))
    return Checkout(root, tools)


@pytest.fixture
def built(checkout: Checkout) -> Checkout:
    checkout.add_python("python3")
    checkout.run("tour")
    checkout.installed()
    return checkout


def test_the_script_is_at_most_forty_lines() -> None:
    assert (ROOT / "coldframe").read_text().count("\n") <= 40


def test_the_first_use_installs_the_lock_and_passes_the_arguments_on(checkout: Checkout) -> None:
    checkout.add_python("python3")
    done = checkout.run("backtest", "a card.yaml", "--json")
    assert (done.returncode, done.stdout) == (0, "-P -m actors.app.cli backtest a card.yaml --json\n")
    assert "making .venv with python3" in done.stderr
    assert checkout.installed() == ["pip requirements.lock"]


def test_the_project_stands_on_the_path_of_its_environment(built: Checkout) -> None:
    site = built.root / ".venv/lib/python3.x/site-packages"
    assert (site / (site / "coldframe.pth").read_text().strip()).resolve() == built.root


def test_a_later_use_builds_nothing_and_says_nothing(built: Checkout) -> None:
    done = built.run("tree")
    assert (done.stdout, done.stderr, built.installed()) == ("-P -m actors.app.cli tree\n", "", [])


def test_the_first_test_adds_the_dev_lock_to_what_is_there(built: Checkout) -> None:
    assert built.run("test", "-k", "venue").stdout == "-P -m tests.checks -k venue\n"
    assert built.installed() == ["pip requirements-dev.lock"]
    built.run("test")
    assert built.installed() == []


def test_a_first_test_on_a_fresh_clone_installs_both_locks(checkout: Checkout) -> None:
    checkout.add_python("python3")
    checkout.run("test")
    assert checkout.installed() == ["pip requirements.lock", "pip requirements-dev.lock"]


@pytest.mark.parametrize("changed", ["requirements.lock", "requirements-dev.lock"])
def test_a_changed_lock_rebuilds_from_nothing(built: Checkout, changed: str) -> None:
    built.run("test")
    built.installed()
    (built.root / ".venv/stale").touch()
    (built.root / changed).write_text("second")
    built.run("test")
    assert built.installed() == ["pip requirements.lock", "pip requirements-dev.lock"]
    assert not (built.root / ".venv/stale").exists()


def test_a_changed_dev_lock_leaves_other_commands_alone(built: Checkout) -> None:
    built.run("test")
    built.installed()
    (built.root / "requirements-dev.lock").write_text("second")
    built.run("tour")
    assert built.installed() == []


def test_an_interrupted_build_is_done_again(checkout: Checkout) -> None:
    checkout.add_python("python3")
    checkout.broken.touch()
    assert checkout.run("tour").returncode != 0
    checkout.broken.unlink()
    checkout.installed()
    assert checkout.run("tour").stdout == "-P -m actors.app.cli tour\n"
    assert checkout.installed() == ["pip requirements.lock"]


def test_a_vanished_interpreter_is_replaced(built: Checkout) -> None:
    (built.root / ".venv/bin/python").unlink()
    (built.root / ".venv/bin/python").symlink_to(built.root / "gone")
    assert built.run("tour").returncode == 0
    assert built.installed() == ["pip requirements.lock"]


def test_the_guard_of_a_dead_builder_is_taken_away(built: Checkout) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    (built.root / "requirements.lock").write_text("second")
    (built.root / ".venv.guard").symlink_to(str(dead.pid))
    assert built.run("tour").returncode == 0
    assert not (built.root / ".venv.guard").is_symlink()


def test_two_first_uses_at_once_build_once(checkout: Checkout) -> None:
    checkout.add_python("python3")
    both = [
        subprocess.Popen([checkout.root / "coldframe", "tour"], env={"PATH": str(checkout.bin)}, stdout=-1, stderr=-1)
        for _ in range(2)
    ]
    assert [process.communicate()[0] for process in both] == [b"-P -m actors.app.cli tour\n"] * 2
    assert checkout.installed() == ["pip requirements.lock"]


def test_a_symlink_to_the_script_finds_the_project(built: Checkout) -> None:
    (built.root.parent / "elsewhere").mkdir()
    (built.root.parent / "elsewhere/cf").symlink_to("../link")
    (built.root.parent / "link").symlink_to(built.root / "coldframe")
    assert built.run("tree", script="../elsewhere/cf").stdout == "-P -m actors.app.cli tree\n"
    assert built.installed() == []


def test_an_old_python3_gives_way_to_a_newer_one(checkout: Checkout) -> None:
    checkout.add_python("python3", is_too_old=True)
    checkout.add_python("python3.13", is_too_old=True)
    checkout.add_python("python3.12")
    assert "with python3.12" in checkout.run("tour").stderr


def test_no_usable_python_is_said_clearly_and_leaves_nothing(checkout: Checkout) -> None:
    checkout.add_python("python3", is_too_old=True)
    done = checkout.run("tour")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "coldframe: needs Python 3.11 or newer with its venv module; found none on the PATH\n"
    assert not list(checkout.root.glob(".venv*"))


def test_the_interpreter_and_the_folder_can_be_named(checkout: Checkout) -> None:
    checkout.add_python("python3")
    checkout.add_python("mine")
    done = checkout.run("tour", COLDFRAME_PYTHON="mine", COLDFRAME_VENV=".venv-mine")
    assert "making .venv-mine with mine" in done.stderr
    assert not (checkout.root / ".venv").exists()
