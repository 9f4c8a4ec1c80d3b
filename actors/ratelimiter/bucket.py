"""A rolling window: at most `limit` grants in any `window_ns`; a grant exactly one window old is forgotten."""

from collections import deque

__all__ = ["RollingWindow"]


class RollingWindow:
    """Remembers the times of the last `limit` grants. ValueError unless `limit` and `window_ns` are positive."""

    __slots__ = ("_grants", "limit", "window_ns")

    def __init__(self, limit: int, window_ns: int) -> None:
        if limit < 1 or window_ns < 1:
            raise ValueError(f"a window of {limit} grants in {window_ns} ns never opens")
        self.limit = limit
        self.window_ns = window_ns
        self._grants: deque[int] = deque(maxlen=limit)

    def has_room(self, now_ns: int) -> bool:
        """Whether one more grant fits now."""
        grants = self._grants
        return len(grants) < self.limit or grants[0] + self.window_ns <= now_ns

    def free_at(self, now_ns: int, count: int = 1) -> int:
        """The earliest time, not before `now_ns`, at which `count` more grants fit (or `limit`, if that is less)."""
        grants = self._grants
        over = len(grants) + min(count, self.limit) - self.limit
        if over <= 0:
            return now_ns
        return max(now_ns, grants[over - 1] + self.window_ns)

    def grant(self, now_ns: int, count: int = 1) -> None:
        """Record `count` grants at `now_ns`; the oldest drop out of a full window."""
        self._grants.extend((now_ns,) * count)
