"""The simulated venue: pure engine, the actor around it, and the thin gateway and sockets over it."""
