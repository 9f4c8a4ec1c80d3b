"""How many bars a live run reads before it starts: what makes the card ready, in timeframes of any name."""

import pytest

from actors.app.live.planning import history_bars
from ideacards.card import Card
from ideacards.readiness import bars_to_be_ready
from tests.ideacards.builders import a_card


def a_card_on(name: str, feature: str) -> Card:
    blocks = "blocks:\n- id: e\n  cases:\n  - when: x > 0\n    emit: {action: exit}"
    features = f"features:\n  x: {{{feature}, timeframe: {name}}}"
    return a_card(timeframes=f"timeframes: {{exec: 1m, {name}: 5m}}", features=features, blocks=blocks)


@pytest.mark.parametrize("name", ["mtf", "htf", "trend"])
def test_a_timeframe_of_any_name_counts_its_bars(name: str) -> None:
    card = a_card_on(name, "use: sma, length: 3")
    assert bars_to_be_ready(card) == (3 + 1) * 5  # one bar may have begun before the first exec bar
    assert history_bars(card) == 20


@pytest.mark.parametrize("name", ["mtf", "htf", "trend"])
def test_what_a_feature_asks_for_is_read(name: str) -> None:
    assert history_bars(a_card_on(name, "use: ema, length: 3, history: 30")) >= 150
