"""Opening a stream. Its frames are `ClosedBars` (public) or `PrivateFrame` (private)."""

from enum import StrEnum

import msgspec

from runtime.messages import Ref

__all__ = ["OpenStream", "StreamKind", "StreamOpened"]


class StreamKind(StrEnum):
    """The exchange's two streams."""

    PUBLIC = "public"
    PRIVATE = "private"


class OpenStream(msgspec.Struct, frozen=True, gc=False):
    """Deliver frames of this kind to `reader` as long as `socket` lives; answered by StreamOpened."""

    kind: StreamKind
    socket: Ref
    reader: Ref


class StreamOpened(msgspec.Struct, frozen=True, gc=False):
    """The stream is live."""

    kind: StreamKind
