"""The version of Coldframe: of the installed distribution, or from pyproject.toml in a checkout."""

import tomllib
from importlib import metadata
from pathlib import Path

__all__ = ["coldframe_version"]


def coldframe_version() -> str:
    """The version as text; a checkout that is not installed reads its pyproject.toml."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("coldframe")
