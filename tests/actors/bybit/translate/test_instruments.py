"""Instruments from the venue's filters: linear and spot, tiers in fractions and in percent."""

import json
from typing import Any

import pytest

from actors.bybit.translate.instruments import read_instrument, write_instrument
from actors.bybit.wire.account import FeeRateRow
from actors.bybit.wire.base import WireError, decode, encode
from actors.bybit.wire.instruments import WireInstrument
from actors.bybit.wire.market import RiskLimitRow
from actors.bybit.wire.values import WireCategory
from actors.model.fixed import Money, Price, Qty, Rate
from actors.model.instrument import Instrument, RiskTier
from tests.actors.bybit.samples import SAMPLES

PERPETUAL, _, SPOT = SAMPLES["market/instruments-info result"]["list"]
FEES = FeeRateRow(symbol="BTCUSDT", maker_fee_rate="0.0002", taker_fee_rate="0.00055")
TIER = SAMPLES["market/risk-limit result"]["list"][0]


def a_tier(**changes: Any) -> RiskLimitRow:
    return decode(json.dumps(TIER | changes), RiskLimitRow)


def an_item(item: dict[str, Any], **changes: Any) -> WireInstrument:
    return decode(json.dumps(item | changes), WireInstrument)


def test_a_perpetual_is_read() -> None:
    tiers = [a_tier(), a_tier(riskLimitValue="10000000", maintenanceMargin=0.01, initialMargin=0.02,
                              maxLeverage="50.00", mmDeduction="10000")]  # fmt: skip
    unit = 10**9
    assert read_instrument(an_item(PERPETUAL), WireCategory.LINEAR, FEES, tiers, "2026-11-29") == Instrument(
        symbol="BTCUSDT",
        price_digits=1,
        qty_digits=3,
        rate_digits=5,
        tick=Price(1),
        step=Qty(1),
        min_qty=Qty(1),
        max_qty=Qty(1_190_000),
        max_market_qty=Qty(500_000),
        min_notional=Money(5 * unit),
        maker_rate=Rate(20),
        taker_rate=Rate(55),
        max_leverage=100,
        price_limit_ratio_x=Rate(1000),
        price_limit_ratio_y=Rate(2000),
        category="linear",
        as_of="2026-11-29",
        tiers=(
            RiskTier(Rate(500), Money(0), Money(2_000_000 * unit), 100),
            RiskTier(Rate(1000), Money(10_000 * unit), Money(10_000_000 * unit), 50),
        ),
    )


def test_rates_in_percent_are_known_by_their_leverage() -> None:
    percent = a_tier(maintenanceMargin="0.5", initialMargin="1", maxLeverage="100.00")
    (tier,) = read_instrument(an_item(PERPETUAL), WireCategory.LINEAR, FEES, [percent]).tiers
    assert tier.maintenance_margin_rate == 500


def test_a_spot_symbol_has_its_precision_for_a_step() -> None:
    instrument = read_instrument(an_item(SPOT), WireCategory.SPOT, FEES)
    assert (instrument.price_digits, instrument.qty_digits, instrument.tick, instrument.step) == (6, 4, 1, 1)
    assert (instrument.min_qty, instrument.max_qty, instrument.max_market_qty) == (10, 9_000_000, 4_500_000)
    assert instrument.min_notional == 10**11
    assert instrument.max_leverage == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"priceFilter": {"tickSize": ""}},
        {"lotSizeFilter": {"minOrderQty": "0.001"}},
        {"lotSizeFilter": {"qtyStep": "0.01", "minOrderQty": "0.001"}},
    ],
)
def test_a_filter_that_trading_needs_cannot_be_missing_or_off_its_grid(changes: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        read_instrument(an_item(PERPETUAL, **changes), WireCategory.LINEAR, FEES)


def test_fee_rates_finer_than_usual_are_held_exactly() -> None:
    fine = FeeRateRow(symbol="BTCUSDT", maker_fee_rate="-0.0000075", taker_fee_rate="0.00055")
    instrument = read_instrument(an_item(PERPETUAL), WireCategory.LINEAR, fine)
    assert (instrument.rate_digits, instrument.maker_rate, instrument.taker_rate) == (7, -75, 5500)


@pytest.mark.parametrize(("item", "category"), [(PERPETUAL, WireCategory.LINEAR), (SPOT, WireCategory.SPOT)])
def test_a_client_reads_the_filters_that_a_server_states(item: dict[str, Any], category: WireCategory) -> None:
    instrument = read_instrument(an_item(item), category, FEES)
    stated = json.loads(encode(write_instrument(instrument)))
    assert stated["priceFilter"]["tickSize"] in ("0.1", "0.000001")
    again = read_instrument(decode(json.dumps(stated), WireInstrument), category, FEES)
    assert again == instrument
