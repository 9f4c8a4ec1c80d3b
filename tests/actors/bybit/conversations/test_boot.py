"""What a start asks of Bybit, with scripted answers: whatever makes orders doubtful is told in one line, and where."""

import copy
from typing import Any

import pytest

from actors.bybit.conversations.asking import Steps
from actors.bybit.conversations.boot import (
    StandardFees,
    account_equity,
    account_modes,
    instruments_of,
    key_problems,
    last_price,
    strangers,
)
from actors.bybit.translate.results import NoReply, Reply, RestRequest
from actors.model.errors import AuthenticationError, ConfigurationError, NetworkError
from tests.actors.builders import an_instrument
from tests.actors.bybit.conversations.talking import an_answer
from tests.actors.bybit.samples import SAMPLES
from tests.contracts.scripted.shapes import a_position, a_wallet, an_order

STANDARD = {"BTCUSDT": StandardFees("0.0002", "0.00055")}
FEES = an_answer(SAMPLES["account/fee-rate result"])
TIERS = an_answer(SAMPLES["market/risk-limit result"])


def held(steps: Steps[Any], *replies: Reply) -> tuple[Any, list[str]]:
    """What a conversation comes to, and the paths that it asked; every reply must be asked for."""
    asked: list[str] = []
    left = list(replies)
    try:
        request: RestRequest = next(steps)
        while True:
            asked.append(request.endpoint.path.removeprefix("/v5/"))
            request = steps.send(left.pop(0))
    except StopIteration as end:
        assert not left, f"{len(left)} replies were not asked for"
        return end.value, asked


def a_listing(**changes: Any) -> Reply:
    page = copy.deepcopy(SAMPLES["market/instruments-info result"])
    page["list"][0] |= changes
    page["nextPageCursor"] = ""
    return an_answer(page)


def rows(*found: Any) -> Reply:
    return an_answer({"list": list(found), "category": "linear", "nextPageCursor": ""})


def instruments(*replies: Reply, has_fee_rates: bool = True) -> tuple[Any, list[str]]:
    return held(instruments_of(("BTCUSDT",), STANDARD, has_fee_rates=has_fee_rates), *replies)


def test_an_instrument_has_the_venues_grids_tiers_and_the_accounts_fees() -> None:
    found, asked = instruments(a_listing(), TIERS, FEES)
    instrument = found["BTCUSDT"]
    assert (instrument.tick, instrument.step, instrument.max_leverage) == (1, 1, 100)
    assert instrument.taker_rate / instrument.rate_one == 0.00055
    assert asked == ["market/instruments-info", "market/risk-limit", "account/fee-rate"]


def test_where_the_venue_tells_no_fees_the_standard_ones_count_and_nobody_asks() -> None:
    found, asked = instruments(a_listing(), TIERS, has_fee_rates=False)
    assert found["BTCUSDT"].maker_rate / found["BTCUSDT"].rate_one == 0.0002
    assert "account/fee-rate" not in asked


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (rows(), "BTCUSDT: Bybit lists no linear symbol of that name: check the symbol in the card"),
        (an_answer({}, 10001, "Symbol Is Invalid"), "BTCUSDT: Bybit lists no linear symbol of that name"),
        (a_listing(symbol="BTCUSD"), "BTCUSDT: Bybit lists no linear symbol of that name"),
        (a_listing(status="PreLaunch"), "BTCUSDT: its status at Bybit is PreLaunch, and only Trading takes orders"),
        (a_listing(deliveryTime="1764403200000"), "BTCUSDT: Bybit delists it at 2025-11-29T08:00:00Z"),
    ],
    ids=["none", "invalid", "another", "not trading", "delisting"],
)
def test_an_instrument_that_does_not_trade_is_told(reply: Reply, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        instruments(reply)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    "changes",
    [
        {"priceFilter": {"tickSize": "", "minPrice": "0.10", "maxPrice": "1999999.80"}},
        {"lotSizeFilter": {"minOrderQty": "0.001", "maxOrderQty": "1190", "qtyStep": ""}},
    ],
    ids=["tick", "step"],
)
def test_terms_that_are_empty_text_are_no_guess(changes: Any) -> None:
    with pytest.raises(ConfigurationError, match="Bybit's terms for it cannot be read"):
        instruments(a_listing(**changes), TIERS, FEES)


def test_all_symbols_that_do_not_trade_are_told_at_once() -> None:
    steps = instruments_of(("AAAUSDT", "BBBUSDT"), {}, has_fee_rates=True)
    with pytest.raises(ConfigurationError, match=r"AAAUSDT: .*; BBBUSDT: "):
        held(steps, rows(), rows())


def test_a_question_without_an_answer_is_to_be_asked_again_and_another_refusal_is_no_unknown_symbol() -> None:
    with pytest.raises(NetworkError, match="timed out"):
        instruments(NoReply("timed out"))
    with pytest.raises(AuthenticationError, match="10003"):
        instruments(an_answer({}, 10003, "API key is invalid."))


def modes(position: Any = None, **info: Any) -> Any:
    found, _ = held(
        account_modes(("BTCUSDT",)),
        an_answer(SAMPLES["account/info result"] | info),
        rows(position or a_position()),
    )
    return found


def test_a_unified_account_in_cross_margin_and_one_way_mode_is_well() -> None:
    assert modes() == []


def test_each_mode_that_we_do_not_trade_in_is_told_with_what_to_do() -> None:
    assert modes(a_position(positionIdx=1)) == [
        "BTCUSDT: the account is in hedge mode: switch the position mode to one-way"
    ]
    (told,) = modes(marginMode="ISOLATED_MARGIN")
    assert told == "the account's margin mode is ISOLATED_MARGIN: switch it to cross margin (REGULAR_MARGIN)"
    (told,) = modes(unifiedMarginStatus=1)
    assert told == "the account is no unified trading account: upgrade it at Bybit first"


def key(**changes: Any) -> Any:
    return held(key_problems(), an_answer(SAMPLES["user/query-api result"] | changes))[0]


def test_a_key_may_trade_or_it_is_told_what_it_lacks() -> None:
    assert key() == []
    assert key(readOnly=1) == [
        "the key is read-only: make one with the permissions Order and Position of contract trading"
    ]
    assert key(permissions={"ContractTrade": ["Order"]}) == [
        "the key lacks the permission Position of contract trading"
    ]
    assert key(permissions={}) == ["the key lacks the permission Order and Position of contract trading"]


def test_equity_is_the_wallets_of_the_coin_and_no_number_is_zero() -> None:
    wallet = a_wallet("123.45")
    assert held(account_equity("USDT"), rows(wallet))[0] == "123.45"
    assert held(account_equity("USDC"), rows(wallet))[0] == "0"
    assert held(account_equity("USDT"), rows())[0] == "0"
    wallet["coin"][0]["walletBalance"] = ""
    assert held(account_equity("USDT"), rows(wallet))[0] == "0"


def standing(orders: list[Any], **position: Any) -> list[str]:
    found, _ = held(strangers(("BTCUSDT",), "cfdemo"), rows(*orders), rows(a_position(**position)))
    assert isinstance(found, list)
    return found


def test_our_own_orders_and_levels_of_the_position_are_no_strangers() -> None:
    ours = an_order(orderLinkId="cfdemo123")
    level = an_order(orderLinkId="", stopOrderType="StopLoss")
    assert standing([ours, level]) == []
    assert standing([], size="") == []


def test_orders_and_positions_of_others_are_told_and_left_alone() -> None:
    told = standing([an_order(orderLinkId=""), an_order(orderLinkId="cflive1")], side="Sell", size="0.5")
    assert told[0].startswith("BTCUSDT: 2 open orders that are not this deployment's: left alone, and entries are ")
    assert told[1].startswith("BTCUSDT: the account holds Sell 0.5; unless this run's journal explains it, ")


def test_the_last_price_is_on_the_grid_and_no_price_is_told() -> None:
    ticker = SAMPLES["market/tickers result"]["list"][0]
    found, asked = held(last_price(an_instrument()), rows(ticker | {"symbol": "BTCUSDT", "lastPrice": "60000.1"}))
    assert (found, asked) == (6_000_010, ["market/tickers"])
    for row in (ticker | {"symbol": "BTCUSDT", "lastPrice": ""}, ticker | {"symbol": "ETHUSDT", "lastPrice": "1"}):
        with pytest.raises(ConfigurationError, match="BTCUSDT: nothing has been traded yet"):
            held(last_price(an_instrument()), rows(row))
