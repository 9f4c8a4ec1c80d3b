"""The fault desk with everything that plays its faults, for one server."""

from collections.abc import Callable, Sequence

import attrs

from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.faults.acts import perform
from actors.bybit.server.faults.announcing import is_announced, row_of, state_at_end
from actors.bybit.server.faults.carrying import CarriedOutFaults
from actors.bybit.server.faults.desk import ActiveFault, FaultDesk
from actors.bybit.server.faults.earlier import EarlierAccounts
from actors.bybit.server.faults.frames import SocketFaults
from actors.bybit.server.faults.kinds import DropSocket, HalfOpen, MaintenanceFault, Moment, StaleRead
from actors.bybit.server.faults.reading import FaultOrder
from actors.bybit.server.faults.rest import RestFaults
from actors.bybit.server.gate import AddressLimit
from actors.bybit.server.injection import Injection
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.wire.market import Maintenance
from actors.bybit.wire.values import WireMaintenanceState

__all__ = ["FaultAssembly", "FaultSetup"]


@attrs.frozen
class FaultSetup:
    """`orders` are a schedule; `seed` decides what is left to chance; `has_control` opens the control route."""

    orders: Sequence[FaultOrder] = ()
    seed: int = 0
    has_control: bool = True


class FaultAssembly:
    """`connections` are the open sockets of the server, `addresses` what it bans; `announce` tells of a maintenance."""

    def __init__(
        self,
        plan: FaultSetup,
        exchange: LocalExchange,
        clock: ExchangeClock,
        addresses: AddressLimit,
        connections: dict[Connection, None],
    ) -> None:
        self.desk = FaultDesk(exchange, clock, plan.seed)
        self._earlier = EarlierAccounts()
        self._sockets = SocketFaults(self.desk, connections)
        self.injection = Injection(
            rest=RestFaults(self.desk, addresses).around,
            hear=self._sockets.hear,
            outgoing=self._sockets.outgoing,
            carry_out=CarriedOutFaults(self.desk, self._earlier).at,
            opened=self._sockets.opened,
        )
        self.desk.begin, self.desk.ordered, self.desk.finished = self._begin, self._ordered, self._finished
        self._orders = plan.orders
        self.announce: Callable[[Maintenance], None] = lambda row: None

    async def run(self) -> None:
        """Order what is scheduled, and do everything at its time."""
        self.desk.order(self._orders)
        await self.desk.run()

    def _ordered(self, active: ActiveFault) -> None:
        fault = active.fault
        if isinstance(fault, StaleRead):
            exchange, now_ms = self.desk.exchange, self.desk.clock.market_ms()
            exchange.advance_to(now_ms)
            self._earlier.watch(list(exchange.accounts.values()), fault.lag_ms, now_ms)

        if is_announced(active):
            self.announce(row_of(active, self.desk, WireMaintenanceState.SCHEDULED))

    def _finished(self, active: ActiveFault) -> None:
        if is_announced(active):
            self.announce(row_of(active, self.desk, state_at_end(active)))
        if not any(isinstance(each.fault, StaleRead) for each in self.desk.active.values()):
            self._earlier.forget()

    def _begin(self, active: ActiveFault) -> None:
        """What a fault does by itself when its time comes."""
        fault, desk = active.fault, self.desk
        if isinstance(fault, DropSocket | HalfOpen) and fault.on is Moment.NOW:
            active.happened, active.left = self._sockets.cut(fault, active.match), 0
        elif isinstance(fault, MaintenanceFault):
            if fault.announced:
                self.announce(row_of(active, desk, WireMaintenanceState.ONGOING))
            self._sockets.close_all()
        elif fault.is_act:
            account = perform(fault, active.match, desk.exchange, desk.clock)
            if account is not None:
                self._earlier.keep(account, desk.clock.market_ms())
