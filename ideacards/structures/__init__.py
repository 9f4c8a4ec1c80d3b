"""Kinds of features that name places in the chart: swings, legs, breaks, blocks, gaps, zones, days and sessions.

They are kinds of the one registry, with the same form of step function. A level changes only at the close of the bar
at which the new one became known: `age` is the number of bars since that bar (0 at the bar itself), and `confirmed_at`
that bar's close (UTC ms). So a swing is known from the close of its bar + `right` on, and no earlier. What later bars
do to a level (`state`, `touches`, `sweep_age`) changes at their closes.

Most of them wait for the data: the warm index is the first bar at which a value can exist, and the value is unknown
until there is one. Bars at which an input is unknown are passed over and not counted.
"""
