"""Order statistics, regressions and moments of a window."""
