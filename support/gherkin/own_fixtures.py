"""Stocktake's fixtures by the short names that steps use for them."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

OWN_FIXTURES = {"context": "stocktake_context"}  # parameters of a step, and the fixtures that fill them


def with_own_fixtures(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a step's parameter `context` be the fixture `stocktake_context`.

    pytest-bdd finds fixtures by the names of parameters, and a project may have its own fixture `context`.
    """
    signature = inspect.signature(function)
    if not OWN_FIXTURES.keys() & signature.parameters.keys():
        return function
    ours = {fixture: name for name, fixture in OWN_FIXTURES.items()}
    renamed = [
        parameter.replace(name=OWN_FIXTURES.get(parameter.name, parameter.name))
        for parameter in signature.parameters.values()
    ]

    def plain(**arguments: Any) -> Any:
        return function(**{ours.get(name, name): value for name, value in arguments.items()})

    def generator(**arguments: Any) -> Any:
        yield from function(**{ours.get(name, name): value for name, value in arguments.items()})

    step: Callable[..., Any] = wraps(function)(generator if inspect.isgeneratorfunction(function) else plain)
    step.__signature__ = signature.replace(parameters=renamed)  # type: ignore[attr-defined]
    return step
