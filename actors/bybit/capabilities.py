"""What each environment offers, as data: a card or a setting that needs what is missing is refused at the start.

Facts of Bybit, from its documentation; `local` is the exchange on this machine, which lacks a little too. Endpoints say
for themselves whether demo trading has them (`RestEndpoint.on_demo`), and a test holds the two together.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from actors.bybit.endpoints import Environment

__all__ = ["CAPABILITIES", "ROWS", "Capability", "CapabilityRow", "missing"]


class Capability(StrEnum):
    """Something that not every environment has."""

    LINEAR = "linear contracts"
    SPOT = "spot"
    ONE_WAY = "one-way mode"
    HEDGE = "hedge mode"
    BATCH = "batches of linear orders"
    SPOT_BATCH = "batches of spot orders"
    TRADE_SOCKET = "order entry by socket"
    PUBLIC_STREAMS = "public streams of its own"
    FEE_RATES = "the account's fee rates"
    KEY_FACTS = "what the key may do"
    PRE_CHECK = "check of an order without placing it"
    DCP = "cancel on disconnect"
    LIMIT_PRICE_ACTION = "setting for limits beyond the price band"
    FAST_EXECUTIONS = "fast executions"
    PLAY_MONEY = "play money on request"


_MAIN, _TESTNET, _DEMO, _LOCAL = Environment.MAIN, Environment.TESTNET, Environment.DEMO, Environment.LOCAL
_BYBIT = (_MAIN, _TESTNET)


class CapabilityRow(msgspec.Struct, frozen=True):
    """Who has it, by which endpoints, and what to do where it is missing."""

    capability: Capability
    environments: tuple[Environment, ...]
    paths: tuple[str, ...] = ()
    instead: str = ""


ROWS: tuple[CapabilityRow, ...] = (
    CapabilityRow(Capability.LINEAR, (*_BYBIT, _DEMO, _LOCAL), ("/v5/order/create",)),
    CapabilityRow(Capability.SPOT, (*_BYBIT, _DEMO, _LOCAL), ("/v5/order/create",)),
    CapabilityRow(Capability.ONE_WAY, (*_BYBIT, _DEMO, _LOCAL), ("/v5/position/switch-mode",)),
    CapabilityRow(Capability.HEDGE, (*_BYBIT, _DEMO), ("/v5/position/switch-mode",), "use one-way mode"),
    CapabilityRow(Capability.BATCH, (*_BYBIT, _DEMO, _LOCAL), ("/v5/order/create-batch",)),
    CapabilityRow(Capability.SPOT_BATCH, (*_BYBIT, _LOCAL), instead="send each order by itself"),
    CapabilityRow(Capability.TRADE_SOCKET, (*_BYBIT, _LOCAL), instead="send orders by REST"),
    CapabilityRow(Capability.PUBLIC_STREAMS, (*_BYBIT, _LOCAL), instead="the streams of main, which need no key"),
    CapabilityRow(
        Capability.FEE_RATES, (*_BYBIT, _LOCAL), ("/v5/account/fee-rate",), "the fees of config/instruments.toml"
    ),
    CapabilityRow(Capability.KEY_FACTS, (*_BYBIT, _LOCAL), ("/v5/user/query-api",), "the first order shows it"),
    CapabilityRow(Capability.PRE_CHECK, _BYBIT, ("/v5/order/pre-check",), "back-test or rehearse the card"),
    CapabilityRow(
        Capability.DCP,
        _BYBIT,
        ("/v5/order/disconnected-cancel-all", "/v5/account/query-dcp-info"),
        "stops that rest at the venue; Bybit gives it to institutions alone",
    ),
    CapabilityRow(
        Capability.LIMIT_PRICE_ACTION,
        (*_BYBIT, _LOCAL),
        ("/v5/account/set-limit-px-action",),
        "prices inside the price band",
    ),
    CapabilityRow(Capability.FAST_EXECUTIONS, (*_BYBIT, _LOCAL), instead="the topic execution"),
    CapabilityRow(
        Capability.PLAY_MONEY, (_DEMO,), ("/v5/account/demo-apply-money",), "fund the account with your own money"
    ),
)

CAPABILITIES: dict[Environment, tuple[Capability, ...]] = {
    environment: tuple(row.capability for row in ROWS if environment in row.environments) for environment in Environment
}
_BY_CAPABILITY = {row.capability: row for row in ROWS}


def missing(environment: Environment, needs: Iterable[tuple[Capability, str]]) -> list[str]:
    """A line for each need that the environment cannot meet: who has it, and what to do; `needs` say who needs it."""
    lines = []
    for capability, who in needs:
        if capability in CAPABILITIES[environment]:
            continue
        row = _BY_CAPABILITY[capability]
        having = ", ".join(row.environments)
        instead = f"; there: {row.instead}" if row.instead else ""
        lines.append(f"{who} needs {capability}, which {environment} does not have (only {having}){instead}")
    return lines
