"""The capability table agrees with the endpoints, and a need that cannot be met is told with what to do."""

import pytest

from actors.bybit.capabilities import CAPABILITIES, ROWS, Capability, CapabilityRow, missing
from actors.bybit.endpoints import ENDPOINTS, HOSTS, Environment
from actors.bybit.topics import TOPICS, TopicKind


def test_each_capability_has_a_row() -> None:
    assert [row.capability for row in ROWS] == list(Capability)
    assert set(CAPABILITIES) == set(Environment)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.capability)
def test_demo_has_what_its_endpoints_say(row: CapabilityRow) -> None:
    for path in row.paths:
        assert ENDPOINTS[path].on_demo is (Environment.DEMO in row.environments)


def test_every_endpoint_that_demo_lacks_is_a_capability_or_a_mere_question() -> None:
    told = {path for row in ROWS for path in row.paths}
    lacking = {path for path, each in ENDPOINTS.items() if not each.on_demo}
    assert lacking - told == {"/v5/account/user-setting-config", "/v5/account/smp-group", "/v5/apilimit/query"}


def test_sockets_are_where_the_hosts_say() -> None:
    for environment, hosts in HOSTS.items():
        assert (hosts.trade is not None) is (Capability.TRADE_SOCKET in CAPABILITIES[environment])
    assert HOSTS[Environment.DEMO].public == HOSTS[Environment.MAIN].public
    assert Capability.PUBLIC_STREAMS not in CAPABILITIES[Environment.DEMO]
    assert not TOPICS[TopicKind.EXECUTION_FAST].on_demo
    assert Capability.FAST_EXECUTIONS not in CAPABILITIES[Environment.DEMO]


def test_a_missing_capability_says_who_needs_it_who_has_it_and_what_to_do() -> None:
    needs = [(Capability.LINEAR, "the card"), (Capability.TRADE_SOCKET, "connection.order_entry")]
    assert missing(Environment.MAIN, needs) == []
    assert missing(Environment.DEMO, needs) == [
        "connection.order_entry needs order entry by socket, which demo does not have (only main, testnet, local); "
        "there: send orders by REST"
    ]
