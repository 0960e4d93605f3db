"""One cloud over HTTP: the session, a client for each service, and the values of responses."""
