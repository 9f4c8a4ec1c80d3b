"""The account: wallet, settings, fees, transaction log, key, demo money."""

from datetime import UTC, datetime
from decimal import Decimal

from actors.bybit.numbers import read_decimal, write_number
from actors.bybit.server.rest.call import RestCall, category_of, page
from actors.bybit.server.rest.orders import page_size, window
from actors.bybit.server.shown.wallet import transaction_row, wallet
from actors.bybit.server.trading.account import News
from actors.bybit.server.trading.bookkeeping import settle
from actors.bybit.server.trading.rejection import Rejection, parameter_error
from actors.bybit.wire import account
from actors.bybit.wire.envelope import NoResult
from actors.bybit.wire.market import NoParams
from actors.bybit.wire.values import WireMarginMode
from actors.model.fixed import fixed_from_decimal
from actors.model.origins import PAYS_ONLY
from actors.simulator.config import PriceBand

__all__ = [
    "api_key",
    "api_limits",
    "apply_money",
    "dcp_info",
    "disconnected_cancel_all",
    "fee_rate",
    "info",
    "limit_price_action",
    "margin_mode",
    "smp_group",
    "transaction_log",
    "user_settings",
    "wallet_balance",
]

_MONEY_LIMITS = {"USDT": Decimal(100_000), "USDC": Decimal(100_000), "BTC": Decimal(15), "ETH": Decimal(200)}


def wallet_balance(call: RestCall, params: account.WalletParams) -> account.WalletPage:
    """GET account/wallet-balance."""
    if params.account_type != "UNIFIED":
        raise parameter_error("accountType only support UNIFIED.")
    settle(call.account, call.now_ms)
    coins = tuple(filter(None, (params.coin or "").split(",")))
    return account.WalletPage((wallet(call.account, call.now_ms, coins),))


def info(call: RestCall, params: NoParams) -> account.AccountInfo:
    """GET account/info: unified, cross margin."""
    return account.AccountInfo(WireMarginMode.CROSS, 5, False, "OFF", str(call.account.created_ms), "OFF", 0, 0)


def user_settings(call: RestCall, params: NoParams) -> account.UserSettings:
    """GET account/user-setting-config: polarity differs by category, as the venue has it."""
    return account.UserSettings(False, call.account.linear_band is PriceBand.REJECT, False, False)


def limit_price_action(call: RestCall, body: account.LimitPriceBody) -> NoResult:
    """POST account/set-limit-px-action: whether a limit price outside the band is moved."""
    category = category_of(body.category)
    call.account.set_price_band(category, PriceBand.REPRICE if body.modify_enable else PriceBand.REJECT)
    return NoResult()


def margin_mode(call: RestCall, body: account.MarginModeBody) -> account.MarginModeResult:
    """POST account/set-margin-mode: cross margin is the only one here."""
    if body.set_margin_mode is not WireMarginMode.CROSS:
        raise Rejection(3400045, "Set margin mode failed")
    return account.MarginModeResult(())


def fee_rate(call: RestCall, params: account.FeeRateParams) -> account.FeeRatePage:
    """GET account/fee-rate."""
    rows = []
    for listing in call.listings(params.category, params.symbol):
        instrument = listing.instrument
        digits = instrument.rate_digits
        rows.append(
            account.FeeRateRow(
                listing.symbol,
                write_number(instrument.taker_rate, digits),
                write_number(instrument.maker_rate, digits),
                "",
            )
        )
    return account.FeeRatePage(tuple(rows), params.category)


def transaction_log(call: RestCall, params: account.TransactionParams) -> account.TransactionPage:
    """GET account/transaction-log, newest first."""
    own = call.account
    settle(own, call.now_ms)
    start_ms, end_ms = window(params.start_time, params.end_time, call.now_ms)
    rows = [
        record
        for record in own.executions
        if start_ms <= record.fill.time_ms <= end_ms
        and (params.category is None or str(record.listing.category) == str(params.category))
        and params.currency in (None, "", record.listing.quote_coin)
        and params.base_coin in (None, "", record.listing.base_coin)
        and params.type in (None, "", "SETTLEMENT" if record.fill.exec_type in PAYS_ONLY else "TRADE")
    ]
    query = f"transactions {params.category} {params.currency} {params.type}"
    shown, cursor = page(rows, params.cursor, page_size(params.limit, 20, 50), query)
    return account.TransactionPage(tuple(transaction_row(record) for record in shown), cursor)


def dcp_info(call: RestCall, params: NoParams) -> account.DcpInfo:
    """GET account/query-dcp-info: cancel-on-disconnect is for institutions; none is configured."""
    return account.DcpInfo(())


def disconnected_cancel_all(call: RestCall, body: account.DcpBody) -> NoResult:
    """POST order/disconnected-cancel-all: not for an ordinary account."""
    raise Rejection(10001, "params error: DCP is not enabled for this account")


def smp_group(call: RestCall, params: NoParams) -> account.SmpGroup:
    """GET account/smp-group."""
    return account.SmpGroup(0)


def api_limits(call: RestCall, params: NoParams) -> account.ApiLimitPage:
    """GET apilimit/query."""
    return account.ApiLimitPage((account.ApiLimitRow(str(call.account.plan.uid), "DERIVATIVES", 10),))


def api_key(call: RestCall, params: NoParams) -> account.ApiKeyInfo:
    """GET user/query-api: the key that asks."""
    plan = call.account.plan
    created = datetime.fromtimestamp(call.account.created_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    expires = plan.expired_at_ms
    expired_at = "1970-01-01T00:00:00Z" if expires is None else f"{datetime.fromtimestamp(expires // 1000, UTC):%FT%TZ}"
    rights = account.KeyPermissions(("Order", "Position"), ("SpotTrade",), (), ("DerivativesTrade",), (), ())
    return account.ApiKeyInfo(
        id=str(plan.uid),
        api_key=plan.key,
        read_only=int(plan.is_read_only),
        permissions=rights,
        note="local exchange",
        secret="",
        ips=("*",),
        type=1,
        deadline_day=-2,
        expired_at=expired_at,
        created_at=created,
        unified=0,
        uta=1,
        user_id=plan.uid,
        inviter_id=0,
        vip_level="No VIP",
        mkt_maker_level="0",
        affiliate_id=0,
        rsa_public_key="",
        is_master=True,
        parent_uid="0",
        kyc_level="LEVEL_DEFAULT",
        kyc_region="",
    )


def apply_money(call: RestCall, body: account.DemoMoneyBody) -> NoResult:
    """POST account/demo-apply-money: 0 adds, 1 reduces; USDT and coins that are traded on spot."""
    own = call.account
    if not call.is_demo:
        raise Rejection(10032, "only demo trading has demo-apply-money")
    settle(own, call.now_ms)
    sign = -1 if body.adjust_type else 1
    for item in body.uta_demo_apply_money:
        amount = read_decimal(item.amount_str, "amountStr")
        most = _MONEY_LIMITS.get(item.coin)
        if most is None or amount is None or not 0 < amount <= most:
            raise parameter_error(f"amount of {item.coin}")
        if item.coin != "USDT":
            raise parameter_error(f"{item.coin} cannot be applied for on the local exchange")
        own.linear.venue.wallet.balance += sign * fixed_from_decimal(amount, own.money_digits)
    own.listener(News((), (), tuple(item.coin for item in body.uta_demo_apply_money)))
    return NoResult()
