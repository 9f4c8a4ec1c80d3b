"""Messages of the exchange port as conversations with the venue: requests out, replies in, the port's answer.

A conversation is a generator without input or output of its own: it yields a RestRequest, is sent its Reply, and
returns the answer. A command never raises for what the venue says: its result tells. A question that has no answer
raises the error that the reply means.
"""
