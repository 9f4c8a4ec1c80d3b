"""Counts of what an edge has sent and received: frames or requests, and bytes of their text."""

import attrs

__all__ = ["WireTraffic"]


@attrs.define(eq=False)
class WireTraffic:
    """Grows only; one may be shared by several edges."""

    sent: int = 0
    received: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0

    def went(self, size: int) -> None:
        """One more was sent."""
        self.sent += 1
        self.sent_bytes += size

    def came(self, size: int) -> None:
        """One more was received."""
        self.received += 1
        self.received_bytes += size

    @property
    def total_bytes(self) -> int:
        """Both ways."""
        return self.sent_bytes + self.received_bytes
