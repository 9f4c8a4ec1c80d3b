"""Faults of sockets: what happens to frames that a client sends and to frames that it is sent."""

from functools import partial

import attrs

from actors.bybit.server.faults.desk import FaultDesk
from actors.bybit.server.faults.kinds import (
    AnswerLate,
    Delay,
    DropSocket,
    Duplicate,
    HalfOpen,
    LoseAck,
    MaintenanceFault,
    Moment,
    Reorder,
    SilentStream,
)
from actors.bybit.server.faults.matching import Match, Traffic, heard_traffic, sent_traffic
from actors.bybit.server.injection import Door, Hear
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.topics import Socket

__all__ = ["SocketFaults"]

Frames = list[tuple[float, bytes]]


@attrs.define
class SocketFaults:
    """`connections` are those that are open."""

    desk: FaultDesk
    connections: dict[Connection, None]
    _swapped: dict[Connection, list[bytes]] = attrs.Factory(dict)

    # -- connections --------------------------------------------------------------------------------------------------

    def cut(self, fault: DropSocket | HalfOpen, match: Match) -> int:
        """Cut those that match now; how many."""
        found = [each for each in self.connections if match.takes_socket(each.kind, each.account) and not each.is_deaf]
        for connection in found:
            _cut(connection, fault)
        return len(found)

    def close_all(self) -> None:
        """Close every socket but the one that tells why."""
        for connection in list(self.connections):
            if connection.kind is not Socket.STATUS:
                connection.drop()

    def opened(self, connection: Connection) -> None:
        """A new connection does not last through maintenance."""
        if not self.desk.active or connection.kind is Socket.STATUS:
            return
        if self.desk.take(MaintenanceFault, Traffic(connection.kind)):
            connection.drop()

    # -- to the client ------------------------------------------------------------------------------------------------

    def outgoing(self, connection: Connection, frame: bytes) -> Frames:
        """What leaves instead of a frame, each with a delay in seconds."""
        waiting = self._swapped.pop(connection, [])
        leaving: Frames = [(0.0, frame)]
        if self.desk.active:
            leaving = self._played(connection, frame)
        return leaving + [(0.0, each) for each in waiting]

    def _played(self, connection: Connection, frame: bytes) -> Frames:
        desk = self.desk
        traffic = sent_traffic(connection.kind, connection.account, frame)
        if self._is_cut(connection, traffic, Moment.SENT):
            return []
        if traffic.topic:
            if traffic.door == Door.PRIVATE and desk.take(SilentStream, traffic):
                return []
        elif desk.take(LoseAck, traffic):
            return []
        elif late := desk.take(AnswerLate, traffic):
            self._later(connection, frame, late.ms)
            return []
        if swap := desk.take(Reorder, traffic):
            self._swapped.setdefault(connection, []).append(frame)
            desk.hold(desk.clock.market_ms() + swap.within_ms, partial(self._unswap, connection, frame))
            return []
        delay = desk.take(Delay, traffic) if traffic.topic else None
        times = 2 if desk.take(Duplicate, traffic) else 1
        if delay is not None:
            desk.hold(desk.clock.market_ms() + delay.ms, lambda: None)  # a stepped clock stops there
        return [(delay.ms / 1000 if delay else 0.0, frame)] * times

    def _later(self, connection: Connection, frame: bytes, by_ms: int) -> None:
        """Frames behind it do not wait."""
        self.desk.hold(self.desk.clock.market_ms() + by_ms, partial(connection.queue, frame))

    def _unswap(self, connection: Connection, frame: bytes) -> None:
        """Nothing has followed it."""
        if frame in self._swapped.get(connection, ()):
            self._swapped.pop(connection)
            connection.queue(frame)

    # -- from the client ----------------------------------------------------------------------------------------------

    def hear(self, hear: Hear) -> Hear:
        """Stands before what hears the frames of a client."""

        async def heard(connection: Connection, text: str) -> None:
            if connection.is_deaf:
                return
            if self.desk.active and not await self._reaches(connection, text):
                return
            await hear(connection, text)

        return heard

    async def _reaches(self, connection: Connection, text: str) -> bool:
        desk = self.desk
        traffic = heard_traffic(connection.kind, connection.account, text)
        if self._is_cut(connection, traffic, Moment.HEARD):
            return False
        if delay := desk.take(Delay, traffic):
            await desk.sleep(delay.ms)
        return True

    def _is_cut(self, connection: Connection, traffic: Traffic, moment: Moment) -> bool:
        """Cut the connection at a frame, if that is ordered."""
        fault = self.desk.take(DropSocket, traffic, lambda each: each.on is moment) or self.desk.take(
            HalfOpen, traffic, lambda each: each.on is moment
        )
        if fault is not None:
            _cut(connection, fault)
        return fault is not None


def _cut(connection: Connection, fault: DropSocket | HalfOpen) -> None:
    if isinstance(fault, DropSocket):
        connection.drop()
    else:
        connection.go_deaf()
