"""Faults on command: what can go wrong, when it does, and how each transport plays it.

Decisions are pure (`kinds`, `matching`, `desk`); `rest`, `frames` and `carrying` play them at one point a transport;
`acts` change the account or the market as somebody else would. Without faults none of this is on any request's way.
"""
