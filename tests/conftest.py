"""For every test: skips are checked against a list; Hypothesis has no deadline and a fixed seed."""

from hypothesis import settings

pytest_plugins = ["tests.skips"]

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")
