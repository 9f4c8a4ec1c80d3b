"""Signals: SIGINT and SIGTERM become one exception, and the exit code says which it was.

The exception is a KeyboardInterrupt, so no actor's crash handling catches it. It may still surface as another error (a
tree that stopped because of it), so the signal's number is kept.
"""

import signal
from types import FrameType, TracebackType
from typing import NoReturn

__all__ = ["Stopped", "Stopper"]

_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end."""


class Stopper:
    """While entered, both signals raise Stopped; `number` is the first received. An ignored signal stays ignored."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._earlier: dict[signal.Signals, object] = {}

    def __enter__(self) -> "Stopper":
        for which in _WORDS:
            earlier = signal.getsignal(which)
            if earlier is not signal.SIG_IGN:
                self._earlier[which] = earlier
                signal.signal(which, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for which, earlier in self._earlier.items():
            signal.signal(which, earlier)  # type: ignore[arg-type]

    @property
    def code(self) -> int:
        """The exit code: 128 plus the signal's number."""
        return 128 + (self.number or signal.SIGINT)

    @property
    def word(self) -> str:
        """The message for the user."""
        return _WORDS[signal.Signals(self.number or signal.SIGINT)]

    def _stop(self, number: int, frame: FrameType | None) -> NoReturn:
        self.number = self.number or number
        raise Stopped(number)
