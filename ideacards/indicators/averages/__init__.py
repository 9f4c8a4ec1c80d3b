"""Averages of a series: of a window, or of all values with weights that fall."""
