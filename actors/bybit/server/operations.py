"""One request from its text to its answer, the same for REST and for the order-entry socket.

It is decoded leniently, counted against the account's limit, carried out, and wrapped in the venue's envelope.
"""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import msgspec

from actors.bybit.endpoints import RestEndpoint
from actors.bybit.server.gate import KeyLimits, Quota
from actors.bybit.server.rest.call import RestCall
from actors.bybit.server.rest.table import HANDLERS, Handler
from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.wire.base import WireError, decode, decode_query
from actors.bybit.wire.envelope import ItemCode, ItemCodes
from actors.bybit.wire.orders import BatchAck, BatchAckRow
from actors.model.order import Category

__all__ = ["Answered", "CarryOut", "carry_out", "read_body"]

CarryOut = Callable[..., "Answered"]
_TOO_MANY = "Too many visits. Exceeded the API Rate Limit."


@attrs.frozen
class Answered:
    """`result` and `ext` are wire shapes or plain mappings; `quota` is None for a public endpoint."""

    code: int
    text: str
    result: Any = attrs.Factory(dict)
    ext: Any = attrs.Factory(dict)
    quota: Quota | None = None


def read_body(endpoint: RestEndpoint, payload: str, *, is_query: bool) -> msgspec.Struct:
    """The request. Raises Rejection (10001) for what does not have its shape."""
    try:
        if is_query:
            return decode_query(payload, endpoint.request)
        return decode(payload or "{}", endpoint.request, lenient=True)
    except WireError as error:
        raise Rejection(10001, f"params error: {error}") from None


def carry_out(
    call: RestCall,
    endpoint: RestEndpoint,
    request: msgspec.Struct,
    limits: KeyLimits,
    handlers: Mapping[str, Handler] = HANDLERS,
) -> Answered:
    """Count it, let the handler of its path do it, answer it."""
    quota = None
    if call.signer is not None:
        category = _category(request)
        items: tuple[Any, ...] = getattr(request, "request", ()) if endpoint.is_batch else ()
        wanted = max(1, len(items))
        quota, fitting = limits.take(call.signer, endpoint, category, call.now_ms, call.wall_ms, wanted)
        if not fitting:
            return Answered(10006, _TOO_MANY, quota=quota)
        if items and fitting < wanted:
            return _partly(call, endpoint, request, handlers, fitting, quota)
    return _answer(call, endpoint, request, handlers, quota)


def _answer(
    call: RestCall,
    endpoint: RestEndpoint,
    request: msgspec.Struct,
    handlers: Mapping[str, Handler],
    quota: Quota | None,
) -> Answered:
    try:
        result = handlers[endpoint.path](call, request)
    except Rejection as error:
        return Answered(error.code, error.text, quota=quota)
    except WireError as error:
        return Answered(10001, f"params error: {error}", quota=quota)
    if endpoint.is_batch:
        rows, codes = result
        return Answered(0, "OK", rows, codes, quota)
    return Answered(0, "OK", result, quota=quota)


def _partly(
    call: RestCall,
    endpoint: RestEndpoint,
    request: msgspec.Struct,
    handlers: Mapping[str, Handler],
    fitting: int,
    quota: Quota,
) -> Answered:
    """A batch larger than what the limit leaves: the first go through, the rest are refused one by one."""
    items: tuple[Any, ...] = getattr(request, "request", ())
    done = _answer(call, endpoint, msgspec.structs.replace(request, request=items[:fitting]), handlers, quota)
    if done.code:
        return done
    rows: BatchAck = done.result
    codes: ItemCodes = done.ext
    category = getattr(request, "category", None)
    left = items[fitting:]
    more = tuple(BatchAckRow(category, item.symbol, "", item.order_link_id or "", "") for item in left)
    refused = tuple(ItemCode(10006, _TOO_MANY) for _ in left)
    return Answered(0, "OK", BatchAck(rows.list + more), ItemCodes((codes.list or ()) + refused), quota)


def _category(request: msgspec.Struct) -> Category:
    return Category.SPOT if str(getattr(request, "category", "")) == Category.SPOT else Category.LINEAR
