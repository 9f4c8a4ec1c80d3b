"""When to send again: tenacity's stop and wait objects as the policy, the actor's own timer as the waiting.

Its sleeping loop is not used: it would hide time from the kernel and from replay.
"""

from typing import cast

import attrs
import tenacity
from tenacity.stop import stop_base
from tenacity.wait import wait_base

__all__ = ["RATE_LIMIT_RETRY", "RetryPolicy"]


@attrs.frozen
class _Attempts:
    """All that a policy without a clock asks of tenacity's state, which would read one when it is made."""

    attempt_number: int


@attrs.frozen
class RetryPolicy:
    """`next_wait_ns(attempts)` after that many sends, or None when it is time to give up."""

    wait: wait_base
    stop: stop_base

    def next_wait_ns(self, attempts: int) -> int | None:
        """Nanoseconds to wait before the next send."""
        state = cast(tenacity.RetryCallState, _Attempts(attempts))
        if self.stop(state):
            return None
        return int(self.wait(state) * 1_000_000_000)


RATE_LIMIT_RETRY = RetryPolicy(tenacity.wait_exponential(multiplier=1, min=1, max=8), tenacity.stop_after_attempt(5))
