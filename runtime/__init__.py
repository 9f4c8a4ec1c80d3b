"""The actor kernel: pure, free of Trio, and independent of what its actors do."""
