"""The compiler's place: loaded late, kept on disk where it can be, and never stale."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

from ideacards import compiled as compiled_module
from ideacards.compiled import digest_of_sources

PACKAGE = Path(compiled_module.__file__).parent
ROOT = PACKAGE.parent


def _run(code: str, *, cwd: Path = ROOT, **environment: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_naming_indicators_and_reading_feeds_does_not_load_the_compiler() -> None:
    code = (
        "import sys, ideacards.feeds, numpy; from ideacards.indicators.compute import compute, stepper\n"
        "one = stepper('sma', {'length': 1}).step(1.0); print('numba' in sys.modules)"
    )
    assert _run(code) == "False"
    assert _run(f"{code}; compute('sma', {{'length': 1}}, numpy.ones(1)); print('numba' in sys.modules)").endswith(
        "True"
    )


def _write(folder: Path, helper: str) -> None:
    """A file with `step`, which calls the `helper` of another file."""
    (folder / "planted_helper.py").write_text(f"def helper(x):\n    return {helper}\n", "utf-8")
    (folder / "planted_step.py").write_text(
        "from planted_helper import helper\n\ndef step(state, x):\n    return helper(x)\n", "utf-8"
    )


def _written(folder: Path, helper: str) -> FunctionType:
    """That step, freshly imported."""
    _write(folder, helper)
    importlib.invalidate_caches()
    for name in ("planted_helper", "planted_step"):
        sys.modules.pop(name, None)
    step: FunctionType = importlib.import_module("planted_step").step
    return step


def test_what_is_kept_on_disk_is_named_after_every_file_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    first = digest_of_sources(_written(tmp_path, "x + 1.0"), "text")
    assert digest_of_sources(_written(tmp_path, "x + 1.0"), "text") == first
    assert digest_of_sources(_written(tmp_path, "x + 1.0"), "another") != first
    assert digest_of_sources(_written(tmp_path, "x + 1.5"), "text") != first


@pytest.mark.slow
def test_a_changed_helper_in_another_file_is_compiled_anew(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np\n"
        "from planted_step import step\n"
        "from ideacards.compiled import compiled_loop\n"
        "text = 'def loop(rows, out):\\n    for i in range(len(rows)):\\n        out[i] = step(rows, rows[i])'\n"
        "loop = compiled_loop(text, 'loop', 'void(float64[::1], float64[::1])', step)\n"
        "out = np.zeros(2)\n"
        "loop(np.array([1.0, 2.0]), out)\n"
        "print(out.tolist(), sum(loop.stats.cache_hits.values()))"
    )
    for helper, expected in (
        ("x + 1.0", "[2.0, 3.0] 0"),
        ("x + 1.0", "[2.0, 3.0] 1"),
        ("x + 1.5", "[2.5, 3.5] 0"),
    ):
        _write(tmp_path, helper)
        os.utime(tmp_path / "planted_step.py", (1, 1))  # the stamp that numba looks at stays
        assert _run(code, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}", PYTHONDONTWRITEBYTECODE="1") == expected


def test_without_a_folder_to_write_to_features_are_computed_all_the_same(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "ideacards", ignore=shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc"))
    code = (
        "import sys, numpy as np\n"
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = []\n"  # no folder in the tree, none of the user's
        "from ideacards.indicators.compute import compute\n"
        "print(compute('highest', {'length': 2}, np.array([1.0, 3.0, 2.0]))['value'].tolist())"
    )
    assert _run(code, cwd=tmp_path) == "[nan, 3.0, 3.0]"
    assert not list(tmp_path.rglob("*.nbi"))


def test_a_run_names_what_it_compiles_and_the_next_one_is_silent(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.ideacards.markets import a_card, a_feature, random_bars\n"
        "from actors.app.compiling import tell_compiling; from ideacards.feeds import Feeds\n"
        "cards = [a_card(a_feature('fast', 'mom', length=2), a_feature('slow', 'sma', length=3))] * 2\n"
        "sys.stderr = sys.stdout; tell_compiling(cards); tell_compiling(cards); Feeds.build(cards[0], random_bars(9))"
    )
    assert _run(code, NUMBA_CACHE_DIR=str(tmp_path)) == "compiling mom, sma: once, then kept on disk"
    assert _run(code, NUMBA_CACHE_DIR=str(tmp_path)) == ""
