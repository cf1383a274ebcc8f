"""The examples in the docstrings that a person who adds or uses a network reads first."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(("name", "examples"), [("registry", 2), ("build", 3), ("parts", 4)])
def test_examples_give_what_they_say(name: str, examples: int) -> None:
    found = doctest.testmod(importlib.import_module(f"chestbench.models.{name}"))
    assert (found.failed, found.attempted) == (0, examples)
