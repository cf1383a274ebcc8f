"""`chestbench params [KEY=VALUE ...]`: write params.yaml from conf/."""

import argparse
from pathlib import Path

from chestbench.core.compose import compose_params
from chestbench.core.errors import ChestbenchError


def main(arguments: list[str]) -> int:
    """Compose the configuration of the current folder (or of --conf) and write it; return 0."""
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
    compose(parsed.conf, parsed.output, parsed.overrides)
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
        # Hydra's list of what there is ends with search paths of its own, which help nobody here.
        told = " ".join(str(error).split("Config search path:")[0].split())
        raise ChestbenchError(
            f"expected overrides that {conf} knows, received {overrides}; Hydra says: {told}"
        ) from error
