"""Offset from one exchange of times (Cristian's method): the venue's stamp lies between our sending and receiving."""

from actors.clocksync.messages import ClockEstimate

__all__ = ["estimate"]


def estimate(sent_ns: int, received_ns: int, venue_ms: int) -> ClockEstimate:
    """Midpoint estimate; the error is half the round trip and the millisecond the stamp was cut to."""
    round_trip_ns = received_ns - sent_ns
    if round_trip_ns < 0:
        raise ValueError(f"received {-round_trip_ns} ns before it was sent")
    offset_ns = venue_ms * 1_000_000 - (sent_ns + round_trip_ns // 2)
    return ClockEstimate(offset_ns, round_trip_ns // 2 + 1_000_000)
