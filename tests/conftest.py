"""What holds for every test: skips are counted against a list; Hypothesis has no deadline and no dice of its own."""

from hypothesis import settings

pytest_plugins = ["tests.skips"]

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")
