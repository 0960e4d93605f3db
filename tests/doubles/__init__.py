"""Doubles of OpenStack's APIs: they answer over real HTTP on loopback, as told, faults included."""
