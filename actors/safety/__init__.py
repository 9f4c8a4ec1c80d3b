"""The trading state: active, reducing or halted, and what moves it."""
