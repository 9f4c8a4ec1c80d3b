"""How long a stream waits: for answers, between pings, and between attempts, within the venue's connection budget.

The wait after attempt n is tenacity's exponential one; the actor's timer does the waiting and its random stream the
jitter. Bybit takes 500 connections in 5 minutes from an address; a stream keeps to a share of them.
"""

from collections import deque
from typing import cast

import attrs
import tenacity
from tenacity.wait import wait_base

__all__ = ["ConnectBudget", "StreamPolicy"]

_SECOND_NS = 1_000_000_000


@attrs.frozen
class _Attempt:
    """All that the wait asks of tenacity's state, which would read a clock when it is made."""

    attempt_number: int


@attrs.frozen
class StreamPolicy:
    """Spans in ns. `stable_ns`: after being live for so long the next disconnect counts as the first.

    `max_refusals`: the venue's no to the same request, in a row, before it is final. `start_attempts`: connections that
    fail before the first life has been live, before its start fails. `ban_ns`: the wait after HTTP 403 or 429.
    """

    ping_ns: int = 20 * _SECOND_NS
    connect_ns: int = 15 * _SECOND_NS  # above the edge's own deadline
    answer_ns: int = 10 * _SECOND_NS
    close_ns: int = 10 * _SECOND_NS
    sign_in_ms: int = 10_000
    backoff: wait_base = attrs.field(factory=lambda: tenacity.wait_exponential(multiplier=0.5, max=30))
    stable_ns: int = 60 * _SECOND_NS
    ban_ns: int = 600 * _SECOND_NS
    max_refusals: int = 3
    start_attempts: int = 5
    budget: int = 100
    budget_window_ns: int = 300 * _SECOND_NS
    doubt_ns: int = _SECOND_NS  # unreadable frames within it ask for one backfill
    maintenance_spread_ns: int = 5 * _SECOND_NS

    @property
    def silence_ns(self) -> int:
        """Without any frame for so long, a connection is dead: two pings went unanswered."""
        return 2 * self.ping_ns

    def backoff_ns(self, attempts: int, chance: float) -> int:
        """The wait after so many attempts; `chance` in [0, 1) picks from its upper half."""
        whole_s = self.backoff(cast(tenacity.RetryCallState, _Attempt(attempts)))
        return int(whole_s * _SECOND_NS * (0.5 + 0.5 * chance))


class ConnectBudget:
    """At most `limit` connections in any `window_ns`."""

    def __init__(self, limit: int, window_ns: int) -> None:
        if limit < 1 or window_ns < 1:
            raise ValueError(f"a budget of {limit} connections in {window_ns} ns allows none")
        self._window_ns = window_ns
        self._opened: deque[int] = deque(maxlen=limit)

    def free_at(self, now_ns: int) -> int:
        """The earliest time, not before `now_ns`, at which one more may be opened."""
        opened = self._opened
        if len(opened) < (opened.maxlen or 0):
            return now_ns
        return max(now_ns, opened[0] + self._window_ns)

    def take(self, now_ns: int) -> None:
        """A connection is opened."""
        self._opened.append(now_ns)
