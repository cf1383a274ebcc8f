"""Write params.yaml from conf/ (`make params`), through the function that `dvc exp run -S` uses."""

from pathlib import Path

from dvc.utils.hydra import compose_and_dump

from chestbench.core.folder_walk import walk
from chestbench.core.gate import FOLDER, LINKED_FOLDER
from chestbench.core.unique_yaml import check_yaml


def compose_params(config_dir: Path, output: Path, overrides: list[str]) -> None:
    """Compose `config_dir`/config.yaml with Hydra overrides (`model=resnet50`, `train.epochs=3`) into `output`.

    Raises:
        ChestbenchError: a file of the configuration is no regular file, too large, or made of aliases of aliases.
    """
    for found in walk(Path(config_dir), str(config_dir), lambda name: name.rpartition("/")[2].startswith(".")):
        if found.name.endswith((".yaml", ".yml")) and found.kind not in (FOLDER, LINKED_FOLDER):
            check_yaml(Path(config_dir, found.name))
    compose_and_dump(str(output), str(Path(config_dir).resolve()), None, "config", "", overrides)
