"""The exchange's clock, as a clock for Trio: every timeout, ping and limit of the server runs on it.

`ScaledClock` runs at `rate` times real time from `epoch_ms` on. `SteppedClock` stands still until it is told to move.
With either, server time, receive windows, rate limits and idle limits share one clock, so a client that runs on the
same rate and epoch sees a consistent exchange.
"""

import time
from collections.abc import Callable

import trio

__all__ = ["ExchangeClock", "ScaledClock", "SteppedClock"]

_NEVER_S = 3_600.0  # how long Trio may sleep while no deadline can come of itself


class ExchangeClock(trio.abc.Clock):
    """Seconds of Trio's time since the start; `wall_ms` is the server time it stands for.

    `step_wall` moves the server time alone, as a fault: Trio's time never goes backwards.
    """

    def __init__(self, epoch_ms: int) -> None:
        self.epoch_ms = epoch_ms
        self._wall_offset_ms = 0

    def wall_ms(self) -> int:
        """The server time, UTC ms."""
        return self.market_ms() + self._wall_offset_ms

    def market_ms(self) -> int:
        """The time of the market, UTC ms: as the server time, but it never goes backwards."""
        return self.epoch_ms + int(self.current_time() * 1000)

    def step_wall(self, by_ms: int) -> None:
        """Let the server time jump by so many ms, back or forth; the market goes on undisturbed."""
        self._wall_offset_ms += by_ms

    def start_clock(self) -> None:
        """Called by Trio once, when its run starts."""


class ScaledClock(ExchangeClock):
    """`rate` seconds pass per real second, from its making on. Raises ValueError for a rate that is not positive."""

    def __init__(self, epoch_ms: int, rate: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        if not rate > 0:
            raise ValueError(f"the time rate must be positive, not {rate}")
        super().__init__(epoch_ms)
        self.rate = rate
        self._monotonic = monotonic
        self._started = monotonic()

    def current_time(self) -> float:
        """Seconds since the start, `rate` per real second."""
        return (self._monotonic() - self._started) * self.rate

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Real seconds until `deadline`."""
        return (deadline - self.current_time()) / self.rate


class SteppedClock(ExchangeClock):
    """Stands still; `advance_to` moves it, never backwards."""

    def __init__(self, epoch_ms: int) -> None:
        super().__init__(epoch_ms)
        self._market_ms = epoch_ms

    def market_ms(self) -> int:
        """The time of the market, UTC ms."""
        return self._market_ms

    def current_time(self) -> float:
        """Seconds since the start."""
        return (self._market_ms - self.epoch_ms) / 1000

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """0 for a deadline that has passed; otherwise Trio waits for I/O, because time alone brings nothing."""
        return 0.0 if deadline <= self.current_time() else _NEVER_S

    def advance_to(self, market_ms: int) -> None:
        """Move to a market time (UTC ms). Raises ValueError for a time that has passed."""
        if market_ms < self._market_ms:
            raise ValueError(f"{market_ms} has passed: it is {self._market_ms}")
        self._market_ms = market_ms
