"""`chestbench params [KEY=VALUE ...]`: write params.yaml from conf/."""

import argparse
import re
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.compose import compose_params
from chestbench.core.config import load_config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_bytes
from chestbench.core.gate import BROKEN_LINK, FILE, kind_of
from chestbench.models.registry import check_names


def main(arguments: list[str]) -> int:
    """Compose the configuration of the current folder (or of --conf), check it and write it; return 0.

    Raises:
        ChestbenchError: no configuration there, overrides that it does not know, or wrong values; nothing is written.
    """
    parser = argparse.ArgumentParser(prog="chestbench params", description="Write params.yaml from conf/.")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="as after `dvc exp run -S`")
    parser.add_argument("--conf", type=Path, default=Path("conf"), help="folder of the configuration (conf)")
    parser.add_argument("--output", type=Path, default=Path("params.yaml"), help="file to write (params.yaml)")
    parsed = parser.parse_args(arguments)
    if not (parsed.conf / "config.yaml").is_file():
        raise ChestbenchError(
            f"expected the folder of the configuration, found no {parsed.conf / 'config.yaml'}; "
            "run this in the repository, or name the folder with --conf"
        )
    if (kind := kind_of(parsed.output)) not in (FILE, "nothing", BROKEN_LINK):  # what is there is replaced
        raise ChestbenchError(f"--output: expected a file, received the {kind} {str(parsed.output)!r}; name a file")
    with tempfile.TemporaryDirectory() as folder:
        # DVC goes by the ending of the name.
        composed = Path(folder) / f"composed{parsed.output.suffix}"
        compose(parsed.conf, composed, parsed.overrides)
        check_names(load_config(composed).model.variants)
        write_bytes(parsed.output, composed.read_bytes())
    print(f"wrote {parsed.output}")
    return 0


def compose(conf: Path, output: Path, overrides: list[str]) -> None:
    """Compose the configuration in `conf` with overrides, as after `dvc exp run -S`, into a file.

    Raises:
        ChestbenchError: Hydra does not know an override.
    """
    from hydra.errors import HydraException

    try:
        compose_params(conf, output, overrides)
    except HydraException as error:
        raise ChestbenchError(_in_words(conf, output, overrides, str(error))) from error


def _in_words(conf: Path, output: Path, overrides: list[str], told: str) -> str:
    """Return what Hydra says in the words of this project: its advice to append a key with `+` would be refused."""
    if found := re.search(r"Could not override '([^']+)'", told):
        compose_params(conf, output, [])
        known = _keys(yaml.safe_load(output.read_text(encoding="utf-8")))
        near = get_close_matches(found[1], known, n=1)
        hint = f"did you mean {near[0]}?" if near else "docs/reference/parameters.md lists them"
        return f"{found[1]}: unknown key; {hint}"
    # Hydra's list of what there is ends with search paths of its own, which help nobody here.
    told = " ".join(told.split("Config search path:")[0].split())
    return f"expected overrides that {conf} knows, received {overrides}; Hydra says: {told}"


def _keys(values: Mapping[str, Any], above: str = "") -> list[str]:
    found = []
    for key, value in values.items():
        found += _keys(value, f"{above}{key}.") if isinstance(value, Mapping) and value else [f"{above}{key}"]
    return found
