"""A rolling window: at most `limit` grants in any `window_ns`; a grant exactly one window old is forgotten."""

from collections import deque

__all__ = ["RollingWindow"]


class RollingWindow:
    """Remembers the times of its newest grants. ValueError unless `limit` and `window_ns` are positive.

    A `spare` of so many grants is left over by whoever asks with it: those who ask without it find them.
    """

    __slots__ = ("_grants", "_most", "limit", "window_ns")

    def __init__(self, limit: int, window_ns: int) -> None:
        if limit < 1 or window_ns < 1:
            raise ValueError(f"a window of {limit} grants in {window_ns} ns never opens")
        self.limit = self._most = limit
        self.window_ns = window_ns
        self._grants: deque[int] = deque(maxlen=limit)

    def free_at(self, now_ns: int, count: int = 1, spare: int = 0) -> int:
        """The earliest time, not before `now_ns`, at which `count` more grants fit and `spare` are left over.

        A `count` that never fits, and a `spare` that leaves nothing, count as the most that does.
        """
        grants, usable = self._grants, self.limit - spare
        if usable < 1:
            usable = 1
        over = len(grants) + (count if count < usable else usable) - usable
        if over <= 0:
            return now_ns
        free_ns = grants[over - 1] + self.window_ns
        return free_ns if free_ns > now_ns else now_ns

    def count_at_least(self, sent_ns: int, now_ns: int, used: int) -> None:
        """The venue counted `used` grants at some time from `sent_ns` to now: count now those we do not know of."""
        ours = sum(1 for at_ns in self._grants if at_ns + self.window_ns > sent_ns)
        self.grant(now_ns, max(0, min(used, self.limit) - ours))

    def follow_limit(self, limit: int) -> None:
        """Take a limit that the venue states, as far as it is not above our own."""
        self.limit = max(1, min(limit, self._most))

    def grant(self, now_ns: int, count: int = 1) -> None:
        """Record `count` grants at `now_ns`; the oldest drop out of a full window."""
        self._grants.extend((now_ns,) * count)
