"""The account on the wire: wallet, margin mode, fee rates, price-band setting, transaction log, key, demo money."""

from actors.bybit.wire.base import Wire
from actors.bybit.wire.values import WireCategory, WireMarginMode, WireSide

__all__ = [
    "AccountInfo",
    "ApiKeyInfo",
    "ApiLimitPage",
    "ApiLimitRow",
    "DcpBody",
    "DcpInfo",
    "DcpRow",
    "DemoCoin",
    "DemoMoneyBody",
    "FeeRatePage",
    "FeeRateParams",
    "FeeRateRow",
    "KeyPermissions",
    "LimitPriceBody",
    "MarginModeBody",
    "MarginModeReason",
    "MarginModeResult",
    "SmpGroup",
    "TransactionPage",
    "TransactionParams",
    "TransactionRow",
    "UserSettings",
    "WalletPage",
    "WalletParams",
    "WireCoin",
    "WireWallet",
]


class WalletParams(Wire, frozen=True):
    """GET account/wallet-balance: UNIFIED, and coins with commas between."""

    account_type: str
    coin: str | None = None


class WireCoin(Wire, frozen=True):
    """One coin of the wallet; amounts in that coin, `usd_value` in USD."""

    coin: str
    equity: str | None = None
    usd_value: str | None = None
    wallet_balance: str | None = None
    free: str | None = None
    locked: str | None = None
    spot_hedging_qty: str | None = None
    borrow_amount: str | None = None
    spot_borrow: str | None = None
    accrued_interest: str | None = None
    total_order_im: str | None = None
    total_position_im: str | None = None
    total_position_mm: str | None = None
    unrealised_pnl: str | None = None
    cum_realised_pnl: str | None = None
    bonus: str | None = None
    margin_collateral: bool | None = None
    collateral_switch: bool | None = None
    col_res: str | None = None
    available_to_withdraw: str | None = None
    available_to_borrow: str | None = None


class WireWallet(Wire, frozen=True):
    """Account totals in USD, which do not apply to isolated margin; the stream lists the coins concerned."""

    coin: tuple[WireCoin, ...]
    account_type: str | None = None
    account_im_rate: str | None = None
    account_im_rate_by_mp: str | None = None
    account_mm_rate: str | None = None
    account_mm_rate_by_mp: str | None = None
    account_ltv: str | None = None
    total_equity: str | None = None
    total_wallet_balance: str | None = None
    total_margin_balance: str | None = None
    total_available_balance: str | None = None
    total_perp_upl: str | None = None
    total_initial_margin: str | None = None
    total_initial_margin_by_mp: str | None = None
    total_maintenance_margin: str | None = None
    total_maintenance_margin_by_mp: str | None = None


class WalletPage(Wire, frozen=True):
    """Result of account/wallet-balance: one account."""

    list: tuple[WireWallet, ...]


class AccountInfo(Wire, frozen=True):
    """Result of account/info."""

    margin_mode: WireMarginMode
    unified_margin_status: int | None = None
    is_master_trader: bool | None = None
    spot_hedging_status: str | None = None
    updated_time: str | None = None
    dcp_status: str | None = None
    time_window: int | None = None
    smp_group: int | None = None


class FeeRateParams(Wire, frozen=True):
    """GET account/fee-rate; absent on demo."""

    category: WireCategory
    symbol: str | None = None
    base_coin: str | None = None


class FeeRateRow(Wire, frozen=True):
    """Rates as fractions."""

    symbol: str
    taker_fee_rate: str
    maker_fee_rate: str
    base_coin: str | None = None


class FeeRatePage(Wire, frozen=True):
    """Result of account/fee-rate."""

    list: tuple[FeeRateRow, ...]
    category: WireCategory | None = None


class UserSettings(Wire, frozen=True):
    """Result of account/user-setting-config.

    An out-of-band limit price is moved when `lpa_spot` is true, and refused when `lpa_perp` is true.
    """

    lpa_spot: bool
    lpa_perp: bool
    smsef: bool | None = None
    fmsef: bool | None = None


class LimitPriceBody(Wire, frozen=True):
    """POST account/set-limit-px-action: whether out-of-band limit prices are moved instead of refused."""

    category: WireCategory
    modify_enable: bool


class MarginModeBody(Wire, frozen=True):
    """POST account/set-margin-mode."""

    set_margin_mode: WireMarginMode


class MarginModeReason(Wire, frozen=True):
    """Why the mode was not set."""

    reason_code: str
    reason_msg: str | None = None


class MarginModeResult(Wire, frozen=True):
    """Result of account/set-margin-mode; the reasons come with a refusal."""

    reasons: tuple[MarginModeReason, ...] | None = None


class SmpGroup(Wire, frozen=True):
    """Result of account/smp-group."""

    smp_group: int


class DcpBody(Wire, frozen=True):
    """POST order/disconnected-cancel-all: seconds; for institutions only."""

    time_window: int
    product: str | None = None


class DcpRow(Wire, frozen=True):
    """Cancel-on-disconnect of one product."""

    product: str
    dcp_status: str
    time_window: str


class DcpInfo(Wire, frozen=True):
    """Result of account/query-dcp-info; empty where it is not configured."""

    dcp_infos: tuple[DcpRow, ...] | None = None


class TransactionParams(Wire, frozen=True):
    """GET account/transaction-log: UTC ms."""

    account_type: str | None = None
    category: WireCategory | None = None
    currency: str | None = None
    base_coin: str | None = None
    type: str | None = None
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None
    cursor: str | None = None


class TransactionRow(Wire, frozen=True):
    """One booking; `change` is what the balance moved by. Funding is of type SETTLEMENT."""

    id: str
    type: str
    currency: str
    change: str
    transaction_time: str
    trans_sub_type: str | None = None
    symbol: str | None = None
    category: WireCategory | None = None
    side: WireSide | None = None
    funding: str | None = None
    order_link_id: str | None = None
    order_id: str | None = None
    trade_id: str | None = None
    trade_price: str | None = None
    fee: str | None = None
    fee_rate: str | None = None
    cash_flow: str | None = None
    cash_balance: str | None = None
    bonus_change: str | None = None
    size: str | None = None
    qty: str | None = None
    extra_fees: str | None = None


class TransactionPage(Wire, frozen=True):
    """Result of account/transaction-log."""

    list: tuple[TransactionRow, ...]
    next_page_cursor: str | None = None


class KeyPermissions(Wire, frozen=True, rename="pascal"):
    """What the key may do, by area."""

    contract_trade: tuple[str, ...] | None = None
    spot: tuple[str, ...] | None = None
    wallet: tuple[str, ...] | None = None
    derivatives: tuple[str, ...] | None = None
    options: tuple[str, ...] | None = None
    exchange: tuple[str, ...] | None = None


class ApiKeyInfo(Wire, frozen=True):
    """Result of user/query-api: the key that asks."""

    id: str
    api_key: str
    read_only: int
    permissions: KeyPermissions
    note: str | None = None
    secret: str | None = None
    ips: tuple[str, ...] | None = None
    type: int | None = None
    deadline_day: int | None = None
    expired_at: str | None = None
    created_at: str | None = None
    unified: int | None = None
    uta: int | None = None
    user_id: int | None = None
    inviter_id: int | None = None
    vip_level: str | None = None
    mkt_maker_level: str | None = None
    affiliate_id: int | None = None
    rsa_public_key: str | None = None
    is_master: bool | None = None
    parent_uid: str | None = None
    kyc_level: str | None = None
    kyc_region: str | None = None


class ApiLimitRow(Wire, frozen=True):
    """Requests a second of a business type, of these users."""

    uids: str
    biz_type: str
    rate: int


class ApiLimitPage(Wire, frozen=True):
    """Result of apilimit/query."""

    list: tuple[ApiLimitRow, ...]


class DemoCoin(Wire, frozen=True):
    """An amount of one coin."""

    coin: str
    amount_str: str


class DemoMoneyBody(Wire, frozen=True):
    """POST account/demo-apply-money: 0 adds, 1 reduces."""

    uta_demo_apply_money: tuple[DemoCoin, ...]
    adjust_type: int | None = None
