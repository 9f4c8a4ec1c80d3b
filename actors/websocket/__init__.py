"""Streams of the exchange: what a socket says to the actors behind it."""
