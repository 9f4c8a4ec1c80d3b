"""A maintenance that is ordered, as system/status and the status socket show it."""

from actors.bybit.server.faults.desk import ActiveFault, FaultDesk
from actors.bybit.server.faults.kinds import MaintenanceFault
from actors.bybit.wire.market import Maintenance
from actors.bybit.wire.values import WireMaintenanceState

__all__ = ["announced", "is_announced", "row_of", "state_at_end"]

_SERVICES, _PRODUCTS = (1, 2, 3, 4, 5), (1, 2)
_S = WireMaintenanceState


def announced(desk: FaultDesk) -> tuple[Maintenance, ...]:
    """Those that are planned or under way and were announced."""
    return tuple(
        row_of(active, desk, _S.ONGOING if active.has_begun else _S.SCHEDULED)
        for active in desk.active.values()
        if is_announced(active)
    )


def is_announced(active: ActiveFault) -> bool:
    """Whether the exchange tells of it."""
    return isinstance(active.fault, MaintenanceFault) and active.fault.announced


def state_at_end(active: ActiveFault) -> WireMaintenanceState:
    """What is told when it ends: one that has not begun does not take place."""
    return _S.COMPLETED if active.has_begun else _S.CANCELED


def row_of(active: ActiveFault, desk: FaultDesk, state: WireMaintenanceState) -> Maintenance:
    """Times are the server's; without an end it lasts as long as the market."""
    clock = desk.clock
    ahead_ms = clock.wall_ms() - clock.market_ms()
    end_ms = active.until_ms or desk.exchange.end_ms
    if state is _S.COMPLETED:
        end_ms = min(end_ms, clock.market_ms())
    return Maintenance(
        id=str(active.number),
        state=state,
        begin=str(active.at_ms + ahead_ms),
        end=str(end_ms + ahead_ms),
        title="Maintenance of the local exchange",
        href="",
        service_types=_SERVICES,
        product=_PRODUCTS,
        uid_suffix=(),
        maintain_type=1,
        env=1,
    )
