"""The simulated venue: a pure engine, the actor that hosts it, and a thin gateway and sockets in front of it."""
