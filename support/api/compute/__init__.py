"""Nova over HTTP: a client for each of its resources, beside the values of its responses.

Every method uses the lowest microversion that offers what it needs, named and explained in `microversions` where it is
above 2.1; section names in docstrings are those of the Compute API reference. What a cloud's Nova is too old
(or too new) for raises Unverified. Everything else that Nova refuses raises ApiError with Nova's own message.

Every `from_json` of a value takes the object as the API sent it, at any microversion: a field that the version does not
have becomes None (or an empty collection), never an error. Units are the API's own: MB of memory, GB of disk, times
in ISO 8601 text as sent (they are shown to people and never calculated with).
"""
