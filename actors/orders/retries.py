"""When to send again: tenacity's stop and wait objects are the policy, the actor waits by its own timer.

tenacity's sleeping loop is not used: it would hide time from the kernel and from replay.
"""

from typing import cast

import attrs
import tenacity
from tenacity.stop import stop_base
from tenacity.wait import wait_base

__all__ = ["RATE_LIMIT_RETRY", "RetryPolicy"]


@attrs.frozen
class _Attempts:
    """Stands in for tenacity's RetryCallState, whose constructor reads the clock; our policies need nothing else."""

    attempt_number: int


@attrs.frozen
class RetryPolicy:
    """A wait and a stop of tenacity, applied to a number of attempts."""

    wait: wait_base
    stop: stop_base

    def next_wait_ns(self, attempts: int) -> int | None:
        """Nanoseconds to wait after that many sends, or None to give up."""
        state = cast(tenacity.RetryCallState, _Attempts(attempts))
        if self.stop(state):
            return None
        return int(self.wait(state) * 1_000_000_000)


RATE_LIMIT_RETRY = RetryPolicy(tenacity.wait_exponential(multiplier=1, min=1, max=8), tenacity.stop_after_attempt(5))
