"""Exploring: histories of operations that nobody has written, run on a cloud, and shortened where they break a rule."""
