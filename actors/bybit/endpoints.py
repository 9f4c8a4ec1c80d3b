"""REST endpoints as data: path, method, shapes of request and result, rate limit, and whether demo has them.

Limits are requests a second of one account on one endpoint, at the lowest level; the answer's headers say the account's
own. Public endpoints have the limit of the IP address alone.
"""

from enum import StrEnum

import msgspec

from actors.bybit.wire import account, executions, instruments, market, orders, positions
from actors.bybit.wire.base import Wire
from actors.bybit.wire.envelope import NoResult

__all__ = [
    "ENDPOINTS",
    "HOSTS",
    "IP_BAN_MS",
    "IP_LIMIT",
    "IP_WINDOW_MS",
    "LIMIT_HEADERS",
    "MAX_BATCH",
    "MAX_LINK_ID",
    "Environment",
    "Hosts",
    "Method",
    "RestEndpoint",
    "endpoint",
]

IP_LIMIT = 600
IP_WINDOW_MS = 5_000
IP_BAN_MS = 600_000  # at least, after HTTP 403 "access too frequent"
MAX_BATCH = {"linear": 20, "spot": 10}
MAX_LINK_ID = 36
LIMIT_HEADERS = ("X-Bapi-Limit", "X-Bapi-Limit-Status", "X-Bapi-Limit-Reset-Timestamp")


class Method(StrEnum):
    """HTTP method."""

    GET = "GET"
    POST = "POST"


class Environment(StrEnum):
    """A key works in exactly one of these. `local` is an exchange on this machine, whose address its user names."""

    MAIN = "main"
    TESTNET = "testnet"
    DEMO = "demo"
    LOCAL = "local"


class Hosts(msgspec.Struct, frozen=True):
    """Where an environment lives; demo takes its public streams from the main host and has no order-entry socket."""

    rest: str
    public: str
    private: str
    trade: str | None


HOSTS: dict[Environment, Hosts] = {
    Environment.MAIN: Hosts("https://api.bybit.com", *["wss://stream.bybit.com"] * 3),
    Environment.TESTNET: Hosts("https://api-testnet.bybit.com", *["wss://stream-testnet.bybit.com"] * 3),
    Environment.DEMO: Hosts(
        "https://api-demo.bybit.com", "wss://stream.bybit.com", "wss://stream-demo.bybit.com", None
    ),
}


class RestEndpoint(msgspec.Struct, frozen=True):
    """`request` is the body of a POST or the query of a GET; `result` the shape of the answer's `result`.

    `is_write`: it changes something, so that no answer means an unknown outcome. `is_batch`: an answer for each item.
    """

    path: str
    method: Method
    request: type[Wire]
    result: type[Wire]
    linear: int | None = None  # requests a second
    spot: int | None = None
    is_signed: bool = True
    is_write: bool = False
    is_batch: bool = False
    on_demo: bool = True


def _public(path: str, request: type[Wire], result: type[Wire]) -> RestEndpoint:
    return RestEndpoint(path, Method.GET, request, result, is_signed=False)


def _read(
    path: str, request: type[Wire], result: type[Wire], linear: int | None, spot: int | None, on_demo: bool = True
) -> RestEndpoint:
    return RestEndpoint(path, Method.GET, request, result, linear, spot, on_demo=on_demo)


def _write(
    path: str, request: type[Wire], result: type[Wire], linear: int | None, spot: int | None, on_demo: bool = True
) -> RestEndpoint:
    batch = path.endswith("-batch")
    return RestEndpoint(path, Method.POST, request, result, linear, spot, True, True, batch, on_demo)


_PRICES = (market.KlineParams, market.PriceKlinePage)

_ALL = (
    _public("/v5/market/time", market.NoParams, market.ServerTimeResult),
    _public("/v5/market/kline", market.KlineParams, market.KlinePage),
    _public("/v5/market/mark-price-kline", *_PRICES),
    _public("/v5/market/index-price-kline", *_PRICES),
    _public("/v5/market/premium-index-price-kline", *_PRICES),
    _public("/v5/market/instruments-info", instruments.InstrumentsParams, instruments.InstrumentPage),
    _public("/v5/market/tickers", market.TickerParams, market.TickerPage),
    _public("/v5/market/orderbook", market.RestBookParams, market.RestBook),
    _public("/v5/market/recent-trade", market.RecentTradeParams, market.RecentTradePage),
    _public("/v5/market/funding/history", market.FundingParams, market.FundingPage),
    _public("/v5/market/risk-limit", market.RiskLimitParams, market.RiskLimitPage),
    _public("/v5/market/price-limit", market.PriceLimitParams, market.PriceLimit),
    _public("/v5/market/open-interest", market.OpenInterestParams, market.OpenInterestPage),
    _public("/v5/market/fee-group-info", market.FeeGroupParams, market.FeeGroupPage),
    _public("/v5/system/status", market.NoParams, market.SystemStatus),
    _write("/v5/order/create", orders.CreateOrderBody, orders.OrderAck, 10, 20),
    _write("/v5/order/amend", orders.AmendOrderBody, orders.OrderAck, 10, 10),
    _write("/v5/order/cancel", orders.CancelOrderBody, orders.OrderAck, 10, 20),
    _write("/v5/order/cancel-all", orders.CancelAllBody, orders.CancelAllAck, 10, 20),
    _write("/v5/order/create-batch", orders.CreateBatchBody, orders.BatchAck, 10, 20),
    _write("/v5/order/amend-batch", orders.AmendBatchBody, orders.BatchAck, 10, 20),
    _write("/v5/order/cancel-batch", orders.CancelBatchBody, orders.BatchAck, 10, 20),
    _write("/v5/order/pre-check", orders.CreateOrderBody, orders.PreCheckResult, 10, 20, on_demo=False),
    _read("/v5/order/realtime", orders.OrdersParams, orders.OrderPage, 50, 50),
    _read("/v5/order/history", orders.OrderHistoryParams, orders.OrderPage, 50, 50),
    _read("/v5/execution/list", executions.ExecutionsParams, executions.ExecutionPage, 50, 50),
    _write("/v5/order/disconnected-cancel-all", account.DcpBody, NoResult, 5, 5, on_demo=False),
    _read("/v5/position/list", positions.PositionsParams, positions.PositionPage, 50, None),
    _read("/v5/position/closed-pnl", positions.ClosedPnlParams, positions.ClosedPnlPage, 50, None),
    _write("/v5/position/set-leverage", positions.SetLeverageBody, NoResult, 10, None),
    _write("/v5/position/switch-mode", positions.SwitchModeBody, NoResult, 10, None),
    _write("/v5/position/trading-stop", positions.TradingStopBody, NoResult, 10, None),
    _read("/v5/account/wallet-balance", account.WalletParams, account.WalletPage, 50, 50),
    _read("/v5/account/info", market.NoParams, account.AccountInfo, 50, 50),
    _read("/v5/account/user-setting-config", market.NoParams, account.UserSettings, 50, 50, on_demo=False),
    _read("/v5/account/transaction-log", account.TransactionParams, account.TransactionPage, 25, 25),
    _read("/v5/account/fee-rate", account.FeeRateParams, account.FeeRatePage, 5, 5, on_demo=False),
    _read("/v5/account/query-dcp-info", market.NoParams, account.DcpInfo, 5, 5, on_demo=False),
    _write("/v5/account/set-margin-mode", account.MarginModeBody, account.MarginModeResult, 5, 5),
    _write("/v5/account/set-limit-px-action", account.LimitPriceBody, NoResult, 10, 10, on_demo=False),
    _read("/v5/account/smp-group", market.NoParams, account.SmpGroup, None, None, on_demo=False),
    RestEndpoint("/v5/account/demo-apply-money", Method.POST, account.DemoMoneyBody, NoResult, is_write=True),
    _read("/v5/user/query-api", market.NoParams, account.ApiKeyInfo, None, None, on_demo=False),
    _read("/v5/apilimit/query", market.NoParams, account.ApiLimitPage, None, None, on_demo=False),
)

ENDPOINTS: dict[str, RestEndpoint] = {item.path: item for item in _ALL}
"""By path."""


def endpoint(path: str) -> RestEndpoint:
    """The endpoint of a path such as "order/create"."""
    return ENDPOINTS[f"/v5/{path}"]
