"""Placement over HTTP, and the values of its responses.

Section names in docstrings are those of the Placement API reference. Every method asks for the least microversion
that offers what it needs, explained in `microversions`; older clouds raise Unverified.

Changes of a provider name the generation they were based on. Where two writers may meet (traits: Nova's resource
tracker writes them too), a change is made again on what the other has left.
"""
