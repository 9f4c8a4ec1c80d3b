"""The scenes' assertions say what they have found."""

import pytest

pytest.register_assert_rewrite("tests.faults.scenes", "tests.faults.stage", "tests.faults.watching")
