"""The test kit: probes that record, scripts that act, whole trees on the virtual clock, and planted faults.

It is product code: an application tests its own actors with the same tools as the kernel's tests.
"""

from runtime.testing.choosers import Planned, Rates, Seeded
from runtime.testing.disk import DiskDied, FakeDisk, Filling, Tear
from runtime.testing.harness import ActorHarness
from runtime.testing.plan import Choice, FaultKind, FaultPlan, PlanError
from runtime.testing.probes import Probe, Script, started_tree
from runtime.testing.runs import RunReport, check_many, run_plan, run_seed
from runtime.testing.shrink import Shrunk, shrink

__all__ = [
    "ActorHarness",
    "Choice",
    "DiskDied",
    "FakeDisk",
    "FaultKind",
    "FaultPlan",
    "Filling",
    "PlanError",
    "Planned",
    "Probe",
    "Rates",
    "RunReport",
    "Script",
    "Seeded",
    "Shrunk",
    "Tear",
    "check_many",
    "run_plan",
    "run_seed",
    "shrink",
    "started_tree",
]
