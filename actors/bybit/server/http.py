"""REST over HTTP: from a request's bytes to an answer's, with the venue's envelope and headers."""

from contextlib import aclosing

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from actors.bybit.endpoints import ENDPOINTS, Method, RestEndpoint
from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.gate import AddressLimit, Banned, KeyLimits, signer_of_request
from actors.bybit.server.injection import Door, Injection, RestVisit
from actors.bybit.server.operations import Answered, read_body
from actors.bybit.server.rest.call import RestCall
from actors.bybit.server.rest.table import HANDLERS
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.rejection import Rejection

__all__ = ["MAX_BODY", "RestDesk", "limited_body"]

MAX_BODY = 64 * 1024
_JSON = "application/json"
_FORBIDDEN = b"<html><head><title>403 Forbidden</title></head><body>access too frequent</body></html>"


@attrs.define
class RestDesk:
    """Answers `/v5/...`; `is_demo` refuses what demo trading lacks."""

    exchange: LocalExchange
    clock: ExchangeClock
    limits: KeyLimits
    addresses: AddressLimit
    is_demo: bool = False
    injection: Injection = attrs.Factory(Injection)

    async def answer(self, request: Request) -> Response:
        """The endpoint of a request: always HTTP 200 with a code, except for the statuses that HTTP itself has."""
        address = request.client.host if request.client else ""
        try:
            self.addresses.take(address, self.clock.market_ms())
        except Banned:
            return Response(_FORBIDDEN, 403, media_type="text/html")
        endpoint = ENDPOINTS.get(request.url.path)
        if endpoint is None or endpoint.path not in HANDLERS:
            return Response(b"", 404)
        body = await limited_body(request)
        if body is None:
            return Response(b"", 413)
        if request.method != endpoint.method:
            return self._write(Answered(10017, "Route not found: wrong method"))
        if endpoint.method is Method.GET and body:
            return Response(_FORBIDDEN.replace(b"access too frequent", b"GET with a body"), 403, media_type="text/html")
        kind = request.headers.get("content-type", _JSON).partition(";")[0].strip().lower()
        if endpoint.method is Method.POST and kind != _JSON:
            return self._write(Answered(10001, f"params error: Content-Type must be {_JSON}"))
        visit = RestVisit(
            request,
            endpoint,
            request.url.query if endpoint.method is Method.GET else body.decode(errors="replace"),
            address,
            request.headers.get("x-bapi-api-key", ""),
        )
        return await self.injection.rest(visit, lambda: self._write(self._carried_out(endpoint, request, body)))

    def _carried_out(self, endpoint: RestEndpoint, request: Request, body: bytes) -> Answered:
        is_query = endpoint.method is Method.GET
        wall_ms = self.clock.wall_ms()
        try:
            payload = request.url.query if is_query else body.decode()
            signer = None
            if endpoint.is_signed:
                signer = signer_of_request(self.exchange, request.headers, payload, wall_ms, is_write=endpoint.is_write)
                if self.is_demo and not endpoint.on_demo:
                    raise Rejection(10032, "Demo trading are not supported.")
            call = RestCall(self.exchange, self.clock.market_ms(), wall_ms, signer, self.is_demo)
            do = self.injection.carry_out(Door.REST)
            return do(call, endpoint, read_body(endpoint, payload, is_query=is_query), self.limits)
        except UnicodeDecodeError:
            return Answered(10001, "params error: the body is not UTF-8")
        except Rejection as error:
            return Answered(error.code, error.text)

    def _write(self, answer: Answered) -> Response:
        envelope = {
            "retCode": answer.code,
            "retMsg": answer.text,
            "result": answer.result,
            "retExtInfo": answer.ext,
            "time": self.clock.wall_ms(),
        }
        headers = {} if answer.quota is None else answer.quota.headers()
        return Response(msgspec.json.encode(envelope), 200, headers, _JSON)


async def limited_body(request: Request) -> bytes | None:
    """The body, or None where it is larger than any request of the protocol."""
    parts: list[bytes] = []
    size = 0
    async with aclosing(request.stream()) as stream:
        async for part in stream:
            size += len(part)
            if size > MAX_BODY:
                return None
            parts.append(part)
    return b"".join(parts)
