"""TOML files of the user by the strict loader that also reads cards; faults become InputErrors of the app."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from actors.model.errors import InputError
from ideacards.errors import CardError
from ideacards.loading.files import text_of
from ideacards.loading.structuring import read
from ideacards.loading.toml_text import parse_toml
from ideacards.loading.tree import MapNode, Node

__all__ = ["read_toml", "structure"]

T = TypeVar("T")


def read_toml(path: Path, kind: str) -> MapNode:
    """The file's tree; InputError if it cannot be read or is broken. `kind` is what it should be: `a profile`."""
    with _input_errors():
        return parse_toml(text_of(path, kind), str(path))


def structure(node: Node, kind: type[T]) -> T:
    """The node as an attrs class; InputError with every unknown key, missing key and wrong value."""
    with _input_errors():
        return read(node, kind)


@contextmanager
def _input_errors() -> Iterator[None]:
    try:
        yield
    except CardError as error:
        raise InputError(error.problems) from None
