"""When to connect again: after how many failures, with what luck, and within which budget."""

from actors.websocket.policy import ConnectBudget, StreamPolicy
from runtime.context import Context

__all__ = ["Retries"]

_TOO_MANY = (403, 429)  # HTTP: the address is banned, or comes too often


class Retries:
    """Failures in a row. Having been live for long enough ends the row."""

    def __init__(self, policy: StreamPolicy) -> None:
        self._policy = policy
        self._budget = ConnectBudget(policy.budget, policy.budget_window_ns)
        self._live_ns: int | None = None
        self.failures = 0
        self.status = 0  # HTTP's, of the last connection; 0: it was not refused

    @property
    def is_hopeless(self) -> bool:
        """Whether a stream that has never been live gives up: the host refuses us, or too many attempts failed."""
        return 400 <= self.status < 500 or self.failures >= self._policy.start_attempts

    def connecting(self, now_ns: int) -> None:
        """One more connection."""
        self._budget.take(now_ns)

    def went_live(self, now_ns: int) -> None:
        """The connection works."""
        self._live_ns = now_ns

    def is_live_since(self, since_ns: int) -> bool:
        """Whether it has been live all the time since then."""
        return self._live_ns is not None and self._live_ns <= since_ns

    def went_down(self, now_ns: int) -> None:
        """It was live, and is no longer."""
        if self._live_ns is not None and now_ns - self._live_ns >= self._policy.stable_ns:
            self.failures = 0
        self._live_ns = None

    def budget_wait_ns(self, now_ns: int) -> int:
        """Until the budget allows one more connection."""
        return self._budget.free_at(now_ns) - now_ns

    def next_wait_ns(self, ctx: Context) -> int:
        """Until the next attempt: exponential with jitter, longer after a ban, never beyond the budget."""
        wait_ns = self._policy.backoff_ns(self.failures, ctx.rng("backoff").random())
        if self.status in _TOO_MANY:
            wait_ns = max(wait_ns, self._policy.ban_ns)
        return max(wait_ns, self.budget_wait_ns(ctx.now))
