"""check: refuse wrong parameters before any work.

Reads params.yaml; writes data/parameters-are-valid, whose content never changes, so that only a wrong
parameter stops the stages behind it.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.datasets.base import check_source
from chestbench.files import atomic_file
from chestbench.models.registry import check_names
from chestbench.stage import run_stage


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Check names and paths that the parameters' own types cannot."""
    check_names(config.model.variants)
    check_source(config.dataset)
    with atomic_file(Path("data/parameters-are-valid")) as temporary:
        temporary.write_text("yes\n", encoding="utf-8")
    networks = ", ".join(config.model.variants)
    return f"parameters are valid: data set {config.dataset.name}, recipe {config.train.recipe}, {networks}"


if __name__ == "__main__":
    run_stage(work, __doc__)
