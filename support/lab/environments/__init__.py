"""Python environments for labs of releases other than the one that is installed beside Stocktake.

A lab of a release has a Python of its own, with the packages of that release, and of Stocktake only
`stocktake.support`. Packages that are exchanged for others lie in a folder of their own, which comes before these.
"""
