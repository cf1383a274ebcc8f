"""Write params.yaml from conf/ (`make params`), through the function that `dvc exp run -S` uses."""

from pathlib import Path

from dvc.utils.hydra import compose_and_dump


def compose_params(config_dir: Path, output: Path, overrides: list[str]) -> None:
    """Compose `config_dir`/config.yaml with Hydra overrides (`model=resnet50`, `train.epochs=3`) into `output`."""
    compose_and_dump(str(output), str(Path(config_dir).resolve()), None, "config", "", overrides)
