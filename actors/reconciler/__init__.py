"""Reconciliation: compares our view with the venue's after a start, a reconnect or a doubt, and corrects ours."""
