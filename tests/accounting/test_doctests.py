"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import support.accounting

MODULES = [module.name for module in pkgutil.iter_modules(support.accounting.__path__, "support.accounting.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0


def test_there_are_examples() -> None:
    assert "support.accounting.resources" in MODULES
    assert doctest.testmod(importlib.import_module("support.accounting.resources")).attempted > 0
