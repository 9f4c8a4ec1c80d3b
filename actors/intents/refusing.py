"""A refusal in the making: raised by a check of the processor, and answered as IntentRefused."""

from actors.model.result import MEANINGS, RejectReason

__all__ = ["Refused"]


class Refused(Exception):
    """Raised by a check that fails; without a `reason` of its own it carries the meaning of `refusal`."""

    def __init__(self, refusal: RejectReason, reason: str = "") -> None:
        super().__init__(refusal, reason)
        self.refusal = refusal
        self.reason = reason or MEANINGS[refusal]
