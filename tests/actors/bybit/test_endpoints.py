"""The table of endpoints against the reference: paths, methods, limits, and what demo lacks."""

import re

import pytest

from actors.bybit.endpoints import ENDPOINTS, HOSTS, Environment, Method, endpoint
from tests.actors.bybit.shared import REFERENCE, needs_fixtures

LIMITS = {
    "order/create": (10, 20),
    "order/amend": (10, 10),
    "order/cancel": (10, 20),
    "order/cancel-all": (10, 20),
    "order/create-batch": (10, 20),
    "order/realtime": (50, 50),
    "execution/list": (50, 50),
    "position/list": (50, None),
    "position/trading-stop": (10, None),
    "account/transaction-log": (25, 25),
    "account/fee-rate": (5, 5),
}
NOT_ON_DEMO = ("account/fee-rate", "order/disconnected-cancel-all", "order/pre-check", "account/query-dcp-info")


@pytest.mark.parametrize("path", LIMITS)
def test_limits_are_the_references(path: str) -> None:
    item = endpoint(path)
    assert (item.linear, item.spot) == LIMITS[path]


def test_a_request_with_a_body_is_a_write_and_signed_and_only_those_are() -> None:
    for item in ENDPOINTS.values():
        assert item.is_write is (item.method is Method.POST)
        assert item.is_signed or item.method is Method.GET
        assert item.is_signed is not item.path.startswith(("/v5/market/", "/v5/system/"))
        assert item.request.__name__.endswith("Body" if item.is_write else "Params")
        assert item.is_batch is item.path.endswith("-batch")


@pytest.mark.parametrize("path", NOT_ON_DEMO)
def test_what_demo_lacks_is_said(path: str) -> None:
    assert not endpoint(path).on_demo


def test_demo_has_its_own_private_host_and_no_order_entry_socket() -> None:
    demo, main = HOSTS[Environment.DEMO], HOSTS[Environment.MAIN]
    assert (demo.trade, demo.public) == (None, main.public)
    assert len({hosts.rest for hosts in HOSTS.values()}) == len({hosts.private for hosts in HOSTS.values()}) == 3


@needs_fixtures
def test_every_request_that_the_reference_heads_stands_in_the_table() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if re.match(r"### [456]\.", line)]
    named = {
        path.removeprefix("/v5/") for line in headings for path in re.findall(r"`(?:GET |POST )?(/v5/[^`]+)`", line)
    }
    assert len(named) > 20
    assert {f"/v5/{path}" for path in named} <= set(ENDPOINTS)
    for line in headings:
        for method, path in re.findall(r"`(GET|POST) (/v5/[^`]+)`", line):
            assert ENDPOINTS[path].method == method
