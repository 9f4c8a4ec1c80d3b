"""Payloads in the shape of the wire, written from the protocol's facts, and the shape that each has to fit."""

import json
from pathlib import Path
from typing import Any

from actors.bybit.wire import account, executions, instruments, market, orders, positions, streams, trade
from actors.bybit.wire.envelope import ItemCodes, RestAnswer

__all__ = ["SAMPLES", "SHAPES"]

_FOLDER = Path(__file__).parent

SAMPLES: dict[str, Any] = {
    name: value
    for path in sorted(_FOLDER.glob("*.json"))
    for name, value in json.loads(path.read_text(encoding="utf-8")).items()
}
"""Payload by name: an endpoint with query, body or result; a frame; a control message."""

SHAPES: dict[str, Any] = {
    "order/create body": orders.CreateOrderBody,
    "order/create-batch body": orders.CreateBatchBody,
    "order/amend body": orders.AmendOrderBody,
    "order/amend-batch body": orders.AmendBatchBody,
    "order/cancel body": orders.CancelOrderBody,
    "order/cancel-batch body": orders.CancelBatchBody,
    "order/cancel-all body": orders.CancelAllBody,
    "order/create result": orders.OrderAck,
    "order/create-batch result": orders.BatchAck,
    "batch codes": ItemCodes,
    "order/cancel-all result": orders.CancelAllAck,
    "order/pre-check result": orders.PreCheckResult,
    "order/realtime query": orders.OrdersParams,
    "order/history query": orders.OrderHistoryParams,
    "order/realtime result": orders.OrderPage,
    "execution/list query": executions.ExecutionsParams,
    "execution/list result": executions.ExecutionPage,
    "execution.fast frame": streams.FastExecutionFrame,
    "position/list query": positions.PositionsParams,
    "position/list result": positions.PositionPage,
    "position/set-leverage body": positions.SetLeverageBody,
    "position/switch-mode body": positions.SwitchModeBody,
    "position/trading-stop body": positions.TradingStopBody,
    "position/closed-pnl query": positions.ClosedPnlParams,
    "position/closed-pnl result": positions.ClosedPnlPage,
    "account/wallet-balance query": account.WalletParams,
    "account/wallet-balance result": account.WalletPage,
    "account/info result": account.AccountInfo,
    "account/fee-rate query": account.FeeRateParams,
    "account/fee-rate result": account.FeeRatePage,
    "account/user-setting-config result": account.UserSettings,
    "account/set-limit-px-action body": account.LimitPriceBody,
    "account/set-margin-mode body": account.MarginModeBody,
    "account/set-margin-mode result": account.MarginModeResult,
    "account/smp-group result": account.SmpGroup,
    "order/disconnected-cancel-all body": account.DcpBody,
    "account/query-dcp-info result": account.DcpInfo,
    "account/transaction-log query": account.TransactionParams,
    "account/transaction-log result": account.TransactionPage,
    "user/query-api result": account.ApiKeyInfo,
    "apilimit/query result": account.ApiLimitPage,
    "account/demo-apply-money body": account.DemoMoneyBody,
    "market/time result": market.ServerTimeResult,
    "market/kline query": market.KlineParams,
    "market/kline result": market.KlinePage,
    "market/mark-price-kline result": market.PriceKlinePage,
    "market/tickers query": market.TickerParams,
    "market/tickers result": market.TickerPage,
    "market/orderbook query": market.RestBookParams,
    "market/orderbook result": market.RestBook,
    "market/recent-trade query": market.RecentTradeParams,
    "market/recent-trade result": market.RecentTradePage,
    "market/funding/history query": market.FundingParams,
    "market/funding/history result": market.FundingPage,
    "market/risk-limit query": market.RiskLimitParams,
    "market/risk-limit result": market.RiskLimitPage,
    "market/price-limit query": market.PriceLimitParams,
    "market/price-limit result": market.PriceLimit,
    "market/open-interest query": market.OpenInterestParams,
    "market/open-interest result": market.OpenInterestPage,
    "market/fee-group-info query": market.FeeGroupParams,
    "market/fee-group-info result": market.FeeGroupPage,
    "system/status result": market.SystemStatus,
    "market/instruments-info query": instruments.InstrumentsParams,
    "market/instruments-info result": instruments.InstrumentPage,
    "auth request": streams.ControlRequest,
    "subscribe request": streams.ControlRequest,
    "ping request": streams.ControlRequest,
    "linear subscribe ack": streams.ControlReply,
    "spot subscribe ack": streams.ControlReply,
    "subscribe failure": streams.ControlReply,
    "public pong": streams.ControlReply,
    "private pong": streams.ControlReply,
    "option subscribe ack": streams.ControlReply,
    "orderbook frame": streams.BookFrame,
    "publicTrade frame": streams.TradeFrame,
    "tickers frame": streams.TickerFrame,
    "kline frame": streams.KlineFrame,
    "priceLimit frame": streams.PriceLimitFrame,
    "allLiquidation frame": streams.LiquidationFrame,
    "order frame": streams.OrderFrame,
    "execution frame": streams.ExecutionFrame,
    "position frame": streams.PositionFrame,
    "wallet frame": streams.WalletFrame,
    "system.status frame": streams.SystemStatusFrame,
    "trade order request": trade.TradeRequest,
    "trade ping request": trade.TradeRequest,
    "trade order ack": trade.TradeReply,
    "trade auth ack": trade.TradeReply,
    "envelope": RestAnswer,
}
"""The shape of each payload."""
