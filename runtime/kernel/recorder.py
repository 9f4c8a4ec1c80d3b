"""The decision stream and its digest: decisions and their consequences, in kernel order.

The composition root chooses the message classes and their digest fields; the kernel attaches no meaning. A record is
added when a message is sent and withdrawn when the sending handler raises.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from runtime.kernel.deadletters import DeadCause

__all__ = ["Record", "RecordMap", "Recorder"]

Fields = Callable[[Any], tuple[Any, ...]] | None
RecordMap = Mapping[type, Fields]
_BLOCK = 256


class Record(msgspec.Struct, frozen=True, gc=False):
    """One entry: kernel time, the message, and for a loss its cause."""

    time_ns: int
    message: Any
    lost: str = ""


class Recorder:
    """`classes` maps a message class to the function that gives its digest fields, or to None where it is no part of
    the digest; `stream` is what was recorded, `losses` what of it (and of `also_lost`) died on its way.
    """

    def __init__(self, classes: RecordMap, also_lost: tuple[type, ...] = ()) -> None:
        self.classes = dict(classes)
        self.stream: list[Record] = []
        self.losses: list[Record] = []
        self._watched = (*self.classes, *also_lost)

    def lost(self, time_ns: int, message: object, cause: DeadCause) -> None:
        """A message of a recorded class became a dead letter: listed in `losses`, beside the stream."""
        if type(message) in self._watched:
            self.losses.append(Record(time_ns, message, cause.value))

    def digest(self) -> str:
        """blake2b-128 over (time, kind, fields) of all records, hashed in blocks counted by records."""
        return digest_of(self._lines())

    def _lines(self) -> Iterable[list[Any]]:
        told = {kind: (kind.__name__, fields) for kind, fields in self.classes.items()}
        for record in self.stream:
            name, fields = told[type(record.message)]
            if fields is not None:
                yield [record.time_ns, name, *fields(record.message)]


def digest_of(lines: Iterable[Sequence[Any]]) -> str:
    """blake2b-128, hex, over the JSON of the lines; encoded and hashed a block at a time."""
    state = hashlib.blake2b(digest_size=16)
    encode, rest = msgspec.json.encode, iter(lines)
    while len(block := list(islice(rest, _BLOCK))) == _BLOCK:
        state.update(encode(block))
    state.update(encode(block))
    return state.hexdigest()
