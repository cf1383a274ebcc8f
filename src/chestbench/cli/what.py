"""`chestbench what`: which stages `dvc repro` would run, and because of which file."""

import argparse
from pathlib import Path

from chestbench.core.what import describe, what_would_run


def main(arguments: list[str]) -> int:
    """Print what would run in the checkout that is the current folder; return 0."""
    description = "Which stages `dvc repro` would run, and because of which file."
    argparse.ArgumentParser(prog="chestbench what", description=description).parse_args(arguments)
    print("\n".join(describe(what_would_run(Path.cwd()))))
    return 0
