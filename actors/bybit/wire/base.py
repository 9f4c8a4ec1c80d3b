"""What every wire shape shares: names in camel case, absent fields as None, and errors that name the field.

A field that the shape does not know is ignored; a field that is absent is None and stays absent when written. A value
outside a closed set of values raises UnknownValueError, which names field and value: it is never guessed at.
"""

import re
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast
from urllib.parse import unquote

import msgspec

from actors.model.errors import ColdframeError

__all__ = [
    "UnknownValueError",
    "Wire",
    "WireError",
    "decode",
    "decode_query",
    "encode",
    "encode_query",
    "from_mapping",
    "wire_fields",
    "wire_name",
]

T = TypeVar("T")

_IRREGULAR = {
    "account_im_rate": "accountIMRate",
    "account_im_rate_by_mp": "accountIMRateByMp",
    "account_mm_rate": "accountMMRate",
    "account_mm_rate_by_mp": "accountMMRateByMp",
    "account_ltv": "accountLTV",
    "total_perp_upl": "totalPerpUPL",
    "total_order_im": "totalOrderIM",
    "total_position_im": "totalPositionIM",
    "total_position_mm": "totalPositionMM",
    "position_im": "positionIM",
    "position_im_by_mp": "positionIMByMp",
    "position_mm": "positionMM",
    "position_mm_by_mp": "positionMMByMp",
    "is_rpi_trade": "isRPITrade",
    "price_24h_pcnt": "price24hPcnt",
    "prev_price_24h": "prevPrice24h",
    "prev_price_1h": "prevPrice1h",
    "high_price_24h": "highPrice24h",
    "low_price_24h": "lowPrice24h",
    "turnover_24h": "turnover24h",
    "volume_24h": "volume24h",
    "change_24h": "change24h",
    "user_id": "userID",
    "inviter_id": "inviterID",
    "affiliate_id": "affiliateID",
    "user_id_int64": "userIDInt64",
    "inviter_id_int64": "inviterIDInt64",
    "affiliate_id_int64": "affiliateIDInt64",
    "nft": "NFT",
    "fiat_p2p": "FiatP2P",
}
"""Names on the wire that camel case alone does not give."""

_ENUM = re.compile(r"Invalid enum value '?(?P<value>.*?)'? - at `(?P<path>[^`]*)`")


class WireError(ColdframeError):
    """What came over the wire does not have the shape that the protocol names."""


class UnknownValueError(WireError):
    """A value outside the closed set that the protocol names for its field."""

    def __init__(self, field: str, value: str, path: str) -> None:
        super().__init__(f"{field}: unknown value {value!r} (at {path})")
        self.field = field
        self.value = value
        self.path = path


def wire_name(field: str) -> str:
    """The wire's name of a Python field: order_link_id is orderLinkId."""
    if field in _IRREGULAR:
        return _IRREGULAR[field]
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Wire(msgspec.Struct, frozen=True, rename=wire_name, omit_defaults=True):
    """A shape of the wire. None means absent; "" is the venue's spelling of no value and stays as it is."""


def wire_fields(value: Wire) -> dict[str, Any]:
    """The value's fields by their Python names, without the absent ones, to make a larger shape of it."""
    return {name: held for name in value.__struct_fields__ if (held := getattr(value, name)) is not None}


def decode(data: bytes | str, kind: type[T], lenient: bool = False) -> T:
    """JSON as `kind`. `lenient` takes numbers and booleans written as text too, as a server must.

    Raises UnknownValueError for a value outside its set, WireError for any other difference from the shape, for text
    that is no JSON or no UTF-8, and for nesting too deep to follow.
    """
    try:
        decoder: msgspec.json.Decoder[T] = _decoder(cast(Hashable, kind), lenient)
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _named(error, kind) from error


@lru_cache(maxsize=512)
def _decoder(kind: Any, lenient: bool) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=not lenient)


def encode(value: msgspec.Struct) -> bytes:
    """The value as JSON, fields in the shape's order, absent ones left out."""
    return msgspec.json.encode(value)


def encode_query(params: msgspec.Struct) -> str:
    """The text after `?`: the fields in their order, values verbatim. This text is signed and this text is sent.

    A page cursor comes from the venue percent-encoded and goes back as it came.
    """
    return "&".join(f"{name}={_query_value(value)}" for name, value in msgspec.to_builtins(params).items())


def _query_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def decode_query(text: str, kind: type[T]) -> T:
    """The text after `?` as `kind`; a cursor is taken verbatim, other values without their percent-encoding."""
    fields: dict[str, str] = {}
    for part in text.split("&") if text else ():
        name, _, value = part.partition("=")
        fields[name] = value if name == "cursor" else unquote(value)
    return from_mapping(fields, kind)


def from_mapping(fields: Mapping[str, object], kind: type[T]) -> T:
    """Values by wire name as `kind`, numbers and booleans written as text included."""
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _named(error, kind) from error


def _named(error: Exception, kind: Any) -> WireError:
    found = _ENUM.search(str(error))
    if found:
        field = found["path"].rpartition(".")[2]
        return UnknownValueError(field, found["value"], found["path"])
    return WireError(f"{getattr(kind, '__name__', kind)}: {error}")
