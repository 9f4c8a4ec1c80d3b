"""The retry policy waits longer each time and then gives up."""

from actors.orders.retries import RATE_LIMIT_RETRY

SECOND_NS = 1_000_000_000


def test_waits_double_up_to_eight_seconds_and_end_after_five_attempts() -> None:
    waits = [RATE_LIMIT_RETRY.next_wait_ns(attempts) for attempts in range(1, 6)]
    assert waits == [SECOND_NS, 2 * SECOND_NS, 4 * SECOND_NS, 8 * SECOND_NS, None]
