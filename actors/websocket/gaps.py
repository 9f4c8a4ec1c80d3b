"""Whether each frame of a topic continues the one before."""

from actors.model.streams import Continuity, Remedy

__all__ = ["GapDetector"]


class GapDetector:
    """The last of each topic, on one connection."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._awaits_snapshot: dict[str, None] = {}

    def clear(self) -> None:
        """A new connection begins every topic anew."""
        self._last.clear()
        self._awaits_snapshot.clear()

    def has_gap(self, topic: str, frame: Continuity) -> bool:
        """Take in a frame. A gap is told once; a topic that is subscribed anew has no other until its snapshot."""
        if frame.is_snapshot:
            self._awaits_snapshot.pop(topic, None)
            self._last[topic] = frame.last
            return False
        if topic in self._awaits_snapshot:
            return False
        last = self._last.get(topic)
        if last is None:
            self._last[topic] = frame.last
            is_gap = frame.remedy is Remedy.RESUBSCRIBE  # changes of something that we have never seen
        else:
            self._last[topic] = max(last, frame.last)
            is_gap = frame.first > last + frame.step
        if is_gap and frame.remedy is Remedy.RESUBSCRIBE:
            self._awaits_snapshot[topic] = None
        return is_gap
