"""`chestbench grid`: many experiments at a time on Ray, each by the real `dvc exp run`, back as DVC experiments."""

import argparse
import re
import shlex
import sys
from pathlib import Path

from chestbench.cli.repro import require_root
from chestbench.core.errors import ChestbenchError
from chestbench.core.printable import printable
from chestbench.grid.events import Plan, Settings

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"M": 10**6, "G": 10**9, "T": 10**12}


def main(arguments: list[str]) -> int:
    """Run a grid; return 0 where all members are done, 1 where one failed.

    Raises:
        ChestbenchError: not the root of a repository, wrong parameters, no Ray, or the same grid is at work.
    """
    parsed = _parser().parse_args(arguments)
    require_root()
    # DVC and Hydra, which `--help` does not wait for.
    from chestbench.grid.planning import check_person
    from chestbench.grid.watch import plan_text, run_watched

    plan = _plan(parsed)
    if not parsed.plan:
        check_person(plan.root)
    for text in plan.said:
        _say(plan.name, text)
    if parsed.plan:
        if plan.members:
            _say(plan.name, "asking DVC's run cache what of them is there")
        print(plan_text(plan, parsed.overrides, parsed.search))
        return 0
    return run_watched(plan, parsed.overrides, parsed.search, _again(arguments))


def _plan(parsed: argparse.Namespace) -> Plan:
    from chestbench.grid.members import check_name
    from chestbench.grid.planning import plan_of, plan_of_queue
    from chestbench.grid.ranges import EXAMPLE

    settings = Settings(
        gpus_per_run=parsed.gpus_per_run,
        parallel=parsed.parallel,
        retries=parsed.retries,
        time_limit=parsed.time_limit,
        memory_limit=parsed.memory_limit,
        address=parsed.address,
        storage=parsed.storage,
    )
    root = Path.cwd()
    if parsed.name is not None:
        check_name(parsed.name)
    _refuse_twice(parsed.overrides)
    if parsed.search is None and any(re.search(r"=.*\binterval\(", text) for text in parsed.overrides):
        raise ChestbenchError("expected a list of values after -S, received an interval; --search N chooses from it")
    if parsed.search is not None:
        if parsed.queued or parsed.replication or not parsed.overrides:
            raise ChestbenchError(f"--search: expected ranges after -S alone, such as {EXAMPLE}")
        return plan_of(root, parsed.overrides, settings, parsed.name, is_search=True, choices=[])
    if parsed.queued:
        if parsed.overrides or parsed.replication:
            raise ChestbenchError("expected --queued alone, received -S or --replication too; run one after the other")
        return plan_of_queue(root, settings, parsed.name, _say)
    if parsed.replication:
        choices = _of_replication(parsed.replication, parsed.overrides)
        return plan_of(
            root, parsed.overrides, settings, parsed.name or parsed.replication[:40], choices=choices, say=_say
        )
    if not parsed.overrides:
        raise ChestbenchError(
            "expected -S, --queued or --replication, received none; "
            "`chestbench grid -S 'model=resnet50,resnet101v2' -S 'train.learning_rate=1e-3,1e-4'`"
        )
    return plan_of(root, parsed.overrides, settings, parsed.name, say=_say)


def _refuse_twice(overrides: list[str]) -> None:
    """Refuse a key that is given twice: Hydra takes the last, and what the first would have tried is gone."""
    first: dict[str, str] = {}
    for text in overrides:
        key = text.partition("=")[0].strip().lstrip("+~")
        if key in first:
            raise ChestbenchError(
                f"-S {key}: expected once, received {first[key]!r} and {text!r}; give all its values in one, KEY=A,B"
            )
        first[key] = text


def _of_replication(name: str, given: list[str]) -> list[list[str]]:
    """Return the members of a published comparison: each network with each seed."""
    from chestbench.cli.replication import definition
    from chestbench.cli.replication.settings import base, merged

    found = definition.read(name)
    if found.external:
        raise ChestbenchError(
            f"{name}: expected a replication without sets from elsewhere; `chestbench replicate {name}`"
        )
    keys = {text.partition("=")[0] for text in given}
    if missing := [key for key in found.asks if key not in keys]:
        raise ChestbenchError(
            f"{name}: expected {' and '.join(missing)} with -S, as it cannot know them, received none"
        )
    own = [text for text in merged(base(name, found), given) if not text.startswith(("model.", "train.seeds="))]
    return [
        [*own, f"model.name={network}", f"model.variants=[{network}]", f"train.seeds=[{seed}]"]
        for network in found.networks
        for seed in found.seeds
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chestbench grid",
        description="Run a grid on Ray: each member by `dvc exp run` in a clone of its own, as many at a time as there "
        "are cards. They come back as DVC experiments and MLflow runs. The same command goes on after a kill.",
    )
    add = parser.add_argument
    add("-S", dest="overrides", action="append", default=[], metavar="KEY=A,B", help="as after `dvc exp run --queue`")
    add("--queued", action="store_true", help="what `dvc exp run --queue` has queued")
    add("--replication", metavar="NAME", help="networks and seeds of a file in replications/")
    add("--search", type=int, metavar="N", help="Optuna proposes N settings from ranges after -S, judged on val alone")
    add("--plan", action="store_true", help="print members, what is cached and an estimate; run nothing")
    add("--name", help="of the grid, with which the names of its experiments begin")
    add("--gpus-per-run", type=_cards, metavar="N", help="cards of each member (1 where there are any)")
    add("--parallel", type=_positive, metavar="N", help="members at a time at most")
    add("--retries", type=_count, default=1, metavar="N", help="further attempts of a member that failed (1)")
    add("--time-limit", type=_seconds, metavar="TIME", help="of one attempt, such as 90m or 12h")
    add("--memory-limit", type=_bytes, metavar="SIZE", help="of all processes of a member, such as 16G")
    add("--address", help="of a Ray cluster: auto, ray://HOST:PORT (RAY_ADDRESS); none: this machine alone")
    add("--storage", choices=("auto", "disk", "remote"), default="auto", help="how machines get commit, data and cache")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, received {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected 0 or more, received {text!r}")
    return int(text)


def _cards(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?|\.\d+", text):
        raise argparse.ArgumentTypeError(f"expected 0 or more, such as 1 or 0.5, received {text!r}")
    return float(text)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if not found or not float(found[1]):
        raise argparse.ArgumentTypeError(f"expected a time such as 90s, 30m, 12h or 2d, received {text!r}")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([MGT])B?", text)
    if not found or not float(found[1]):
        raise argparse.ArgumentTypeError(f"expected a size such as 800M, 16G or 1T, received {text!r}")
    return int(float(found[1]) * _BYTES[found[2]])


def _again(arguments: list[str]) -> str:
    return printable(f"chestbench grid {shlex.join(arguments)}")


def _say(grid: str, text: str) -> None:
    print(printable(f"grid {grid}: {text}"), file=sys.stderr, flush=True)
