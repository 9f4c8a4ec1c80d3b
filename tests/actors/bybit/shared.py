"""The payloads beside the checkout: samples and captures of the venue, no part of the project."""

import pytest

from tests.skips import BYBIT

__all__ = ["FIXTURES", "REFERENCE", "needs_fixtures"]

FIXTURES = BYBIT / "fixtures"
REFERENCE = BYBIT / "REFERENCE.md"

needs_fixtures = pytest.mark.skipif(not FIXTURES.is_dir(), reason="the venue's samples: ../shared/bybit is absent")
