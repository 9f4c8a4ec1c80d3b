"""The refusal of an intent, sent to the card that decided it."""

import msgspec

from actors.model.result import RejectReason

__all__ = ["IntentRefused"]


class IntentRefused(msgspec.Struct, frozen=True, gc=False):
    """This intent was refused, and why."""

    card_id: str
    block_id: str
    bar_close_ms: int
    action: str
    refusal: RejectReason
    reason: str
