"""Signatures against the reference's vectors."""

import pytest

from actors.bybit.signing import rest_headers, sign_rest, sign_socket

KEY, SECRET, TIME = "TESTKEY0000000001", "TESTSECRET000000000000000000000001", 1_700_000_000_000
BODY = (
    '{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"20000",'
    '"timeInForce":"PostOnly","orderLinkId":"t-0001"}'
)


@pytest.mark.parametrize(
    ("payload", "signature"),
    [
        ("category=linear&symbol=BTCUSDT", "8115c8f40d807d07dbca92acafea75d0c52d054393864d5180d0c193c0e773e9"),
        ("", "18adb8b7dbbaa597ae237c20493b9a69e40571e820390d4cc6f8ae0dca6c4143"),
        (BODY, "e48cc7e2521aef79f961883668f3719f6ff39fb23538c23cfd4ff7b7a05a2222"),
    ],
)
def test_a_request_is_signed_as_the_reference_says(payload: str, signature: str) -> None:
    assert sign_rest(SECRET, KEY, TIME, 5000, payload) == signature
    assert rest_headers(SECRET, KEY, TIME, payload) == {
        "X-BAPI-API-KEY": KEY,
        "X-BAPI-TIMESTAMP": "1700000000000",
        "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": signature,
        "X-BAPI-SIGN-TYPE": "2",
    }


def test_a_socket_is_signed_as_the_reference_says() -> None:
    signature = "cfc5f094219063f89cf3398556e3768f358a4ac1c313b8a43b1227d3811dea1b"
    assert sign_socket(SECRET, 1_700_000_010_000) == signature
