"""A fault for each statement on the live driver (docs/semantics.md, D)."""

from tests.mutation.numbered import breaks

__all__ = ["MUTANTS"]

MUTANTS = (
    breaks(
        "D1",
        "all incarnations live under the root",
        "drivers.live_tasks",
        "self._branches[supervisor].spawn(self._live, life, life.name)",
        'self._branches[Ref("")].spawn(self._live, life, life.name)',
    ),
    breaks(
        "D2",
        "the group is reported, not its leaf",
        "kernel.history",
        "    while isinstance(error, BaseExceptionGroup):",
        "    while False:",
    ),
    breaks(
        "D3",
        "a cancelled task is not told",
        "drivers.live_tasks",
        "            if not life.is_closed:\n",
        "            if False:\n",
        may_hang=True,
    ),
    breaks(
        "D4",
        "a kill cancels no scope",
        "drivers.live_tasks",
        "        life.scope.cancel()",
        "        pass",
        may_hang=True,
    ),
    breaks(
        "D5", "a new life does not wait for the last", "drivers.live_tasks", "if life.before is not None:", "if False:"
    ),
    breaks(
        "D6",
        "a dead life's result is delivered",
        "kernel.kernel",
        "if cell.incarnation != effect.incarnation or not cell.is_alive:",
        "if False:",
    ),
    breaks(
        "D7",
        "a timer comes at half its time",
        "drivers.live",
        "self._started_at + due_ns / SECOND_NS",
        "self._started_at + due_ns / SECOND_NS * 1.5",
    ),
    breaks(
        "D8",
        "who asked is not woken",
        "drivers.live",
        "        if kernel.outside_answers:\n",
        "        if False:\n",
        may_hang=True,
    ),
    breaks(
        "D9",
        "an edge that does not wait is never stopped",
        "drivers.live",
        "if len(self._inputs) >= _HARD_ROOM:",
        "if False:",
        may_hang=True,
    ),
    breaks(
        "D10",
        "an effect does not wait for the disk",
        "kernel.outbox",
        "must_wait = sink is not None and port.is_durable_first",
        "must_wait = False",
    ),
    breaks(
        "D11",
        "a failed journal stops nothing",
        "edges.journal_writer",
        "                self._is_dead = True\n                self._failed(error)\n",
        "                self._is_dead = True\n",
        may_hang=True,
    ),
    breaks(
        "D12",
        "a second stop shortens nothing",
        "drivers.live",
        "self._allow(self._hurry_ns)",
        "self._allow(self._stop_ns)",
    ),
    breaks("D13", "a port without an edge is accepted", "drivers.live", "        if missing:", "        if False:"),
    breaks(
        "D14",
        "an edge is shielded",
        "drivers.live_tasks",
        "            await self._edges[effect.port](effect.request, emit)\n",
        (
            "            with trio.CancelScope(shield=True):\n"
            "                await self._edges[effect.port](effect.request, emit)\n"
        ),
        may_hang=True,
    ),
    breaks(
        "D15",
        "the live driver gives timers before inputs",
        "drivers.live",
        "        kernel.fire_timers()\n",
        "        kernel.now += 1\n        kernel.fire_timers()\n",
    ),
    breaks("D16", "a stop hook that raises is not told", "edges.service", "and life in stopping and", "and False and"),
    breaks(
        "D17",
        "the local clock is read again and again",
        "drivers.live",
        "        self.kernel.set_time(round((trio",
        "        self.kernel.read_wall(self._wall_ns())\n        self.kernel.set_time(round((trio",
    ),
    breaks(
        "D18",
        "what an edge has done at once gets a task as well",
        "drivers.live_tasks",
        "            return at_once(effect.request)",
        "            return at_once(effect.request) and False",
    ),
)
