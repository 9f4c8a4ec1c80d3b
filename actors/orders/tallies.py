"""What the frames of a reconciliation have changed, by symbol, for its report."""

import attrs

__all__ = ["ReadTally"]


@attrs.define
class ReadTally:
    """Executions booked and orders moved by what was read; `foreign` are open orders of ids that are not ours."""

    booked: int = 0
    moved: int = 0
    foreign: tuple[str, ...] = ()
