"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest
import stocktake.support.accounting

MODULES = [
    module.name
    for module in pkgutil.iter_modules(stocktake.support.accounting.__path__, "stocktake.support.accounting.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0


def test_there_are_examples() -> None:
    assert "stocktake.support.accounting.resources" in MODULES
    assert doctest.testmod(importlib.import_module("stocktake.support.accounting.resources")).attempted > 0
