"""Limits on restarts: a supervisor's restart budget, a child's backoff, and the pace of the whole tree."""

from collections import deque

import attrs

from runtime.rng import RandomStream
from runtime.spec import Backoff

__all__ = ["AT_ONCE", "Budget", "Pace", "Streak"]

AT_ONCE = 1_000  # restarts allowed in one instant in the whole tree; further ones wait
_FIRST_WAIT_NS = 1_000_000
_LONGEST_WAIT_NS = 1_000_000_000


class Budget:
    """N restarts in T ns are tolerated; one exactly T old still counts."""

    def __init__(self, intensity: int, period_ns: int) -> None:
        self._intensity = intensity
        self._period_ns = period_ns
        self._times: deque[tuple[int, int]] = deque()  # (instant, number of restarts in it)
        self._count = 0

    def clear(self) -> None:
        """Start a new budget, for a new life of the supervisor."""
        self._times.clear()
        self._count = 0

    def in_window(self, now_ns: int) -> int:
        """Number of restarts that count at this time."""
        return sum(count for time_ns, count in self._times if now_ns - time_ns <= self._period_ns)

    def spend(self, now_ns: int) -> bool:
        """Count one restart; returns False when it exceeds the budget."""
        times = self._times
        earlier = times.pop()[1] if times and times[-1][0] == now_ns else 0
        times.append((now_ns, earlier + 1))
        self._count += 1
        while now_ns - times[0][0] > self._period_ns:
            self._count -= times.popleft()[1]
        return self._count <= self._intensity


@attrs.define(eq=False)
class Streak:
    """A child's consecutive deaths: the first restart is at once, later ones wait; a stable life ends the streak."""

    backoff: Backoff | None
    jitter: RandomStream
    deaths: int = 0
    started_ns: int | None = None

    def started(self, now_ns: int) -> None:
        """A life begins."""
        self.started_ns = now_ns

    def ended(self, now_ns: int) -> None:
        """A life is over; a wait or a failed start does not count as a life and ends no streak."""
        started_ns, self.started_ns = self.started_ns, None
        if self.backoff is not None and started_ns is not None and now_ns - started_ns >= self.backoff.reset_ns:
            self.deaths = 0

    def next_wait(self) -> int:
        """Wait (ns) before the restart after this death."""
        if self.backoff is None:
            return 0
        self.deaths += 1
        if self.deaths == 1:
            return 0
        wait_ns = min(self.backoff.max_ns, self.backoff.min_ns << min(self.deaths - 2, 40))
        return wait_ns + int(wait_ns * self.backoff.jitter * self.jitter.random())


class Pace:
    """Keeps restarts without a backoff from blocking the kernel in one instant for ever.

    A start that always raises would loop without handling any message if its supervisor tolerates it. So after
    `AT_ONCE` restarts in one instant, in the whole tree, the next ones wait 1 ms, then twice as long each time up to
    1 s. The wait is reset when no instant has reached the limit for 2 s.
    """

    def __init__(self) -> None:
        self._now_ns = 0
        self._count = 0
        self._full_ns: int | None = None
        self._wait_ns = 0

    def next_wait(self, now_ns: int) -> int:
        """Count one restart; returns how long it has to wait (ns)."""
        if now_ns != self._now_ns:
            self._now_ns, self._count = now_ns, 0
        self._count += 1
        if self._count <= AT_ONCE:
            return 0
        if self._count == AT_ONCE + 1:
            is_again = self._full_ns is not None and now_ns - self._full_ns <= 2 * _LONGEST_WAIT_NS
            self._wait_ns = min(2 * self._wait_ns, _LONGEST_WAIT_NS) if is_again else _FIRST_WAIT_NS
            self._full_ns = now_ns
        return self._wait_ns
