"""The guardian ends the process when its stop does not finish in time, whatever blocks it.

It is a plain OS thread. Signals reach it through Python's wakeup descriptor, to which the C-level handler writes, so it
receives them while an actor's handler blocks the main thread. It passes them on to the driver and times the deadline
itself. It cannot act against C code that never releases the GIL; then the service manager's timeout must kill.
"""

import faulthandler
import os
import select
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any

import trio

__all__ = ["STUCK", "Guardian"]

STUCK = 70  # EX_SOFTWARE: the exit code of a process whose stop did not end
_STOP, _AGAIN, _DONE = 201, 202, 203  # not a signal number: those end at 64
_LAST_S = 2.0  # for the stacks: stderr may be a pipe that nobody reads
_STDERR = 2


class Guardian:
    """A context manager for the main thread around a run; `heard` is the first signal that asked for a stop.

    A stop may take `stop_s`, or `hurry_s` after a second signal; `grace_s` later the process ends with `STUCK`. After a
    stop by a signal the guardian keeps watching until the process has ended, and further signals do nothing.
    """

    def __init__(
        self,
        *,
        stop_s: float,
        hurry_s: float,
        grace_s: float = 1.0,
        signals: tuple[int, ...] = (signal.SIGTERM, signal.SIGINT),
    ) -> None:
        self.heard: int | None = None
        self._stop_s = stop_s + grace_s
        self._hurry_s = hurry_s + grace_s
        self._signals = signals
        self._ends_at: float | None = None  # written by the guardian's thread only
        self._allowed_s = 0.0
        self._unheeded: deque[int] = deque()
        self._wake_driver: Callable[[], None] | None = None
        self._trio_fd = -1
        self._before: dict[int, Any] = {}
        self._ear, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        self._thread = threading.Thread(target=self._watch, name="guardian", daemon=True)

    def __enter__(self) -> "Guardian":
        self._thread.start()
        for number in self._signals:
            self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.heard is not None:
            signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
            return
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._say(_DONE)
        self._thread.join()
        self._ear.close()
        self._mouth.close()

    @contextmanager
    def connected(self, heed: Callable[[int], None]) -> Iterator[None]:
        """Call within Trio: `heed(number)` is then called there for every signal, also for earlier ones."""
        token = trio.lowlevel.current_trio_token()

        def deliver() -> None:
            while self._unheeded:
                heed(self._unheeded.popleft())

        def wake() -> None:
            with suppress(trio.RunFinishedError):
                token.run_sync_soon(deliver)

        self._trio_fd = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        self._wake_driver = wake
        deliver()
        try:
            yield
        finally:
            self._wake_driver = None
            signal.set_wakeup_fd(self._trio_fd)
            self._trio_fd = -1

    def stop_begun(self) -> None:
        """Called by the driver when an orderly stop begins."""
        self._say(_STOP)

    def stop_hastened(self) -> None:
        """Called by the driver when it is asked to stop a second time."""
        self._say(_AGAIN)

    # -- in the main thread -------------------------------------------------------------------------------------------

    def _came(self, number: int, frame: FrameType | None) -> None:
        """Python's signal handler; if the wakeup descriptor is ours, the guardian already has the signal."""
        if self._trio_fd == -1:
            self._say(number)

    def _say(self, number: int) -> None:
        with suppress(BlockingIOError):
            self._mouth.send(bytes((number,)))

    # -- in its own thread --------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            left_s = None if self._ends_at is None else max(self._ends_at - time.monotonic(), 0.0)
            if not select.select([self._ear], [], [], left_s)[0]:
                self._end()
            for number in self._ear.recv(4096):
                if number == _DONE:
                    return
                self._hear(number)

    def _hear(self, number: int) -> None:
        if number in self._signals:
            self.heard = self.heard or number
            self._allow(self._stop_s if self._ends_at is None else self._hurry_s)
            self._unheeded.append(number)
            if self._wake_driver is not None:
                self._wake_driver()
        elif number == _STOP:
            self._allow(self._stop_s)
        elif number == _AGAIN:
            self._allow(self._hurry_s)
        elif self._trio_fd != -1:  # not our signal: wake Trio as it would be woken without us
            with suppress(OSError):
                os.write(self._trio_fd, bytes((number,)))

    def _allow(self, span_s: float) -> None:
        """Set the deadline to `span_s` from now, unless it is earlier already."""
        ends_at = time.monotonic() + span_s
        if self._ends_at is None or ends_at < self._ends_at:
            self._ends_at, self._allowed_s = ends_at, span_s

    def _end(self) -> None:
        """Print the stacks of all threads and exit; nothing is flushed and no journal is touched."""
        with open(os.devnull, "wb") as nowhere:
            faulthandler.dump_traceback_later(_LAST_S, exit=True, file=nowhere)
            text = f"the stop has not ended within {self._allowed_s:g} s: exit {STUCK}; what every thread is doing:\n"
            with suppress(OSError):
                os.write(_STDERR, text.encode())
            faulthandler.dump_traceback(file=_STDERR, all_threads=True)
            os._exit(STUCK)
