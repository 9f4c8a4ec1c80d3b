"""The venue's request limits per endpoint and rolling second. A request over the limit is not executed (10006).

This is the venue's side; on our side the ratelimiter actor keeps requests below the limits.
"""

from collections import deque

import attrs
from attrs import validators

__all__ = ["RollingLimit", "VenueRates"]

_WINDOW_MS = 1000

_at_least_one = validators.and_(validators.instance_of(int), validators.ge(1))


@attrs.frozen
class VenueRates:
    """Requests that each path accepts per rolling 1000 ms. Batches and cancel-all are paths of their own, as large."""

    create: int = attrs.field(default=10, validator=_at_least_one)
    amend: int = attrs.field(default=10, validator=_at_least_one)
    cancel: int = attrs.field(default=10, validator=_at_least_one)
    protection: int = attrs.field(default=10, validator=_at_least_one)
    leverage: int = attrs.field(default=10, validator=_at_least_one)


class RollingLimit:
    """At most `count` admissions in any window of 1000 ms; a request exactly 1000 ms old no longer counts."""

    def __init__(self, count: int) -> None:
        self._admitted_ms: deque[int] = deque(maxlen=count)

    def admits(self, now_ms: int) -> bool:
        """Whether a request at `now_ms` (never decreasing) is admitted; one that is not does not count."""
        admitted = self._admitted_ms
        if len(admitted) == admitted.maxlen and admitted[0] > now_ms - _WINDOW_MS:
            return False
        admitted.append(now_ms)
        return True
