"""Kernel time: set by a driver, read by everybody, the same for all that happens in one turn."""

__all__ = ["KernelClock"]


class KernelClock:
    """`now`: monotonic ns since the run began; `wall_offset_ns` added to it is the venue's UTC time in ns."""

    __slots__ = ("now", "wall_offset_ns")

    def __init__(self) -> None:
        self.now = 0
        self.wall_offset_ns = 0

    def set(self, now_ns: int, wall_offset_ns: int | None = None) -> None:
        """A driver's reading; time never goes back, and without an offset the last one stands."""
        self.now = max(now_ns, self.now)
        if wall_offset_ns is not None:
            self.wall_offset_ns = wall_offset_ns
