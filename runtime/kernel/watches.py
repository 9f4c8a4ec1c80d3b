"""Watches: who is told of whose deaths and starts. A watch lasts until the watcher dies."""

from runtime.kernel.cell import Cell, Tombstone
from runtime.kernel.delivery import Delivery
from runtime.kernel.directory import Directory
from runtime.kernel.envelope import Envelope
from runtime.messages import Down, Ref, Up

__all__ = ["Watches"]


class Watches:
    """Watchers by the name they watch, in the order they began; each cell keeps the names that it watches."""

    def __init__(self, delivery: Delivery, directory: Directory) -> None:
        self._delivery = delivery
        self._directory = directory
        self._watchers: dict[Ref, dict[Cell, None]] = {}

    def begin(self, cell: Cell, ref: Ref) -> None:
        """Begin a watch. If the name's last life is over, send Down at once; before its first start send nothing."""
        if ref in cell.watching:
            return
        watched = self._directory.find(ref)
        if self._directory.may_live(ref):
            cell.watching[ref] = None
            self._watchers.setdefault(ref, {})[cell] = None
        if not watched.is_alive and (watched.incarnation or isinstance(watched, Tombstone)):
            self._notify(cell, Down(ref, watched.incarnation, *watched.ended), watched)

    def tell(self, about: Cell, message: Down | Up) -> None:
        """Tell all watchers of a death or a start."""
        for watcher in self._watchers.get(about.ref, ()):
            if watcher.is_alive and watcher is not about:
                self._notify(watcher, message, about)

    def drop_watcher(self, cell: Cell) -> None:
        """The watcher has died: end its watches."""
        for ref in cell.watching:
            self._watchers[ref].pop(cell)
            if not self._watchers[ref]:
                del self._watchers[ref]
        cell.watching.clear()

    def drop_watched(self, ref: Ref) -> None:
        """The name is removed for good: end the watches on it."""
        for watcher in self._watchers.pop(ref, ()):
            watcher.watching.pop(ref)

    def _notify(self, watcher: Cell, message: Down | Up, about: Cell) -> None:
        """Send through the data lane, so that it arrives after what the dead life had sent; no bound applies."""
        self._delivery.push_unbounded(Envelope(watcher, message, about, 0))
