"""Kernel time: set by a driver, read by all, constant within one turn.

Wall time is kernel time plus an offset, with a bound on the error of that offset. On a virtual clock wall time is
kernel time and the error is 0. A live driver reads the local clock once (`read_wall`); its error is unknown until an
actor has measured it (`correct_wall`).
"""

from runtime.errors import KernelError

__all__ = ["KernelClock"]

_MILLION = 1_000_000


class KernelClock:
    """`now`: monotonic ns since the run began; `wall_offset_ns` added to it is UTC time in ns."""

    __slots__ = ("_corrected_at_ns", "_drift_ppm", "_error_ns", "now", "wall_offset_ns")

    def __init__(self) -> None:
        self.now = 0
        self.wall_offset_ns = 0
        self._error_ns: int | None = 0
        self._drift_ppm = 0
        self._corrected_at_ns = 0

    def set(self, now_ns: int) -> None:
        """Set the time; it never goes back."""
        self.now = max(now_ns, self.now)

    def read_wall(self, wall_ns: int) -> None:
        """Set wall time from the local clock (UTC ns); its error is unknown."""
        self.wall_offset_ns = wall_ns - self.now
        self._error_ns = None

    def correct_wall(self, offset_ns: int, error_ns: int, drift_ppm: int) -> None:
        """Set wall time to `now + offset_ns` within `error_ns`, which grows by `drift_ppm` millionths of the time."""
        if error_ns < 0 or drift_ppm < 0:
            raise KernelError(f"a wall clock's error of {error_ns} ns, growing by {drift_ppm} ppm")
        self.wall_offset_ns = offset_ns
        self._error_ns = error_ns
        self._drift_ppm = drift_ppm
        self._corrected_at_ns = self.now

    @property
    def wall_error_ns(self) -> int | None:
        """Largest error (ns) of `now + wall_offset_ns` in either direction; None if unknown."""
        if self._error_ns is None:
            return None
        aged_ns = self.now - self._corrected_at_ns
        return self._error_ns - -aged_ns * self._drift_ppm // _MILLION
