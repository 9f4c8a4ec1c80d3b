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

    def count_at_least(self, sent_ns: int, now_ns: int, used: int) -> None:
        """The venue counted `used` grants at some time from `sent_ns` to now: count now those we do not know of."""
        ours = sum(1 for at_ns in self._grants if at_ns + self.window_ns > sent_ns)
        self.grant(now_ns, max(0, min(used, self.limit) - ours))

    def lower(self, limit: int) -> None:
        """Allow fewer grants from now on; the newest count on. A limit that is not lower changes nothing."""
        if 1 <= limit < self.limit:
            self.limit = limit
            self._grants = deque(self._grants, maxlen=limit)

    def shut(self, until_ns: int) -> None:
        """Grant nothing before `until_ns`."""
        self.grant(max([until_ns - self.window_ns, *self._grants]), self.limit)

    def grant(self, now_ns: int, count: int = 1) -> None:
        """Record `count` grants at `now_ns`; the oldest drop out of a full window."""
        self._grants.extend((now_ns,) * count)
