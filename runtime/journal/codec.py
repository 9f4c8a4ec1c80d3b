"""From messages to bytes and back: JSON, so that a journal can be read without the program that wrote it.

A message stands as its class's name and its value. Classes are named once, by whoever puts the tree together; a class
that is not among them can be written (an output is only compared) and not read back (an input is handled again).
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any

import msgspec

from runtime.errors import KernelError

__all__ = ["Codec", "UnknownClass"]

_PLAIN = (str, int, float, bool, type(None), bytes, tuple, list, dict)
_INPUT_MESSAGES = {"tell": 1, "command": 1, "ask": 1, "result": 3}
_OUTPUT_MESSAGES = {"effect": 4, "memory": 2}
_AT = {**_INPUT_MESSAGES, **_OUTPUT_MESSAGES}


class UnknownClass(KernelError):
    """A message of a class that the codec was not told of, or two classes of one name."""


class Codec:
    """Writes and reads the payloads of a kernel's records."""

    def __init__(self, classes: Iterable[type] = ()) -> None:
        self._classes: dict[str, type] = {plain.__name__: plain for plain in _PLAIN}
        for message_class in classes:
            other = self._classes.setdefault(message_class.__name__, message_class)
            if other is not message_class:
                raise UnknownClass(f"two message classes are named {message_class.__name__}")

    def write(self, kind: str, payload: tuple[Any, ...]) -> bytes:
        """The payload of one record; UnknownClass for an input that could not be read back."""
        place = _AT.get(kind)
        if place is None:
            return msgspec.json.encode(payload, enc_hook=_as_text)
        message = payload[place]
        name = type(message).__name__
        if kind in _INPUT_MESSAGES and self._classes.get(name) is not type(message):
            raise UnknownClass(f"{name} comes in from outside, and the journal's codec has no such class")
        named = (name, message)
        return msgspec.json.encode((*payload[:place], named, *payload[place + 1 :]), enc_hook=_as_text)

    def read(self, kind: str, payload: bytes) -> tuple[Any, ...]:
        """The payload again, its message as an instance of its class."""
        values = msgspec.json.decode(payload)
        place = _AT.get(kind)
        if place is not None:
            name, value = values[place]
            if name not in self._classes:
                raise UnknownClass(f"the record holds a {name}, and the journal's codec has no such class")
            values[place] = msgspec.convert(value, type=self._classes[name], strict=False)
        return tuple(values)


def _as_text(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    raise UnknownClass(f"{type(value).__name__} inside a message cannot be written to the journal")
