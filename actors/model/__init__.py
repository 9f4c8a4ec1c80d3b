"""Domain values: instrument and scales, order, result, fill, position, errors, and the port to an exchange.

Values travel inside messages, so they are frozen msgspec Structs; prices, quantities and money are fixed-point ints.
"""
