import doctest
import importlib
import pkgutil

import pytest

import registry

MODULES = sorted(module.name for module in pkgutil.iter_modules(registry.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(f"registry.{name}"))

    assert outcome.failed == 0
