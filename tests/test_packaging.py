"""What is shipped: the wheel has configuration, cards and report assets; the locks name no path or host, and agree."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    built, unpacked = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("unpacked")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [archive] = built.glob("coldframe-*.whl")
    zipfile.ZipFile(archive).extractall(unpacked)
    return unpacked


def test_the_wheel_holds_the_three_packages_and_nothing_else(wheel: Path) -> None:
    folders = [path.name for path in wheel.iterdir() if path.suffix != ".dist-info"]
    assert sorted(folders) == sorted(PACKAGES)
    assert [name for name in PACKAGES if not (wheel / name / "py.typed").is_file()] == []


@pytest.mark.parametrize(
    ("shipped", "source"),
    [
        ("actors/app/_config", "config"),
        ("ideacards/cards", "ideacards/cards"),
        ("ideacards/scaffolds", "ideacards/scaffolds"),
        ("actors/app/results/report", "actors/app/results/report"),
    ],
)
def test_the_wheel_carries_every_data_file(wheel: Path, shipped: str, source: str) -> None:
    def files(folder: Path) -> list[str]:
        names = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
        return sorted(name for name in names if "__pycache__" not in name)

    assert files(wheel / shipped) == files(ROOT / source) != []


def test_installed_code_finds_its_own_configuration(wheel: Path) -> None:
    program = "from actors.app.settings import config_dir, load_settings; load_settings(); print(config_dir())"
    env = {**os.environ, "PYTHONPATH": str(wheel)}
    done = subprocess.run([sys.executable, "-P", "-c", program], env=env, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == wheel / "actors/app/_config"


def test_the_command_is_coldframe(wheel: Path) -> None:
    [entry_points] = wheel.glob("*.dist-info/entry_points.txt")
    assert "coldframe = actors.app.cli:main" in entry_points.read_text().splitlines()


def test_an_installed_tour_names_the_installed_command(wheel: Path) -> None:
    program = "from actors.app.cli.tour import command_name; print(command_name())"
    env = {**os.environ, "PYTHONPATH": str(wheel)}
    done = subprocess.run([sys.executable, "-P", "-c", program], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "coldframe\n"


def pins(lock: str) -> dict[str, str]:
    """Each requirement (name and marker) of a lock with its version."""
    lines = (ROOT / lock).read_text().splitlines()
    found = [re.match(r"([\w.-]+)==(\S+)( ; [^\\]+)?", line) for line in lines]
    return {f"{match[1]}{(match[3] or '').rstrip()}": match[2] for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_path(lock: str) -> None:
    assert re.findall(r"https?:|\w+\.(?:org|com|io)\b|(?<!\S)/\w+", (ROOT / lock).read_text()) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    requirements = [entry for entry in entries if not entry.startswith("#")]
    assert len(requirements) == len(pins(lock)) > 10
    assert [entry for entry in requirements if "--hash=sha256:" not in entry] == []


def test_both_locks_pin_what_they_share_alike() -> None:
    run, dev = map(pins, LOCKS)
    assert [name for name in run if name in dev and run[name] != dev[name]] == []
    assert [name for name in run if name in dev]
