"""The engine: turns, lanes, timers, asks and what one turn leaves behind. Pure, and free of Trio."""
