"""A result's folder appears whole or not at all: written beside its place, then renamed into it."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from actors.model.errors import InputError
from ideacards.errors import Problem

__all__ = ["check_free", "write_whole"]


def check_free(folder: Path, *, is_forced: bool) -> None:
    """InputError if `folder` cannot become a result's folder: a file, or not empty and not forced."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.is_dir() and is_forced:
        return
    if folder.exists():
        what = "is not empty" if folder.is_dir() else "is a file"
        hint = "give another folder, or --force to replace it" if folder.is_dir() else "give another folder"
        raise InputError([Problem("--out", None, None, str(folder), what, hint)])


def write_whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Call `write` with a folder beside `folder`, then put it in its place; on any failure nothing is left."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise InputError([Problem("--out", None, None, str(folder), f"cannot be written: {error.strerror}")]) from error
    try:
        write(beside)
        beside.chmod(0o755)
        _take_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _take_place(beside: Path, folder: Path) -> None:
    """Rename; an earlier folder steps aside first and goes when the new one stands."""
    if not folder.exists():
        os.rename(beside, folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.rename(folder, old / "was")
    try:
        os.rename(beside, folder)
    except OSError:
        os.rename(old / "was", folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
