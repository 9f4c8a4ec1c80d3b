"""The status stream, and the actor that heeds what it announces: the same two for every exchange that is Bybit's."""

from collections.abc import Mapping

from actors.app import names
from actors.app.exchanges.ports import STATUS_PORT
from actors.app.specs import actor_spec
from actors.bybit.streams import StatusStream
from actors.bybit.translate.maintenance import MaintenanceScope
from actors.maintenance.actor import MaintenancePolicy, MaintenanceWatch, MaintenanceWiring
from actors.model.instrument import Instrument
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.messages import StreamKind
from actors.websocket.policy import StreamPolicy
from actors.websocket.wiring import StreamWiring
from runtime.messages import Ref
from runtime.spec import ActorSpec

__all__ = ["maintenance_specs"]


def maintenance_specs(
    instruments: Mapping[str, Instrument],
    streams: tuple[Ref, ...],
    policy: MaintenancePolicy,
    stream_policy: StreamPolicy,
    *,
    is_demo: bool = False,
) -> tuple[ActorSpec, ...]:
    """To stand below `streams`, which close for a maintenance. Without the status stream a start goes on."""
    scope = MaintenanceScope.of(instruments, is_demo=is_demo)
    status = StreamWiring(StreamKind.STATUS, STATUS_PORT, (names.MAINTENANCE,), names.MAINTENANCE, waits_for_live=False)
    wiring = MaintenanceWiring(names.RATELIMITER, streams, names.SAFETY)
    return (
        actor_spec(
            names.STATUS_SOCKET,
            lambda: ResilientWebSocket(status, StatusStream(scope), stream_policy),
            note="system.status",
        ),
        actor_spec(names.MAINTENANCE, lambda: MaintenanceWatch(wiring, policy), note="closes the streams in time"),
    )
