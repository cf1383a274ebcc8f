"""Detectors are found by their files, and each stands on a network of the registry."""

import doctest
import importlib

import pytest
import yaml

from chestbench.core.detector_config import Detector as Section
from chestbench.core.errors import ChestbenchError
from chestbench.models.detection.registry import check_names, get, known_names
from chestbench.models.registry import get as get_network
from tests.conftest import ROOT


@pytest.mark.parametrize("name", known_names())
def test_every_file_is_a_detector_on_the_network_that_it_names(name):
    detector = get(name)
    assert detector.body is get_network(name.removeprefix("fcos_"))
    assert detector.width % 8 == 0 and detector.depth > 0


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ChestbenchError, match=r"detector\.variants: .*received 'fcos_tinny'; did you mean fcos_tiny"):
        check_names(["fcos_tiny", "fcos_tinny"])


def test_each_detector_has_a_file_of_its_own_in_conf():
    found = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "conf" / "detector").glob("*.yaml")}
    assert found.pop("none") == {"name": "none", "variants": []}
    assert found == {name: {"name": name, "variants": [name]} for name in known_names()}


def test_a_name_twice_is_refused():
    with pytest.raises(ValueError, match="different detector names"):
        Section(name="two", variants=["fcos_tiny", "fcos_tiny"])


@pytest.mark.parametrize(("name", "examples"), [("registry", 2), ("detector", 2), ("points", 3), ("targets", 2)])
def test_examples_give_what_they_say(name, examples):
    found = doctest.testmod(importlib.import_module(f"chestbench.models.detection.{name}"))
    assert (found.failed, found.attempted) == (0, examples)


@pytest.mark.parametrize("name", ["models.detection.fcos", "models.detection.decode", "training.detection.moving"])
def test_and_so_do_those_of_arrays(name):
    found = doctest.testmod(importlib.import_module(f"chestbench.{name}"))
    assert found.failed == 0 and found.attempted
