"""What the rate limiter counts stands for Bybit's own paths, numbers and requests."""

from typing import Any

import pytest

from actors.app.exchanges.branch import rate_policy
from actors.app.settings import LimitSettings
from actors.bybit.calls import bybit_codec
from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.endpoints import ENDPOINTS as PATHS
from actors.bybit.endpoints import IP_LIMIT
from actors.model.calls import CallAnswered
from actors.model.errors import ColdframeError
from actors.ratelimiter.messages import ACCOUNT_WIDE, ENDPOINTS, Endpoint
from tests.actors.builders import an_instrument
from tests.actors.gateway.desk import answered
from tests.actors.ratelimiter.test_deadlines import REQUESTS

FLAT = {"symbol": "BTCUSDT", "positionIdx": 0, "side": "", "size": "0"}
REPLIES: dict[str, CallAnswered] = {
    "/v5/position/list": answered({"category": "linear", "list": [FLAT]}),
    "/v5/order/realtime": answered({"category": "linear", "list": []}),
}


def test_the_default_settings_use_no_more_than_the_lowest_level_of_an_account_allows() -> None:
    policy = rate_policy(LimitSettings(), {})
    assert policy.ip_budget <= IP_LIMIT
    for endpoint in Endpoint:
        item = PATHS[endpoint]
        limits = [limit for limit in (item.linear, item.spot) if limit is not None]
        assert policy.budgets[endpoint] <= min(limits), endpoint


@pytest.mark.parametrize("message", REQUESTS, ids=lambda message: type(message).__name__)
def test_a_message_asks_the_paths_that_it_is_counted_at_in_its_own_category(message: Any) -> None:
    codec = bybit_codec(VenueAccount({"BTCUSDT": an_instrument()}))
    steps = codec.converse(message)
    asked: list[str] = []
    try:
        call = next(steps)
        while True:
            if call.is_signed:
                asked.append(call.path)
                assert call.category == ("" if call.path in ACCOUNT_WIDE else "linear")
            call = steps.send(REPLIES.get(call.path, answered({"list": []})))
    except StopIteration:
        pass
    except ColdframeError:  # an empty answer is no answer to every question; what was asked until then counts
        assert asked or not ENDPOINTS[type(message)]
    assert asked == list(ENDPOINTS[type(message)])
