"""Specs of the tree's actors, as all branches write them, and the start deadlines of a slow exchange."""

from collections.abc import Callable

import attrs

from runtime.actor import Actor
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, Backoff, Restart, SupervisorSpec

__all__ = ["BACKOFF", "MINUTE_NS", "actor_spec", "leaf_of", "with_more_patience"]

MINUTE_NS = 60 * SECOND_NS
BACKOFF = Backoff()
_ROUND_TRIPS = 6


def actor_spec(
    ref: Ref,
    factory: Callable[[], Actor],
    restart: Restart = Restart.PERMANENT,
    note: str = "",
    *,
    is_critical: bool = False,
) -> ActorSpec:
    """The spec of the actor at `ref`, whose last part is its id below its supervisor."""
    return ActorSpec(leaf_of(ref), factory, restart=restart, backoff=BACKOFF, is_critical=is_critical, note=note)


def leaf_of(ref: Ref) -> str:
    """The last part of an address."""
    return ref.rsplit("/", 1)[-1]


def with_more_patience(spec: SupervisorSpec, round_trip_ns: int) -> SupervisorSpec:
    """The tree with longer start deadlines: room for six more round trips to the exchange."""
    longer_ns = _ROUND_TRIPS * round_trip_ns

    def child(spec: ActorSpec | SupervisorSpec) -> ActorSpec | SupervisorSpec:
        if isinstance(spec, SupervisorSpec):
            return attrs.evolve(spec, children=tuple(map(child, spec.children)))
        return attrs.evolve(spec, init_ns=spec.init_ns + longer_ns)

    return attrs.evolve(spec, children=tuple(map(child, spec.children)))
