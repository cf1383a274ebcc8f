"""Write params.yaml from conf/ (`make params`), through the function that `dvc exp run -S` uses."""

import argparse
from pathlib import Path

from dvc.utils.hydra import compose_and_dump


def compose_params(config_dir: Path, output: Path, overrides: list[str]) -> None:
    """Compose `config_dir`/config.yaml with Hydra overrides (`model=resnet50`, `train.epochs=3`) into `output`."""
    compose_and_dump(str(output), str(Path(config_dir).resolve()), None, "config", "", overrides)


def main() -> None:
    """Command line: overrides as arguments, the current folder's conf/ and params.yaml by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="*", help="Hydra overrides, as after `dvc exp run -S`")
    parser.add_argument("--conf", type=Path, default=Path("conf"), help="folder of the configuration (conf)")
    parser.add_argument("--output", type=Path, default=Path("params.yaml"), help="file to write (params.yaml)")
    arguments = parser.parse_args()
    if not (arguments.conf / "config.yaml").is_file():
        parser.error(
            f"expected the folder of the configuration, found no {arguments.conf / 'config.yaml'}; "
            "run this in the repository, or name the folder with --conf"
        )
    compose_params(arguments.conf, arguments.output, arguments.overrides)
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
