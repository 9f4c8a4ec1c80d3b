"""Marketdata and a card among played neighbours: whoever else they ask, or tell their decisions, is this actor."""

from typing import Any, Protocol

import attrs

from actors.model.backend import ClosedBars, HistoryQuery
from actors.model.fixed import Money
from actors.model.position import FLAT
from actors.orders.messages import LedgerChanged, LedgerQuery
from actors.strategy.messages import Decided
from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled

__all__ = ["EverybodyElse", "Surroundings"]


class Surroundings(Protocol):
    """What the played actors know: the history that a port gives, and where decisions are kept."""

    decided: list[Decided]

    def history(self, query: HistoryQuery) -> ClosedBars: ...


@attrs.define
class EverybodyElse(Actor):
    """Answers what is asked at a start and the history, and keeps the decisions."""

    surroundings: Surroundings

    def start(self, ctx: Context) -> StartResult:
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        match message:
            case Recall():
                ctx.reply(Recalled(message.topic, ()))
            case LedgerQuery():
                ctx.reply(LedgerChanged(1, message.symbol, Money(10**15), FLAT, ()))
            case HistoryQuery():
                ctx.reply(self.surroundings.history(message))
            case Decided():
                self.surroundings.decided.append(message)
