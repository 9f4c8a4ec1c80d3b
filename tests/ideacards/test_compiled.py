"""The compiler's place: loaded late, kept on disk where it can be, and never stale."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ideacards import compiled as compiled_module
from ideacards.indicators.registry import INDICATORS

PACKAGE = Path(compiled_module.__file__).parent
FOLDER = PACKAGE / "indicators"
ROOT = PACKAGE.parent


def _run(code: str, *, cwd: Path = ROOT, **environment: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_naming_indicators_and_reading_feeds_does_not_load_the_compiler() -> None:
    code = "import sys, ideacards.feeds, ideacards.indicators.compute; print('numba' in sys.modules)"
    assert _run(code) == "False"
    assert _run(f"{code}; import ideacards.indicators.ema; print('numba' in sys.modules)").endswith("True")


def _compiled_imports(source: str) -> list[str]:
    """Functions imported from other indicator modules by name: numba would keep what they were when it compiled."""
    modules = {f"ideacards.indicators.{name}" for name in INDICATORS}
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return [alias.name for node in found if node.module in modules for alias in node.names]


def _calls_across(source: str) -> list[str]:
    """Calls of another indicator's functions inside compiled ones."""
    tree = ast.parse(source)
    compiled = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "compiled" for mark in node.decorator_list)
    ]
    names = [node.id for function in compiled for node in ast.walk(function) if isinstance(node, ast.Name)]
    return [name for name in names if name in INDICATORS]


@pytest.mark.parametrize("use", INDICATORS)
def test_compiled_functions_call_none_of_another_file(use: str) -> None:
    source = (FOLDER / f"{use}.py").read_text("utf-8")
    assert _compiled_imports(source) == []
    assert _calls_across(source) == []


def test_a_call_across_files_is_found() -> None:
    assert _compiled_imports("from ideacards.indicators.ema import step") == ["step"]
    assert _calls_across("@compiled\ndef f(x):\n    return ema.step(x)") == ["ema"]


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
