"""A refusal, told to the card that asked."""

import msgspec

from actors.model.result import RejectReason

__all__ = ["IntentRefused"]


class IntentRefused(msgspec.Struct, frozen=True, gc=False):
    """No order came of this intent, and why."""

    card_id: str
    block_id: str
    bar_close_ms: int
    action: str
    refusal: RejectReason
    reason: str
