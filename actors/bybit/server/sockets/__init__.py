"""The sockets: public streams, private streams, order entry. Each connection is a Trio task with a bounded queue."""
