"""The commands of `chestbench COMMAND ...`."""

import argparse
import importlib
import os
import signal
import sys
import threading
from pathlib import Path

from chestbench.core.dvc_lock import mend
from chestbench.core.errors import ChestbenchError
from chestbench.core.secrets import hide
from chestbench.core.wrapping import error_text

# {command: (module with main(arguments), what it does)}. A module is imported when its command is run: DVC, MLflow and
# TensorFlow take seconds each, and `chestbench --help` must not.
COMMANDS = {
    "exps": ("chestbench.cli.exps", "all experiments and earlier results in one table"),
    "grid": ("chestbench.cli.grid", "many experiments at a time, on several cards or a cluster"),
    "look": ("chestbench.cli.look", "how a folder, an archive or a data set is read, before anything is run"),
    "params": ("chestbench.cli.params", "write params.yaml from conf/ and overrides (KEY=VALUE)"),
    "predict": ("chestbench.cli.predict", "files, folders and archives through a trained network"),
    "replicate": ("chestbench.cli.replicate", "a published comparison run again, its table beside the paper's"),
    "report": ("chestbench.cli.report", "open the report of the study, or put two studies side by side"),
    "repro": ("chestbench.cli.repro", "`dvc repro`, with parameters checked first and dvc.lock written whole"),
    "run": ("chestbench.cli.run", "`dvc exp run`, with parameters checked before anything is written or queued"),
    "serve": ("chestbench.cli.serve", "the registered model over HTTP, and a page to drop pictures on"),
    "sync": ("chestbench.cli.sync", "write to MLflow what it misses of this repository's outputs"),
    "vega": ("chestbench.cli.vega", "write the library that the pages of `dvc plots show` load without a network"),
    "what": ("chestbench.cli.what", "which stages would run, and because of which file"),
}


class _Version(argparse.Action):
    """Look the installed package up when it is asked for: modules also run from src/ where nothing is installed."""

    def __call__(self, parser: argparse.ArgumentParser, *_unused: object) -> None:
        from importlib.metadata import version

        print(f"chestbench {version('chestbench')}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {description}" for name, (_, description) in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="chestbench",
        description="A reproducible benchmark of chest CT and X-ray classifiers. For research, not for diagnosis.",
        epilog="\n".join(["commands:", *lines, "", "`chestbench COMMAND --help` says more."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of the commands below")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its own arguments")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the command and its arguments; those of the process where None.

    Returns:
        The exit status: the command's own, 0 where it gives none, 1 after a ChestbenchError (one sentence on stderr),
        130 after Ctrl-C.
    """
    parser = _parser()
    if not (sys.argv[1:] if arguments is None else arguments):
        parser.print_help()
        return 0
    parsed = parser.parse_args(arguments)
    if told := mend(Path.cwd()):
        print(told, file=sys.stderr)
    _hear_ctrl_c()
    command = importlib.import_module(COMMANDS[parsed.command][0])
    try:
        return command.main(parsed.arguments) or 0
    except BrokenPipeError:  # `chestbench what | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:  # Ctrl-C: what was half written is gone by now
        print(f"\nchestbench {parsed.command}: interrupted", file=sys.stderr)
        return 130
    except ChestbenchError as error:
        print(error_text(f"chestbench {parsed.command}: error: ", hide(str(error))), file=sys.stderr)
        return 1


def _hear_ctrl_c() -> None:
    """Have Ctrl-C and `kill -INT` end this process also where a shell's `&` has them ignored; then so do its stages."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
