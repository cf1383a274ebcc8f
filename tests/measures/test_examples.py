"""The examples in the docstrings of `measures/` give what they say."""

import doctest

import pytest

from chestbench.measures import calibration, intervals, paired, significance


@pytest.mark.parametrize("module", [intervals, paired, calibration, significance], ids=lambda module: module.__name__)
def test_the_examples_hold(module) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0 and found.failed == 0
