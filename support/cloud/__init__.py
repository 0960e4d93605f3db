"""One cloud over HTTP: which it is, how to talk to it, and what its services answered, as values.

Clients return values, never assert and never wait for a cloud to get somewhere; that belongs to the operations.
"""
