"""Faults of what is carried out, the same for REST and the trade socket: codes, stale reads, lost cancel races."""

from collections.abc import Callable
from typing import Any

import attrs
import msgspec

from actors.bybit.endpoints import RestEndpoint, endpoint
from actors.bybit.server.faults.acts import can_lose, lose_race
from actors.bybit.server.faults.announcing import announced
from actors.bybit.server.faults.desk import FaultDesk
from actors.bybit.server.faults.earlier import EarlierAccounts
from actors.bybit.server.faults.kinds import CancelRace, ErrorCode, MaintenanceFault, StaleRead
from actors.bybit.server.faults.matching import Traffic
from actors.bybit.server.faults.rest import symbols_of
from actors.bybit.server.gate import KeyLimits, Quota
from actors.bybit.server.injection import Door
from actors.bybit.server.operations import Answered, CarryOut, carry_out
from actors.bybit.server.rest.call import RestCall
from actors.bybit.server.rest.table import HANDLERS
from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.wire.market import SystemStatus

__all__ = ["CarriedOutFaults"]

Handler = Callable[..., Any]
_STALE = {
    endpoint(path).path
    for path in ("order/realtime", "order/history", "execution/list", "position/list", "account/wallet-balance")
}
_CANCEL, _STATUS = endpoint("order/cancel").path, endpoint("system/status").path
_ALWAYS_UP = (_STATUS, endpoint("market/time").path)
_TEXTS = {
    10000: "Server Timeout",
    10002: "invalid request, please check your server timestamp or recv_window param.",
    10006: "Too many visits. Exceeded the API Rate Limit.",
    10016: "Server error.",
    10019: "Service is restarting.",
}


@attrs.frozen
class CarriedOutFaults:
    """Stands around every request that has been read and whose signature is right."""

    desk: FaultDesk
    earlier: EarlierAccounts

    def at(self, door: str) -> CarryOut:
        """For the requests of one door."""

        def carried_out(call: RestCall, found: RestEndpoint, request: msgspec.Struct, limits: KeyLimits) -> Answered:
            if not self.desk.active:
                return carry_out(call, found, request, limits)
            return self._played(door, call, found, request, limits)

        return carried_out

    def _played(
        self, door: str, call: RestCall, found: RestEndpoint, request: msgspec.Struct, limits: KeyLimits
    ) -> Answered:
        desk, earlier, path = self.desk, self.earlier, found.path
        account = "" if call.signer is None else call.signer.plan.key
        op = "" if door == Door.REST else path.removeprefix("/v5/").replace("/", ".", 1)
        traffic = Traffic(door, path, op, symbols=symbols_of(request), account=account)
        handlers: dict[str, Handler] = HANDLERS
        if path == _STATUS:
            handlers = {path: self._system_status}
        elif path not in _ALWAYS_UP and (closed := desk.take(MaintenanceFault, traffic)):
            handlers = {path: _refusing(closed.code, _TEXTS.get(closed.code, ""))}
        code = desk.take(ErrorCode, traffic)
        if code is not None and not code.carried_out:
            handlers = {path: _refusing(code.code, code.text or _TEXTS.get(code.code, ""))}
        elif path == _CANCEL and desk.take(CancelRace, traffic, lambda _: can_lose(call, request)):
            handlers = {path: lose_race}
        if path in _STALE and (stale := desk.take(StaleRead, traffic)):
            account_then, then_ms = earlier.at(call.account, call.now_ms - stale.lag_ms)
            call = attrs.evolve(call, signer=account_then, now_ms=then_ms)
        answer = carry_out(call, found, request, limits, handlers)
        if found.is_write and call.signer is not None:
            earlier.keep(call.signer, call.now_ms)
        return answer if code is None else _with_code(answer, code, call.wall_ms)

    def _system_status(self, call: RestCall, params: object) -> SystemStatus:
        """The maintenance that is ordered."""
        return SystemStatus(announced(self.desk))


def _refusing(code: int, text: str) -> Handler:
    def handler(call: RestCall, request: object) -> None:
        raise Rejection(code, text or f"error {code}")

    return handler


def _with_code(answer: Answered, fault: ErrorCode, wall_ms: int) -> Answered:
    """The answer with the code in place of its own; of 10006 with a limit that is used up until later."""
    quota = answer.quota
    if fault.code == 10006:
        quota = Quota(10 if quota is None else quota.limit, 0, wall_ms + fault.reset_ms)
    return Answered(fault.code, fault.text or _TEXTS.get(fault.code, f"error {fault.code}"), quota=quota)
