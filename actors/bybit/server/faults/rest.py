"""Faults of REST as a transport: what happens to a request on its way in and to its answer on its way out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
from starlette.responses import Response

from actors.bybit.endpoints import Method
from actors.bybit.server.faults.desk import FaultDesk, WaitingRequest
from actors.bybit.server.faults.kinds import AnswerLate, Ban, Delay, Duplicate, ErrorStatus, LoseAck
from actors.bybit.server.faults.matching import Traffic
from actors.bybit.server.gate import AddressLimit
from actors.bybit.server.injection import Door, RestVisit
from actors.bybit.server.operations import read_body
from actors.bybit.server.trading.rejection import Rejection

__all__ = ["RestFaults", "symbols_of"]

_GATEWAY = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
_BANNED = b"<html><head><title>403 Forbidden</title></head><body>access too frequent</body></html>"


@attrs.frozen
class RestFaults:
    """Stands around every request."""

    desk: FaultDesk
    addresses: AddressLimit

    async def around(self, visit: RestVisit, answer: Callable[[], Response]) -> Response:
        """Let the request through, with what is ordered for it."""
        desk = self.desk
        if not desk.active:
            return answer()
        traffic = _traffic(visit)
        if desk.take(Ban, traffic):
            self.addresses.ban(visit.address, desk.clock.market_ms())
            return Response(_BANNED, 403, media_type="text/html")
        if delay := desk.take(Delay, traffic):
            with self._waiting(visit):
                await desk.sleep(delay.ms)
        failure = desk.take(ErrorStatus, traffic)
        if failure is not None and not failure.carried_out:
            return _gateway(failure.status)
        response = answer()
        if desk.take(Duplicate, traffic):
            answer()
        if failure is not None:
            return _gateway(failure.status)
        if late := desk.take(AnswerLate, traffic):
            with self._waiting(visit):
                await desk.sleep(late.ms)
        if desk.take(LoseAck, traffic):
            with self._waiting(visit):
                await _until_the_client_goes(visit)
        return response

    @contextmanager
    def _waiting(self, visit: RestVisit) -> Iterator[None]:
        """While it lasts, the request is among those that nothing but time answers."""
        kept = WaitingRequest(visit.endpoint.path, visit.payload, visit.request.headers.get("x-bapi-timestamp", ""))
        self.desk.waiting.append(kept)
        try:
            yield
        finally:
            self.desk.waiting.remove(kept)


def symbols_of(request: object) -> tuple[str, ...]:
    """The symbols that a decoded request names, in its items too."""
    parts = [request, *(getattr(request, "request", None) or ())]
    names = [getattr(part, "symbol", None) for part in parts]
    return tuple(name for name in names if isinstance(name, str))


def _traffic(visit: RestVisit) -> Traffic:
    endpoint = visit.endpoint
    try:
        request = read_body(endpoint, visit.payload, is_query=endpoint.method is Method.GET)
    except Rejection:
        request = None
    return Traffic(Door.REST, endpoint.path, symbols=symbols_of(request), account=visit.key)


def _gateway(status: int) -> Response:
    return Response(_GATEWAY.format(status).encode(), status, media_type="text/html")


async def _until_the_client_goes(visit: RestVisit) -> None:
    """No answer: the connection stays open until the client gives up."""
    while (await visit.request.receive())["type"] != "http.disconnect":
        pass
