"""`chestbench COMMAND ...`, the same as `python -m chestbench COMMAND ...`; the commands stand in cli/commands.py."""

import signal
import sys

from chestbench.core.bytecode import mend_imports


def main(arguments: list[str] | None = None) -> int:
    """Run one command, see `cli.commands.main`; compiled copies of modules that are damaged are made anew.

    A process that is through with its command no longer hears Ctrl-C: while Python ends, it would be death by a signal.
    """
    mend_imports()
    from chestbench.cli.commands import main as run

    try:
        return run(arguments)
    finally:
        if arguments is None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
