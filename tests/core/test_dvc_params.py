"""What stages depend on, DVC's run cache can tell apart."""

from typing import Any

import pytest
import yaml
from dvc.stage.cache import _get_cache_hash

from chestbench.core.config import parse_config
from chestbench.core.errors import ChestbenchError
from tests.conftest import ROOT


def keys(value: Any) -> set[str]:
    """Return all keys inside a value, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*(keys(inner) for inner in value.values()))
    return set().union(*(keys(inner) for inner in value)) if isinstance(value, list) else set()


def lockfile(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"cmd": "x", "params": {"params.yaml": parameters}, "outs": [{"path": "y"}]}


def test_the_run_cache_leaves_size_out_inside_a_section_and_not_by_its_full_name() -> None:
    """Why the next test is there: with `preprocess` whole, arrays of 128 pixels came back where 96 were asked for."""
    whole = [_get_cache_hash(lockfile({"preprocess": {"size": size}}), key=True) for size in (96, 128)]
    by_name = [_get_cache_hash(lockfile({"preprocess.size": size}), key=True) for size in (96, 128)]
    assert whole[0] == whole[1] and by_name[0] != by_name[1]


def test_no_stage_depends_on_a_section_with_a_key_that_the_run_cache_leaves_out() -> None:
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    for stage, entry in stages.items():
        # Of another file (a mapping) DVC is given no keys.
        for name in (name for name in entry.get("params", []) if isinstance(name, str)):
            value = parameters
            for part in name.split("."):
                value = value[part]
            assert not keys(value) & {"size", "nfiles"}, f"{stage}: name the keys of {name} one by one"


@pytest.mark.parametrize("key", ["class_names", "expected_counts", "limit_per_class"])
def test_names_of_ones_own_that_the_run_cache_leaves_out_are_refused(key: str) -> None:
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    parameters["dataset"][key] = {"size": 3}
    with pytest.raises(ChestbenchError, match=f"dataset.{key}.size: expected another name than 'size'"):
        parse_config(parameters)
