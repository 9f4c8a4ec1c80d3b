"""Every answer and frame of the server, field by field: against literal tables, and against the venue's own samples.

Neither knows the codec: a name that is wrong in it is wrong in what the server says, and fails here.
"""

import json
from typing import Any

import pytest

from tests.actors.bybit.server.expected import EXPECTED
from tests.actors.bybit.server.outlines import differences, outline
from tests.actors.bybit.server.recorded import recorded
from tests.actors.bybit.shared import FIXTURES, needs_fixtures

# Samples that are older or younger than what the reference lists: what differs, and may.
YOUNGER = {
    "rest_account_fee_rate__response": {"has result.category", "has result.list[].baseCoin"},
    "rest_account_info__response": {"has retExtInfo", "has time"},
    "rest_account_set_margin_mode__response": {"has retExtInfo", "has time"},
    "rest_account_wallet_balance__response": {"has result.list[].coin[].colRes", "has result.list[].coin[].free"},
    "rest_execution_list__response": {
        "has result.list[].createType", "has result.list[].execFeeV2", "has result.list[].marketUnit",
    },
    "rest_market_instruments_info__response_linear": {
        "has result.list[].displayName", "has result.list[].forbidUplWithdrawal",
    },
    "rest_market_instruments_info__response_spot": {"has result.list[].xstockMultiplier"},
    "rest_market_risk_limit__response": {"has result.nextPageCursor"},
    "rest_market_tickers__response_inverse": {
        "has result.list[].singleOpenInterest", "has result.list[].singleOpenInterestValue",
        "has result.list[].tickDirection",
    },
    "rest_order_amend_batch__response": {"has result.list[].createAt"},
    "rest_order_cancel_batch__response": {"has result.list[].createAt"},
    "rest_order_history__response": {
        f"has result.list[].{name}" for name in ("createType", "marketUnit", "ocoTriggerBy", "parentOrderLinkId")
    },
    "rest_order_realtime__response": {
        f"has result.list[].{name}"
        for name in (
            "basePrice", "createType", "extraFees", "marketUnit", "ocoTriggerBy", "parentOrderLinkId", "rpiMatchedQty",
            "rpiTakerAccess", "slippageTolerance", "slippageToleranceType",
        )
    },
    # The sample spells it mmrSysUpdateTime, the reference and the stream's sample mmrSysUpdatedTime.
    "rest_position_list__response": {
        "lacks result.list[].mmrSysUpdateTime", "has result.list[].mmrSysUpdatedTime", "has result.list[].openTime",
    },
    # Rights and ids of the venue's other products: the codec has none of them either (UNMODELLED).
    "rest_user_query_api__response": {
        f"lacks result.{name}"
        for name in (
            "affiliateIDInt64", "inviterIDInt64", "userIDInt64", "permissions.Affiliate", "permissions.BitCard",
            "permissions.BitCard[]", "permissions.BlockTrade", "permissions.ByXPost", "permissions.ByXPost[]",
            "permissions.CopyTrading", "permissions.Earn", "permissions.Earn[]", "permissions.FiatBitPay",
            "permissions.FiatBitPay[]", "permissions.FiatConvertBroker", "permissions.FiatConvertBroker[]",
            "permissions.FiatGlobalPay", "permissions.FiatP2P", "permissions.FiatP2P[]", "permissions.NFT",
        )
    },
    "ws_execution__push": {"has data[].execFeeV2"},
    "ws_order__push": {
        f"has data[].{name}"
        for name in (
            "basePrice", "brokerOrderPrice", "createType", "extraFees", "isLeverage", "marketUnit", "ocoTriggerBy",
            "parentOrderLinkId", "slippageTolerance", "slippageToleranceType",
        )
    },
    "ws_position__push": {"has data[].openTime"},
    "ws_public_trade__push": {"has data[].RPI"},
    "ws_tickers__push_linear": {
        f"has data.{name}"
        for name in (
            "basis", "basisRate", "basisRateYear", "deliveryFeeRate", "deliveryTime", "predictedDeliveryPrice",
            "singleOpenInterest", "singleOpenInterestValue",
        )
    },
    "ws_trade__ack_order_create-batch": {"has reqId"},
    "ws_wallet__push": {"has data[].coin[].colRes", "has data[].coin[].free"},
}  # fmt: skip
SOCKET_SAMPLES = {
    "ws_connect__auth_ack_private": "private auth ack",
    "ws_connect__pong_private": "private pong",
    "ws_connect__pong_public_linear": "public pong",
    "ws_connect__pong_public_spot": "public pong spot",
    "ws_connect__subscribe_ack_private": "private subscribe ack",
    "ws_connect__subscribe_ack_public_linear": "public subscribe ack",
    "ws_connect__subscribe_ack_public_spot": "public subscribe ack spot",
    "ws_execution__push": "execution frame",
    "ws_execution_fast__push": "execution.fast frame",
    "ws_kline__push": "kline frame",
    "ws_order__push": "order frame",
    "ws_orderbook__push_snapshot": "orderbook frame",
    "ws_orderbook__push_delta": "orderbook frame",
    "ws_position__push": "position frame",
    "ws_public_trade__push": "publicTrade frame",
    "ws_tickers__push_linear": "tickers frame",
    "ws_tickers__push_spot": "tickers frame spot",
    "ws_trade__ack_auth": "trade auth ack",
    "ws_trade__ack_order_create": "trade ack",
    "ws_trade__ack_order_create-batch": "trade batch ack",
    "ws_trade__ack_pong": "trade pong",
    "ws_wallet__push": "wallet frame",
}
SPECIAL = {
    "market_instruments_info": {"_linear": "market/instruments-info", "_spot": "market/instruments-info spot"},
    "market_tickers": {"_inverse": "market/tickers", "_spot": "market/tickers spot"},
}
# Of what the server never says: other products, calls that it refuses, and pieces that are no whole answer.
NOT_SAID = {
    "rest_envelope__response", "rest_market_fee_group_info__response", "rest_market_tickers__response_option",
    "rest_market_instruments_info__response_linear_prelaunch", "rest_market_instruments_info__response_option",
    "rest_order_disconnected_cancel_all__response", "rest_order_pre_check__response",
    "rest_position_switch_mode__response",
}  # fmt: skip


def rest_samples() -> dict[str, str]:
    """The name in `recorded` of each REST sample."""
    found = {}
    for path in sorted(FIXTURES.glob("rest_*__response*.json")):
        if path.stem in NOT_SAID:
            continue
        room, _, variant = path.stem.removeprefix("rest_").partition("__response")
        plain = {name.replace("/", "_").replace("-", "_"): name for name in EXPECTED}
        found[path.stem] = SPECIAL[room][variant] if room in SPECIAL else plain[room]
    return found


SAMPLES_OF = rest_samples() | (SOCKET_SAMPLES if FIXTURES.is_dir() else {})


def payloads(stem: str) -> list[Any]:
    found = json.loads((FIXTURES / f"{stem}.json").read_text(encoding="utf-8"))
    return found if isinstance(found, list) else [found]


def test_what_was_recorded_is_what_is_expected() -> None:
    assert set(recorded()) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_answer_has_the_fields_that_the_reference_lists(name: str) -> None:
    assert differences(outline(*recorded()[name]), EXPECTED[name]) == []


@needs_fixtures
@pytest.mark.parametrize("stem", SAMPLES_OF or ["absent"])
def test_an_answer_has_the_fields_of_the_venues_sample(stem: str) -> None:
    found = differences(outline(*recorded()[SAMPLES_OF[stem]]), outline(*payloads(stem)))
    assert set(found) == YOUNGER.get(stem, set())


@needs_fixtures
def test_the_first_ticker_frame_is_whole_and_the_next_hold_what_changed() -> None:
    first, *later = recorded()["tickers frame"]
    (sample, *_) = payloads("ws_tickers__push_linear")
    assert first["type"] == "snapshot"
    assert set(sample["data"]) <= set(first["data"])
    assert {frame["type"] for frame in later} == {"delta"}
    assert all(set(frame["data"]) < set(first["data"]) for frame in later)


def test_what_an_order_does_not_have_is_empty_text() -> None:
    frames = recorded()["order frame"]
    plain = next(frame["data"][0] for frame in frames if frame["data"][0]["orderLinkId"] == "day-1")
    empty = ("triggerBy", "tpTriggerBy", "slTriggerBy", "triggerPrice", "takeProfit", "stopLoss", "stopOrderType",
             "tpslMode", "feeCurrency", "avgPrice")  # fmt: skip
    assert {name: plain[name] for name in empty} == dict.fromkeys(empty, "")
    assert {frame["data"][0]["feeCurrency"] for frame in frames} == {"", "USDT", "BTC"}


def test_fields_that_old_clients_need_hold_what_the_venue_sends() -> None:
    (position, *_) = recorded()["position/list"][0]["result"]["list"]
    assert {name: position[name] for name in ("tpslMode", "tradeMode", "bustPrice", "positionBalance")} == {
        "tpslMode": "Full",
        "tradeMode": 0,
        "bustPrice": "",
        "positionBalance": "0",
    }
    (account,) = recorded()["account/wallet-balance"][0]["result"]["list"]
    assert account["accountLTV"] == "0"
    assert {coin[name] for coin in account["coin"] for name in ("availableToWithdraw", "availableToBorrow")} == {""}


def test_an_outline_tells_what_is_missing_what_is_too_much_and_what_is_of_another_kind() -> None:
    wanted = outline({"a": "1", "b": [{"c": 1}], "d": {"e": True}, "f": None})
    assert differences(outline({"a": "2", "b": [{"c": 3}], "d": {"e": False}, "f": "x"}), wanted) == []
    assert differences(outline({"a": None, "b": [], "d": {"e": False}, "f": {}}), wanted) == []
    assert differences(outline({"a": 1, "b": [{"C": 1}], "d": {"e": False}, "f": None}), wanted) == [
        "lacks b[].c",
        "has b[].C",
        "a is number, not text",
    ]
