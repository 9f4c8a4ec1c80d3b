"""Which handler answers which endpoint."""

from collections.abc import Callable
from typing import Any

from actors.bybit.endpoints import endpoint
from actors.bybit.server.rest import account, market, orders, positions

__all__ = ["HANDLERS", "Handler"]

Handler = Callable[..., Any]

_HANDLERS: dict[str, Handler] = {
    "market/time": market.server_time,
    "market/kline": market.kline,
    "market/mark-price-kline": market.price_kline,
    "market/index-price-kline": market.price_kline,
    "market/premium-index-price-kline": market.premium_kline,
    "market/instruments-info": market.instruments_info,
    "market/tickers": market.tickers,
    "market/orderbook": market.orderbook,
    "market/recent-trade": market.recent_trade,
    "market/funding/history": market.funding_history,
    "market/risk-limit": market.risk_limit,
    "market/price-limit": market.price_limits,
    "market/open-interest": market.open_interest,
    "system/status": market.system_status,
    "order/create": orders.create,
    "order/amend": orders.amend,
    "order/cancel": orders.cancel,
    "order/cancel-all": orders.cancel_all,
    "order/create-batch": orders.create_batch,
    "order/amend-batch": orders.amend_batch,
    "order/cancel-batch": orders.cancel_batch,
    "order/pre-check": orders.pre_check,
    "order/realtime": orders.realtime,
    "order/history": orders.history,
    "order/disconnected-cancel-all": account.disconnected_cancel_all,
    "execution/list": orders.execution_list,
    "position/list": positions.position_list,
    "position/closed-pnl": positions.closed_pnl,
    "position/set-leverage": positions.leverage,
    "position/switch-mode": positions.mode,
    "position/trading-stop": positions.trading_stop,
    "account/wallet-balance": account.wallet_balance,
    "account/info": account.info,
    "account/user-setting-config": account.user_settings,
    "account/set-limit-px-action": account.limit_price_action,
    "account/set-margin-mode": account.margin_mode,
    "account/fee-rate": account.fee_rate,
    "account/transaction-log": account.transaction_log,
    "account/query-dcp-info": account.dcp_info,
    "account/smp-group": account.smp_group,
    "account/demo-apply-money": account.apply_money,
    "user/query-api": account.api_key,
    "apilimit/query": account.api_limits,
}

HANDLERS: dict[str, Handler] = {endpoint(path).path: handler for path, handler in _HANDLERS.items()}
"""By path, as in `/v5/market/time`."""
