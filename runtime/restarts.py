"""How often and how soon: a supervisor's restart budget and a child's backoff."""

from collections import deque

import attrs

from runtime.rng import RandomStream
from runtime.spec import Backoff

__all__ = ["Budget", "Streak"]


class Budget:
    """N restarts in T ns are tolerated; one exactly T old still counts."""

    def __init__(self, intensity: int, period_ns: int) -> None:
        self._intensity = intensity
        self._period_ns = period_ns
        self._times: deque[int] = deque()

    def clear(self) -> None:
        """A new life of the supervisor has a new budget."""
        self._times.clear()

    def in_window(self, now_ns: int) -> int:
        """Restarts that count at this time."""
        return sum(1 for time_ns in self._times if now_ns - time_ns <= self._period_ns)

    def spend(self, now_ns: int) -> bool:
        """Count one restart; False when it is one too many."""
        self._times.append(now_ns)
        while now_ns - self._times[0] > self._period_ns:
            self._times.popleft()
        return len(self._times) <= self._intensity


@attrs.define(eq=False)
class Streak:
    """A child's deaths in a row: the first restart is at once, later ones wait, and a stable life ends the streak."""

    backoff: Backoff | None
    jitter: RandomStream
    deaths: int = 0
    started_ns: int | None = None

    def started(self, now_ns: int) -> None:
        """A life begins."""
        self.started_ns = now_ns

    def ended(self, now_ns: int) -> None:
        """A life is over; a wait and a failed start are none, so they end no streak."""
        started_ns, self.started_ns = self.started_ns, None
        if self.backoff is not None and started_ns is not None and now_ns - started_ns >= self.backoff.reset_ns:
            self.deaths = 0

    def next_wait(self) -> int:
        """Wait (ns) before the restart that this death asks for."""
        if self.backoff is None:
            return 0
        self.deaths += 1
        if self.deaths == 1:
            return 0
        wait_ns = min(self.backoff.max_ns, self.backoff.min_ns << min(self.deaths - 2, 40))
        return wait_ns + int(wait_ns * self.backoff.jitter * self.jitter.random())
