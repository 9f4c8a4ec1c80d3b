"""The engine: turns, lanes, timers, asks and the consequences of a turn. Pure, and free of Trio."""
