"""The benchmark of thirty features: it computes what it says, and prints a line each and one for all."""

import numpy as np
import pytest

from benchmarks import features
from benchmarks.bars import make_bars
from benchmarks.workloads import native_bars
from ideacards.feeds import Feeds


def test_its_card_has_twenty_indicators_and_ten_structures_with_values() -> None:
    card = features.card_of()
    assert len(card.features) == 30
    assert len({feature.use for feature in card.features}) == 29  # two averages of one kind
    feeds = Feeds.build(card, native_bars(make_bars(3_000)))
    for feature in card.features:
        assert any(np.isfinite(feeds.column(name)).any() for name in feature.column_names.values()), feature.name


@pytest.mark.slow
def test_each_feature_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    features.main(["--bars", "3000", "--rounds", "1"])
    *each, together = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in each] == [one.name for one in features.card_of().features]
    assert together.startswith("all of them over 3,000 bars: ")
