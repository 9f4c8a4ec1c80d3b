"""A rolling window: at most `limit` grants in any `window_ns`; a grant exactly one window old is forgotten."""

from collections import deque

__all__ = ["RollingWindow"]


class RollingWindow:
    """Grants are remembered by time; at most `limit` of them."""

    __slots__ = ("_grants", "limit", "window_ns")

    def __init__(self, limit: int, window_ns: int) -> None:
        if limit < 1 or window_ns < 1:
            raise ValueError(f"a window of {limit} grants in {window_ns} ns never opens")
        self.limit = limit
        self.window_ns = window_ns
        self._grants: deque[int] = deque(maxlen=limit)

    def free_at(self, now_ns: int) -> int:
        """The earliest time, not before `now_ns`, at which one more grant fits."""
        grants = self._grants
        if len(grants) < self.limit:
            return now_ns
        return max(now_ns, grants[0] + self.window_ns)

    def grant(self, now_ns: int) -> None:
        """Count one grant; the oldest falls out of a full window."""
        self._grants.append(now_ns)
