"""When to send again, by what the venue has answered: tenacity's stop and wait objects are the policy.

The actor waits by its own timer and draws the jitter from its own stream: tenacity's sleeping loop would hide time from
the kernel and from replay, and its random waits use a global generator. What is not listed here is not sent again.
"""

from collections.abc import Mapping
from typing import cast

import attrs
import tenacity
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from actors.model.errors import ClockSkewError, RateLimitError, VenueError, error_class_of
from actors.model.result import OrderResult, RejectReason

__all__ = ["CLOCK_RETRY", "POLICIES", "RATE_LIMIT_RETRY", "RetryPolicy", "policy_of"]

_JITTER = 0.25


@attrs.frozen
class _Attempts:
    """Stands in for tenacity's RetryCallState, whose constructor reads the clock; our policies need nothing else."""

    attempt_number: int


@attrs.frozen
class RetryPolicy:
    """A wait and a stop of tenacity, applied to a number of attempts."""

    wait: wait_base
    stop: stop_base

    def gives_up(self, attempts: int) -> bool:
        """Whether that many sends were enough."""
        return bool(self.stop(cast(tenacity.RetryCallState, _Attempts(attempts))))

    def wait_ns(self, attempts: int, draw: float) -> int:
        """Nanoseconds to wait after that many sends; `draw`, in [0, 1), takes up to a quarter of it away."""
        longest_s = self.wait(cast(tenacity.RetryCallState, _Attempts(attempts)))
        return int(longest_s * (1 - _JITTER * draw) * 1_000_000_000)


RATE_LIMIT_RETRY = RetryPolicy(tenacity.wait_exponential(multiplier=1, min=1, max=8), tenacity.stop_after_attempt(5))
"""Over the rate, never sent, and a cancel that nobody has answered."""

CLOCK_RETRY = RetryPolicy(tenacity.wait_exponential(multiplier=0.5, min=0.5, max=4), tenacity.stop_after_attempt(4))
"""A time stamp outside the window: clock sync has been told and measures at once."""

POLICIES: Mapping[type[VenueError], RetryPolicy] = {RateLimitError: RATE_LIMIT_RETRY, ClockSkewError: CLOCK_RETRY}
"""The errors after which nothing was executed and the same request may succeed."""


def policy_of(result: OrderResult) -> RetryPolicy | None:
    """The policy for a rejection, None where the same request would be rejected again."""
    if result.rejection is RejectReason.RATE_LIMITED:
        return RATE_LIMIT_RETRY
    return POLICIES.get(error_class_of(result.code))
