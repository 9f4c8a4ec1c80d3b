"""The exchange around its markets: requests admitted or rejected, limits, schedule, time line."""
