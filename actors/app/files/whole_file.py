"""A file that appears whole or not at all: written beside its place, then renamed onto it."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from actors.model.errors import InputError
from ideacards.errors import Problem

__all__ = ["check_new", "write_file"]


def check_new(path: Path, option: str, *, is_forced: bool) -> None:
    """InputError unless a file may be written to `path`: its folder exists, and a file there may be replaced."""
    if path.is_dir():
        raise _problem(path, option, "is a folder", "give a file")
    if not path.parent.is_dir():
        raise _problem(path, option, "cannot be written: its folder is not there", f"make {path.parent} first")
    if path.exists() and not is_forced:
        raise _problem(path, option, "is there already", "give another file, or --force to replace it")


def write_file(path: Path, option: str, write: Callable[[Path], object]) -> None:
    """Call `write` with a file beside `path`, then rename it to `path`; on any failure nothing is left of it."""
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _problem(path, option, f"cannot be written: {error.strerror}", "give another file") from error
    try:
        write(Path(beside))
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except OSError as error:
        raise _problem(path, option, f"cannot be written: {error.strerror}", "give another file") from error
    finally:
        Path(beside).unlink(missing_ok=True)


def _problem(path: Path, option: str, what: str, hint: str) -> InputError:
    return InputError([Problem(option, None, None, str(path), what, hint)])
