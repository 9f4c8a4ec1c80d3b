"""The exchange's own truth, looked at whenever time stands still, and what must hold in every scene."""

from collections import Counter

import attrs

from actors.bybit.server.trading.account import TradingAccount
from actors.model.origins import Origin
from tests.actors.bybit.server.running import RunningServer

__all__ = ["Truth", "Watch"]

_SYMBOL = "BTCUSDT"


@attrs.frozen
class Truth:
    """One account: net position, whether a stop loss of it stands, orders of ours, executions in their order."""

    qty: int = 0
    has_stop: bool = False
    link_ids: tuple[str, ...] = ()
    open_ids: tuple[str, ...] = ()
    exec_ids: list[str] = attrs.field(factory=list)


@attrs.define(eq=False)
class Watch:
    """`most_unprotected_ms`: the longest time that a position stood without a stop loss."""

    server: RunningServer
    truth: Truth = Truth()
    most_unprotected_ms: int = 0
    largest_qty: int = 0
    _since_ms: int | None = None

    def look(self, now_ms: int) -> None:
        """Read the exchange."""
        self.truth = truth = self.server.do(self._read)
        self.largest_qty = max(self.largest_qty, abs(truth.qty))
        if not truth.qty or truth.has_stop:
            self._since_ms = None
            return
        self._since_ms = now_ms if self._since_ms is None else self._since_ms
        self.most_unprotected_ms = max(self.most_unprotected_ms, now_ms - self._since_ms + 1)

    def check(self) -> None:
        """At the end of a scene: no decision has two orders, and no position ever stood without its stop."""
        twice = [
            link_id for link_id, count in Counter(_decision(each) for each in self.truth.link_ids).items() if count > 1
        ]
        assert not twice, f"more than one order of a decision: {twice}"
        assert self.most_unprotected_ms == 0, f"{self.most_unprotected_ms} ms without a stop loss"

    def _read(self) -> Truth:
        (account,) = self.server.exchange.accounts.values()
        ours = [record for record in account.orders.values() if record.link_id.startswith("cf")]
        return Truth(
            int(account.positions[_SYMBOL].qty),
            _has_stop(account),
            tuple(record.link_id for record in ours),
            tuple(record.link_id for record in ours if not record.has_ended),
            [execution.exec_id for execution in account.executions],
        )


def _has_stop(account: TradingAccount) -> bool:
    return Origin.STOP_LOSS in account.linear.venue.markets[_SYMBOL].registry.protection


def _decision(link_id: str) -> str:
    """Our id without its revision."""
    return link_id[:-1]
