"""The clock of a rehearsal: it stands still, and moves together with the exchange's to the next thing that is due."""

import trio

__all__ = ["RehearsalClock"]

_NEVER_S = 3_600.0  # how long Trio may wait for I/O; time alone brings nothing
_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000
_NS_PER_US = 1_000


class RehearsalClock(trio.abc.Clock):
    """Nanoseconds since `epoch_ms` (UTC), shown to Trio as seconds."""

    def __init__(self, epoch_ms: int) -> None:
        self._epoch_ns = epoch_ms * _NS_PER_MS
        self._now_ns = 0

    def start_clock(self) -> None:
        """Called by Trio once, when its run starts."""

    def current_time(self) -> float:
        """Seconds since the epoch of the rehearsal."""
        return self._now_ns / _NS_PER_S

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """0 for a deadline that has passed; otherwise Trio waits for I/O."""
        return 0.0 if deadline <= self.current_time() else _NEVER_S

    @property
    def wall_ns(self) -> int:
        """UTC, ns."""
        return self._epoch_ns + self._now_ns

    @property
    def wall_ms(self) -> int:
        """UTC, whole ms."""
        return self.wall_ns // _NS_PER_MS

    def wall_ns_of(self, deadline: float) -> int:
        """The earliest UTC (ns) at which a deadline of Trio's has passed; whole microseconds where that is one."""
        due_ns = round(deadline * _NS_PER_S / _NS_PER_US) * _NS_PER_US
        if due_ns / _NS_PER_S < deadline:
            due_ns = int(deadline * _NS_PER_S)
            while due_ns / _NS_PER_S < deadline:
                due_ns += 1
        return self._epoch_ns + due_ns

    def advance_to(self, wall_ns: int) -> None:
        """Move to a UTC time; one that has passed changes nothing."""
        self._now_ns = max(self._now_ns, wall_ns - self._epoch_ns)
