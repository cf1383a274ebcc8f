"""Parameters composed from conf/ and checked, in the words of this project."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.compose import compose_params
from chestbench.core.config import Config, parse_config
from chestbench.core.errors import ChestbenchError
from chestbench.core.section import Section
from chestbench.models.detection import registry as detectors
from chestbench.models.registry import check_names


def check_values(values: object) -> Config:
    """Check composed parameters as far as that needs no data: keys, types, ranges, secrets, names.

    Args:
        values: what YAML gives of params.yaml.

    Raises:
        ChestbenchError: see `parse_config` and `check_names`.
    """
    config = parse_config(values)
    check_names(config.model.variants)
    detectors.check_names(config.detector.variants)
    return config


def compose(conf: Path, output: Path, overrides: list[str]) -> None:
    """Compose the configuration in `conf` with overrides, as after `dvc exp run -S`, into a file.

    Raises:
        ChestbenchError: Hydra does not know an override, or a file there cannot be read.
    """
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        compose_params(conf, output, overrides)
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
        raise ChestbenchError(in_words(conf, overrides, str(error))) from error


def in_words(conf: Path, overrides: list[str], told: str) -> str:
    """Return what Hydra says in the words of this project: its advice to append a key with `+` would be refused."""
    if found := re.search(r"Could not override '([^']+)'", told):
        near = get_close_matches(found[1], known_keys(Config), n=1)
        hint = f"did you mean {near[0]}?" if near else "docs/reference/parameters.md lists them"
        return f"{found[1]}: unknown key; {hint}"
    if found := re.search(r"Could not find '([^/']+)/([^']+)'", told):
        names = sorted(path.stem for path in (conf / found[1]).glob("[!_]*.yaml"))
        near = get_close_matches(found[2], [name for name in names if name != "none"], n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"
        said = f"Hydra says: Could not find '{found[1]}/{found[2]}'"
        return f"{found[1]}: expected the name of a file in conf/{found[1]}, received {found[2]}; {hint}; {said}"
    if found := re.search(r"already at '([^']+)'", told):
        return f"{found[1]}: expected a key that is not there yet behind +, received one that is; write it without +"
    if found := re.search(r'in "([^"]+\.ya?ml)", line (\d+)', told):
        file = Path(found[1]).relative_to(conf.resolve()) if Path(found[1]).is_relative_to(conf.resolve()) else found[1]
        return (
            f"{conf / file}, line {found[2]}: expected YAML, received something else "
            f"({told.splitlines()[0]}); mend the line, or `git restore {conf / file}`"
        )
    # Hydra's list of what there is ends with search paths of its own, which help nobody here.
    told = " ".join(told.split("Config search path:")[0].split())
    return f"expected overrides that {conf} knows, received {overrides}; Hydra says: {told}"


def flat(parameters: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested mappings as one with dotted keys.

    >>> flat({"seed": 1, "train": {"epochs": 4}})
    {'seed': 1, 'train.epochs': 4}
    """
    leaves: dict[str, Any] = {}
    for key, value in parameters.items():
        if isinstance(value, dict):
            leaves.update(flat(value, f"{prefix}{key}."))
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def known_keys(section: type[Section], above: str = "") -> list[str]:
    """Return the dotted keys of params.yaml.

    >>> [key for key in known_keys(Config) if key.startswith("split")]
    ['split', 'split.train', 'split.val', 'split.test']
    """
    found = []
    for name, field in section.model_fields.items():
        found.append(f"{above}{name}")
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            found += known_keys(field.annotation, f"{above}{name}.")
    return found
