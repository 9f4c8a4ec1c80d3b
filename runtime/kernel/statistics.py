"""A frozen snapshot of a kernel: actors, waiting messages, dead letters, restarts and handler times.

It is taken on request in one pass over the queues; no counter runs for it on every message. A mailbox's peak is the
largest depth *seen*: at a snapshot, at the beginning of a live driver's turn, and whenever depths were counted. Handler
times are a driver's samples; the kernel itself has no clock, so on virtual time there are none.
"""

from collections import deque
from collections.abc import Container

import attrs

from runtime.messages import Ref

__all__ = ["ActorStatistics", "Coverage", "HandlerTimes", "KernelStatistics", "SupervisorStatistics"]

_KEPT_SAMPLES = 512


@attrs.frozen
class ActorStatistics:
    """One actor; handler times in ns over its last samples, None without samples."""

    path: Ref
    incarnation: int
    state: str
    depth: int
    peak: int
    bound: int
    handler_p50_ns: int | None
    handler_p99_ns: int | None


@attrs.frozen
class SupervisorStatistics:
    """One supervisor ("" is the root); `restarts_in_window` of the `intensity` tolerated in `period_ns`."""

    path: Ref
    incarnation: int
    phase: str
    restarts_in_window: int
    intensity: int
    period_ns: int


@attrs.frozen
class KernelStatistics:
    """The whole kernel; `dead_letters` are (class, cause, count), `coverage` is (claim, times true, times false)."""

    now_ns: int
    handled: int
    restarts: int
    actors: tuple[ActorStatistics, ...]
    supervisors: tuple[SupervisorStatistics, ...]
    dead_letters: tuple[tuple[str, str, int], ...]
    control_waiting: int
    data_waiting: int
    timers_pending: int
    asks_pending: int
    effects_waiting: int
    effects_held: int
    coverage: tuple[tuple[str, int, int], ...]


class HandlerTimes:
    """The last samples of each actor."""

    def __init__(self) -> None:
        self._samples: dict[Ref, deque[int]] = {}

    def note(self, ref: Ref, taken_ns: int) -> None:
        """Add a sample: how long one handler took, ns."""
        samples = self._samples.get(ref)
        if samples is None:
            samples = self._samples[ref] = deque(maxlen=_KEPT_SAMPLES)
        samples.append(taken_ns)

    def forget(self, known: Container[Ref]) -> None:
        """Drop the samples of removed names."""
        for ref in [ref for ref in self._samples if ref not in known]:
            del self._samples[ref]

    def quantile(self, ref: Ref, share: float) -> int | None:
        """The nearest-rank quantile of an actor's samples."""
        samples = sorted(self._samples.get(ref, ()))
        return samples[min(int(share * len(samples)), len(samples) - 1)] if samples else None


class Coverage(dict[str, list[int]]):
    """How often each claim of an actor was true and was false; claims of a handler that raises count too."""

    def claim(self, name: str, condition: bool) -> None:
        """Count a claim as true or false."""
        counts = self.setdefault(name, [0, 0])
        counts[not condition] += 1
