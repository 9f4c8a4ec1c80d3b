"""Facts about the account, with a version: an older one is ignored."""

import msgspec

from actors.model.fixed import Money
from actors.model.position import Position

__all__ = ["AccountFacts", "AccountSync", "FactsQuery"]


class AccountFacts(msgspec.Struct, frozen=True, gc=False):
    """`wallet` = start + realised - fees; `version` is the sequence of the last execution in it."""

    version: int
    wallet: Money
    position: Position


class AccountSync(msgspec.Struct, frozen=True, gc=False):
    """What the venue states, after execution `seq`."""

    seq: int
    wallet: Money
    position: Position


class FactsQuery(msgspec.Struct, frozen=True, gc=False):
    """Answered by AccountFacts, once the account agrees with the venue."""
