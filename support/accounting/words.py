"""The names of traits and resource classes: what OpenStack defines, and what operators may make up."""

import difflib
import re
from collections.abc import Collection

import os_resource_classes
import os_traits
from stocktake.support.errors import FeatureError

CUSTOM = re.compile(r"CUSTOM_[A-Z0-9_]+")
"""The names of operators' own traits and resource classes (Placement API reference, "Traits")."""


def known_trait(name: str) -> str:
    """Return the name of a trait that can exist. Raises FeatureError, with the nearest name, for any other.

    >>> known_trait("COMPUTE_NODE")
    'COMPUTE_NODE'
    """
    return _known(name, "trait", os_traits.get_traits())


def known_class(name: str) -> str:
    """Return the name of a resource class that can exist. Raises FeatureError, with the nearest name, for any other.

    >>> known_class("CUSTOM_GOLD")
    'CUSTOM_GOLD'
    """
    return _known(name, "resource class", os_resource_classes.STANDARDS)


def is_custom(name: str) -> bool:
    """Tell whether a trait or resource class is an operator's own."""
    return CUSTOM.fullmatch(name) is not None


def _known(name: str, kind: str, standard: Collection[str]) -> str:
    if name in standard or is_custom(name):
        return name
    near = difflib.get_close_matches(name, standard, n=1, cutoff=0.7)
    hint = f"did you mean {near[0]}?" if near else "names of your own begin with CUSTOM_"
    raise FeatureError(f"no {kind} is named {name}; {hint}")
