"""What every REST answer is wrapped in, and the order-entry socket's answer alike.

HTTP 200 says nothing about success: `ret_code` does, 0 being success; the text is for people. The result is decoded
only of a success, because a refusal's may be empty.
"""

import msgspec

from actors.bybit.wire.base import Wire

__all__ = ["ItemCode", "ItemCodes", "NoResult", "RestAnswer"]

_EMPTY = msgspec.Raw(b"{}")


class RestAnswer(Wire, frozen=True):
    """`ret_ext_info` holds the code of each item of a batch; `time` is the server's, UTC ms."""

    ret_code: int
    ret_msg: str | None = None
    result: msgspec.Raw = _EMPTY
    ret_ext_info: msgspec.Raw = _EMPTY
    time: int | None = None


class NoResult(Wire, frozen=True):
    """The empty object."""


class ItemCode(Wire, frozen=True):
    """The venue's word on one item of a batch."""

    code: int
    msg: str | None = None


class ItemCodes(Wire, frozen=True):
    """`retExtInfo` of a batch: in the order of the request."""

    list: tuple[ItemCode, ...] | None = None
