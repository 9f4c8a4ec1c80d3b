"""The metrics are the snapshot in Prometheus's words."""

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from runtime.context import Context
from runtime.edges.metrics import exposition
from runtime.messages import Ref
from runtime.spec import ActorSpec
from runtime.testing import Script, started_tree


def test_every_number_of_a_snapshot_is_there_with_its_labels_and_times_in_seconds() -> None:
    def hear(message: Any, ctx: Context) -> None:
        if message == "die":
            raise RuntimeError("planted")

    kernel, _ = started_tree([ActorSpec("a", lambda: Script(hear))], intensity=5)
    kernel.tell(Ref("a"), "die")
    kernel.pump()
    kernel.note_handler_time(kernel.cell(Ref("a")), 2_500_000)
    kernel.tell(Ref("a"), "waits")
    families = text_string_to_metric_families(exposition(kernel.statistics)().decode())
    found = {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}
    assert found["coldframe_messages_handled_total",] == 1
    assert found["coldframe_restarts_total",] == 1
    assert found["coldframe_actor_mailbox_depth", ("path", "a")] == 1
    assert found["coldframe_actor_incarnation", ("path", "a")] == 2
    assert found["coldframe_actor_handler_p99_seconds", ("path", "a")] == 0.0025
    assert found["coldframe_supervisor_restarts_in_window", ("path", "root")] == 1
    assert found["coldframe_dead_letters_total", ("cause", "crash"), ("class", "str")] == 1


def test_before_the_first_snapshot_there_is_nothing_to_show() -> None:
    assert exposition(lambda: None)() == b""
