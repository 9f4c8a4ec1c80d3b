"""How often the venue's clock is measured, and how large the error of the estimate may grow."""

import attrs

__all__ = ["SyncPolicy"]


@attrs.frozen
class SyncPolicy:
    """Exchanges are `interval_ns` apart; the clocks drift by `drift_ppm` at most; trading needs `max_error_ns` or less.

    The default drift is the most by which NTP slews a Linux clock; real clocks drift ten times slower. The default
    error is a quarter of the second by which Bybit allows a timestamp to be ahead.
    """

    interval_ns: int = 10_000_000_000
    drift_ppm: int = 500
    max_error_ns: int = 250_000_000
