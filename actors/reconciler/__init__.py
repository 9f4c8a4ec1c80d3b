"""One routine for boot, restart, reconnect and doubt: compare what we believe with what is, and correct it."""
