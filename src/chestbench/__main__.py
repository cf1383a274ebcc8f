"""`chestbench COMMAND ...`, the same as `python -m chestbench COMMAND ...`; the commands stand in cli/commands.py."""

import sys

from chestbench.core.bytecode import mend_imports


def main(arguments: list[str] | None = None) -> int:
    """Run one command, see `cli.commands.main`; compiled copies of modules that are damaged are made anew."""
    mend_imports()
    from chestbench.cli.commands import main as run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
