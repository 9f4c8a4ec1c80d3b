"""A user's own feature: a step function of a Python file, read and checked when the card is loaded.

It is called once a bar with its state and that bar alone, so it cannot read another bar. `own_stepper` runs it.
"""

import hashlib
from pathlib import Path
from types import FunctionType
from typing import Any

import attrs

from ideacards.indicators.kind import Indicator, value_from
from ideacards.indicators.own_bar import OWN_INPUTS

__all__ = ["OwnStep", "own_step"]


@attrs.frozen
class OwnStep:
    """A step function of a file. Two are equal if name, file's bytes and size of the state are."""

    use: str  # as the card writes it: python:FILE.py:name
    file_digest: str
    state_size: int
    function: FunctionType = attrs.field(eq=False, repr=False)

    @property
    def kind(self) -> Indicator:
        """Its kind: it reads the whole bar and has one output, known from the first bar on."""
        return Indicator(
            self.use,
            self.use,
            (),
            warm_index=value_from(lambda params: 0),
            state_size=lambda params: self.state_size,
            inputs=OWN_INPUTS,
            default_of=None,
            is_recursive=True,
        )


def own_step(use: str, folder: Path, state_size: int) -> OwnStep:
    """The function that `python:FILE.py:name` names, FILE relative to `folder`; ValueError says what is wrong."""
    scheme, _, rest = use.partition(":")
    path, _, name = rest.rpartition(":")
    if scheme != "python" or not path.endswith(".py") or not name.isidentifier():
        raise ValueError(f"`{use}` is not python:FILE.py:name")
    try:
        source = (folder / path).read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    names: dict[str, Any] = {"__name__": f"own_{Path(path).stem}"}
    try:
        exec(compile(source, str((folder / path).resolve()), "exec"), names)
    except Exception as error:
        raise ValueError(f"{path} cannot be run: {type(error).__name__}: {error}") from None
    found = names.get(name)
    if not isinstance(found, FunctionType):
        raise ValueError(f"{path} has no function `{name}`")
    if found.__code__.co_argcount != 2 or found.__code__.co_kwonlyargcount or found.__code__.co_flags & 0x0C:
        raise ValueError(f"`{name}` does not take two arguments, (state, bar)")
    return OwnStep(use, hashlib.blake2b(source, digest_size=16).hexdigest(), state_size, found)
