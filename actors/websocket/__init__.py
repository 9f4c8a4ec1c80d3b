"""The exchange's streams: the messages between a socket and its readers."""
