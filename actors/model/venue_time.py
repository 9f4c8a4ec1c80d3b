"""Our estimate of the venue's clock with its error, and what follows from it.

Pure: the caller passes the wall time and its error (`ctx.wall`, `ctx.wall_error_ns`). Every answer allows for the
error: a close has passed only when that is certain, data is fresh only when that is certain, and a request is stamped
with the earliest possible time.
"""

from datetime import UTC, datetime

import attrs

from actors.model.errors import InvariantError

__all__ = ["SigningStamp", "VenueTime", "second_text"]

_NS_PER_MS = 1_000_000


def second_text(time_ms: int) -> str:
    """A time of the venue in UTC, to the second; one in no year that has a name stays a number."""
    try:
        return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{time_ms} ms"


@attrs.frozen
class SigningStamp:
    """`X-BAPI-TIMESTAMP` and `X-BAPI-RECV-WINDOW` of one request, both in ms."""

    timestamp_ms: int
    recv_window_ms: int


@attrs.frozen
class VenueTime:
    """The venue's UTC is `wall_ns` within `error_ns` either way; None: the error is unknown."""

    wall_ns: int
    error_ns: int | None

    @property
    def earliest_ms(self) -> int | None:
        """The earliest ms that the venue's clock can show, or None if the error is unknown."""
        return None if self.error_ns is None else (self.wall_ns - self.error_ns) // _NS_PER_MS

    @property
    def latest_ms(self) -> int | None:
        """The latest ms that the venue's clock can show, or None if the error is unknown."""
        return None if self.error_ns is None else (self.wall_ns + self.error_ns) // _NS_PER_MS

    def is_past(self, time_ms: int) -> bool:
        """Whether the venue's clock has certainly reached `time_ms` (UTC): a bar that closes then is closed."""
        earliest_ms = self.earliest_ms
        return earliest_ms is not None and time_ms <= earliest_ms

    def ns_until_past(self, time_ms: int) -> int | None:
        """Time (ns) until `is_past(time_ms)` if the error does not grow; None if the error is unknown."""
        return None if self.error_ns is None else max(0, time_ms * _NS_PER_MS + self.error_ns - self.wall_ns)

    def is_fresh(self, stamp_ms: int, max_age_ms: int) -> bool:
        """Whether data that the venue stamped `stamp_ms` (UTC) is certainly no older than `max_age_ms`."""
        latest_ms = self.latest_ms
        return latest_ms is not None and latest_ms - stamp_ms <= max_age_ms

    def signing_stamp(self, transit_ms: int) -> SigningStamp:
        """The stamp of a request that is signed now and may take `transit_ms` to the venue's check.

        Bybit's rule: server - window <= timestamp < server + 1000; no window helps a timestamp that is ahead. So the
        timestamp is the earliest time that the venue's clock can show, which is never ahead, and the window covers how
        far it may be behind: twice the error, and the transit. A request that takes longer than the transit and twice
        the error is rejected (10002), never executed late. InvariantError if the error is unknown.
        """
        if self.error_ns is None or self.earliest_ms is None:
            raise InvariantError("a request would be signed before the venue's clock has been measured")
        behind_ms = -(-2 * self.error_ns // _NS_PER_MS)
        return SigningStamp(self.earliest_ms, behind_ms + transit_ms + 1)  # + 1: the timestamp is cut to the ms
