"""The examples in docstrings hold."""

import doctest
from types import ModuleType

import pytest

from chestbench.preparation import sampling
from chestbench.training import augment, predict, steps


@pytest.mark.parametrize("module", [sampling, augment, predict, steps], ids=lambda module: module.__name__)
def test_the_examples_of_a_module_hold(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
