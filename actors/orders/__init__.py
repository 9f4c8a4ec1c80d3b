"""The order state machine, and the ledger of orders, executions, positions and balances that it hosts."""
