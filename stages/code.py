"""code: a fingerprint of the code of each stage and each network, so that an edit runs again what it reaches.

Reads src/chestbench and stages; writes data/code/STAGE and data/code/networks/NAME. Comments and docstrings do not
count. `make what` says which stages would run after an edit, and because of which file.
"""

import argparse
from pathlib import Path

from chestbench.core.code import write_fingerprints
from chestbench.core.stage import run_stage


def work(config: None, arguments: argparse.Namespace) -> str:
    """Write the fingerprints."""
    return f"wrote data/code: fingerprints of {write_fingerprints(Path(), Path('data/code'))} stages and networks"


if __name__ == "__main__":
    run_stage(work, __doc__, reads_parameters=False)
