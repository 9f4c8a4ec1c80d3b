"""The test kit: probes that record, scripts that act, whole trees on the virtual clock, and planted faults.

It is product code: an application tests its own actors with what the kernel is tested with.
"""

from runtime.testing.disk import DiskDied, FakeDisk, Filling, Tear
from runtime.testing.probes import Probe, Script, started_tree

__all__ = ["DiskDied", "FakeDisk", "Filling", "Probe", "Script", "Tear", "started_tree"]
