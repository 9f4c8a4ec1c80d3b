"""The async facade of the exchange port, for callers that are not actors: tests, tools, notebooks.

One contract, three backends, each over its profile's exchange branch alone.
"""

from actors.app.backends.live import DemoBackend, LiveBackend
from actors.app.backends.simulator import SimulatorBackend

__all__ = ["DemoBackend", "LiveBackend", "SimulatorBackend"]
