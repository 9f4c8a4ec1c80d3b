"""What the control route shows of the exchange: the truth, whatever faults let clients see."""

from typing import Any

from actors.bybit.server.clock import ExchangeClock, ScaledClock, SteppedClock
from actors.bybit.server.control.stepping import ClockStepper
from actors.bybit.server.shown.orders import order_row
from actors.bybit.server.shown.positions import position_row
from actors.bybit.server.shown.wallet import wallet
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.exchange import LocalExchange

__all__ = ["account_state", "clock_state", "connection_state", "exchange_state"]


def exchange_state(
    exchange: LocalExchange, clock: ExchangeClock, stepper: ClockStepper, connections: dict[Connection, None]
) -> dict[str, Any]:
    """Clock, accounts and connections; orders, positions and wallets in the shape of the REST answers."""
    now_ms = clock.market_ms()
    exchange.advance_to(now_ms)
    return {
        "clock": clock_state(clock, stepper),
        "accounts": [account_state(account, now_ms) for account in exchange.accounts.values()],
        "connections": [connection_state(connection) for connection in connections],
    }


def clock_state(clock: ExchangeClock, stepper: ClockStepper) -> dict[str, Any]:
    """Times are UTC ms; `rate` is 0 for a clock that stands until it is stepped."""
    return {
        "market_ms": clock.market_ms(),
        "server_ms": clock.wall_ms(),
        "started_ms": clock.epoch_ms,
        "rate": clock.rate if isinstance(clock, ScaledClock) else 0,
        "is_stepped": isinstance(clock, SteppedClock),
        "step": stepper.number,
        "clients": list(stepper.answered),
        "waiting_for": stepper.waiting_for(),
    }


def account_state(account: TradingAccount, now_ms: int) -> dict[str, Any]:
    """One account, with positions that are open and orders that have not ended."""
    held = [symbol for symbol, position in account.positions.items() if position.qty]
    return {
        "key": account.plan.key,
        "uid": account.plan.uid,
        "hedge_mode": [symbol for symbol, is_hedged in account.is_hedged.items() if is_hedged],
        "wallet": wallet(account, now_ms, ()),
        "positions": [position_row(account, symbol, now_ms) for symbol in held],
        "open_orders": [order_row(record) for record in account.open.values()],
        "executions": len(account.executions),
    }


def connection_state(connection: Connection) -> dict[str, Any]:
    """One socket; `account` is the key that it has signed in with."""
    return {
        "conn_id": connection.conn_id,
        "socket": connection.kind,
        "account": connection.account,
        "is_half_open": connection.is_deaf,
    }
