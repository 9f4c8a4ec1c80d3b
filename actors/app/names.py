"""Addresses of the actors in the tree; only this module spells them out."""

from runtime.messages import Ref

__all__ = [
    "CLOCKSYNC",
    "GATEWAY",
    "INTENTS",
    "JOURNAL",
    "MAINTENANCE",
    "MARKETDATA",
    "ORDERS",
    "PRIVATE_SOCKET",
    "PROTECTION",
    "PUBLIC_MARKET",
    "PUBLIC_SOCKET",
    "RATELIMITER",
    "RECONCILER",
    "SAFETY",
    "STATUS_SOCKET",
    "TRADES_SOCKET",
    "TRADE_SOCKET",
    "VENUE",
    "strategy_ref",
]

JOURNAL = Ref("journal")
VENUE = Ref("exchange/venue")
RATELIMITER = Ref("exchange/ratelimiter")
GATEWAY = Ref("exchange/gateway")
CLOCKSYNC = Ref("exchange/clocksync")
PRIVATE_SOCKET = Ref("exchange/private_socket")
PUBLIC_SOCKET = Ref("exchange/public_socket")
PUBLIC_MARKET = Ref("exchange/public_market")
TRADES_SOCKET = Ref("exchange/trades_socket")
TRADE_SOCKET = Ref("exchange/trade_socket")
STATUS_SOCKET = Ref("exchange/status_socket")
MAINTENANCE = Ref("exchange/maintenance")
MARKETDATA = Ref("marketdata")
ORDERS = Ref("ledger/orders")
PROTECTION = Ref("ledger/protection")
RECONCILER = Ref("ledger/reconciler")
SAFETY = Ref("safety")
INTENTS = Ref("intents")


def strategy_ref(card_id: str) -> Ref:
    """The address of a card's strategy."""
    return Ref(f"strategies/{card_id}")
