"""Frames between a socket and a reader that may be slow: bounded, in order, and conflated where that loses nothing.

It never blocks the socket. What it may do with a frame is the frame's rule; when frames that must be kept do not fit,
it says so, and the connection ends: a reader that has missed an execution must not go on as if it had not.
"""

from collections import OrderedDict
from typing import NamedTuple

from actors.bybit.frame_rules import Waiting, merge_ticker, rule_of

__all__ = ["FrameMailbox", "Taken"]


class Taken(NamedTuple):
    """The oldest frame, and how many were dropped or replaced since the last."""

    text: str
    dropped: int


class FrameMailbox:
    """At most `limit` frames and `max_chars` characters; of a queued topic at most `topic_limit` frames."""

    def __init__(self, limit: int = 4096, topic_limit: int = 256, max_chars: int = 64 * 1024 * 1024) -> None:
        self._limit = limit
        self._topic_limit = topic_limit
        self._max_chars = max_chars
        self._frames: OrderedDict[int, tuple[str, str]] = OrderedDict()  # topic and text by number of arrival
        self._waiting: dict[str, OrderedDict[int, None]] = {}  # numbers of a topic's frames that may be dropped
        self._count = 0
        self._chars = 0
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, text: str) -> bool:
        """Take a frame in; False where it does not fit and may not be dropped."""
        topic, waiting, supersedes = rule_of(text)
        behind = self._waiting.get(topic)
        if behind and supersedes:
            self._drop(topic)
        elif behind and waiting in (Waiting.REPLACE, Waiting.MERGE):
            newest = next(reversed(behind))
            older = self._frames[newest][1]
            new = text if waiting is Waiting.REPLACE else merge_ticker(older, text)
            self._chars += len(new) - len(older)
            self._frames[newest] = topic, new
            self._dropped += 1
            return self._chars <= self._max_chars
        elif behind and waiting is Waiting.QUEUE and len(behind) >= self._topic_limit:
            self._drop(topic)
        if len(self._frames) >= self._limit or self._chars + len(text) > self._max_chars:
            return False
        self._count += 1
        self._frames[self._count] = topic, text
        self._chars += len(text)
        if waiting is not Waiting.KEEP:
            self._waiting.setdefault(topic, OrderedDict())[self._count] = None
        return True

    def take(self) -> Taken | None:
        """The oldest frame; None where none waits."""
        if not self._frames:
            return None
        number, (topic, text) = self._frames.popitem(last=False)
        self._chars -= len(text)
        behind = self._waiting.get(topic)
        if behind is not None:
            behind.pop(number, None)
            if not behind:
                del self._waiting[topic]
        dropped, self._dropped = self._dropped, 0
        return Taken(text, dropped)

    def _drop(self, topic: str) -> None:
        for number in self._waiting.pop(topic):
            self._chars -= len(self._frames.pop(number)[1])
            self._dropped += 1
