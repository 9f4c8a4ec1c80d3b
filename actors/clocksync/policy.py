"""How often the venue's clock is asked, and what is believed of it in between."""

import attrs

__all__ = ["SyncPolicy"]


@attrs.frozen
class SyncPolicy:
    """`interval_ns` between two exchanges; `drift_ppm` how fast the two clocks may part; `max_error_ns` to trade at.

    The default drift is what NTP may slew a Linux clock by at most; real clocks part ten times slower. The default
    error is a quarter of the second by which Bybit lets a timestamp be ahead.
    """

    interval_ns: int = 10_000_000_000
    drift_ppm: int = 500
    max_error_ns: int = 250_000_000
