"""The parameters of a recipe as conf/ has them: a run's name tells what is not as here."""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from chestbench.training.run_key import flatten

# What a name tells of. Seeds of further trainings have runs, and words, of their own.
PARTS = ("preprocess", "balance", "train", "seed")
UNTOLD = ("train.recipe", "train.seeds")


@cache
def recipe_parameters(conf: Path, recipe: str) -> Mapping[str, Any]:
    """Return the flat parameters that conf/ composes for a recipe when nothing else is said.

    Args:
        conf: folder of the configuration. Where there is none, outside of a repository, nothing is known and {}
            returned: names then tell network, data set and recipe.
        recipe: name of a file in conf/train. One that is not there (of another version) has no `train.` parameters.
    """
    if not (conf / "config.yaml").is_file():
        return MappingProxyType({})
    # Imports Hydra.
    from chestbench.core.compose import compose_params

    known = (conf / "train" / f"{recipe}.yaml").is_file()
    with tempfile.TemporaryDirectory() as temporary:
        composed = Path(temporary) / "params.yaml"
        compose_params(conf, composed, [f"train={recipe}"] if known else [])
        parameters = yaml.safe_load(composed.read_text(encoding="utf-8"))
    flat = flatten({part: parameters[part] for part in PARTS})
    if not known:
        flat = {key: value for key, value in flat.items() if not key.startswith("train.")}
    return MappingProxyType({key: value for key, value in flat.items() if key not in UNTOLD})
