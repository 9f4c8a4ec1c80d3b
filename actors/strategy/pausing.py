"""Whether an operator has paused the card: then it enters nothing, and its exits and withdrawals go on.

The journal keeps it, beside the last bar the card decided on, so a restart does not resume a paused card.
"""

from actors.orders.messages import WithdrawResting
from actors.strategy.messages import CardPaused
from ideacards.intents import Action, Intent
from runtime.context import Context
from runtime.messages import Ref, Remember

__all__ = ["Pausing"]

_LETS_OUT = (Action.EXIT, Action.WITHDRAW, Action.FLATTEN, Action.SET_STOP, Action.SET_TARGET, Action.TRAIL)


class Pausing:
    """Of the card `card_id`; its resting entries are with `orders`, the journal's topic is `topic`."""

    def __init__(self, card_id: str, orders: Ref, topic: str) -> None:
        self._card_id = card_id
        self._orders = orders
        self._topic = topic
        self.key = f"{card_id}/paused"  # no card id has a slash
        self.is_paused = False

    def recall(self, value: int) -> None:
        """Take over the state of an earlier life."""
        self.is_paused = bool(value)

    def change(self, is_paused: bool, reason: str, ctx: Context) -> None:
        """Pause or resume; entries that rest, or are on their way, are cancelled at a pause."""
        if is_paused is self.is_paused:
            return
        self.is_paused = is_paused
        ctx.remember(Remember(self._topic, self.key, int(is_paused)))
        ctx.note(CardPaused(self._card_id, is_paused, reason))
        if is_paused:
            ctx.send(self._orders, WithdrawResting(self._card_id))

    def let_through(self, intents: tuple[Intent, ...]) -> tuple[Intent, ...]:
        """The intents that may be sent on."""
        return tuple(intent for intent in intents if intent.action in _LETS_OUT) if self.is_paused else intents
