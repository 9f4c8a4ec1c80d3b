"""The actor kernel: pure, Trio-free, and ignorant of what the actors on it do."""
