"""For every test: skips are checked against a list; Hypothesis has no deadline and a fixed seed.

Slow tests of whole trees are marked `story` too, so that CI can run them beside the other slow ones.
"""

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.skips"]

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")

_HERE = Path(__file__).parent
_STORIES = (_HERE / "scenarios", _HERE / "faults", _HERE / "oracle")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the stories."""
    for item in items:
        if item.get_closest_marker("slow") is not None and any(folder in item.path.parents for folder in _STORIES):
            item.add_marker(pytest.mark.story)
