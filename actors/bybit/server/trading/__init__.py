"""Trading on the exchange: accounts, their books, records of orders and executions, and the commands of clients."""
