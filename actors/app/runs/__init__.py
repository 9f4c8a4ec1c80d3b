"""Runs: a card over bars, its journal, its replay."""
