"""Kill the pipeline at random moments, run it once more, and compare with a run that nobody disturbed.

    python -m tests.campaign.kills FOLDER [--rounds 200] [--seed 0] [--only KIND] [--table]

FOLDER gets a clone of this repository with a small study, the state before each of its stages, and `rounds.jsonl`, one
line a round: the same command goes on where it was ended, and prints the table of docs/explanation/reliability.md.
A round that was over before the kill is not counted; of one that was not equal the clone is kept in FOLDER/evidence.
On Linux; the rounds with a full disk need `mount` (root).
"""

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.campaign.kill import kill, processes_of, wait_for_end
from tests.campaign.kill_study import Reference, copy_tree, make_reference, without_store

# Share of rounds by what is sent to whom. Where DVC alone dies, its stage lives on beside the rerun.
KILLS = {
    "SIGKILL to all": 4,
    "SIGKILL to dvc alone": 3,
    "SIGKILL to the stage alone": 2,
    "SIGTERM to all": 2,
    "SIGINT to all": 2,
}
# Most of the rounds kill stages; the first connection to MLflow and the full disk have their share.
KINDS = {"stages": 48, "experiment": 6, "whole": 4, "store": 26, "disk": 16}
LONG = ("train", "evaluate")
# What a rerun beside a stage that lives on says; then it is to be waited for, and the same command given again.
BESIDE = "still running as process"
Round = dict[str, Any]


def stage_round(reference: Reference, dice: random.Random) -> Round:
    """Kill the pipeline in one stage, from the start of DVC to the beginning of what comes after the stage."""
    stage = dice.choices(reference.stages, [2 if name.startswith(LONG) else 1 for name in reference.stages])[0]
    reference.restore(stage)
    return {"stage": stage, **_killed(reference, dice, reference.seconds[stage] * 1.2)}


def experiment_round(reference: Reference, dice: random.Random) -> Round:
    """Kill `dvc exp run` in one stage, or while it takes in or notes the experiment."""
    stage = dice.choice(reference.stages)
    reference.restore(stage)
    return {"stage": stage, **_killed(reference, dice, reference.seconds[stage] + 8, reference.experiment)}


def whole_round(reference: Reference, dice: random.Random) -> Round:
    """Kill the pipeline anywhere, nothing of it being done before."""
    reference.restore(reference.stages[0], behind=False)
    return {"stage": "all", **_killed(reference, dice, sum(reference.seconds[stage] for stage in reference.stages))}


def _killed(
    reference: Reference,
    dice: random.Random,
    most: float,
    command: Callable[[str], tuple[str, ...]] | None = None,
) -> Round:
    command = command or reference.repro
    program = "dvc" if dice.random() < 0.2 else "chestbench"
    how = dice.choices(list(KILLS), list(KILLS.values()))[0]
    after, at_once = dice.uniform(0, most), dice.random() < 0.7
    over, said = kill(reference.workspace, command(program), how, after, wait=not at_once)
    found = {
        "command": " ".join(command(program)[2:4]),
        "how": how,
        "after": round(after, 2),
        "over": over,
        "killed_in": _last(said),
    }
    return {**found, "said": words(said), **rerun(reference, command("chestbench"))}


def store_round(reference: Reference, dice: random.Random) -> Round:
    """Kill the first connection to MLflow, which makes the tables, or the rebuilding of the run behind it."""
    reference.restore(None)
    folder = reference.workspace.folder
    without_store(folder)
    # Most of the time until the first table is spent on imports: two of three kills wait for it.
    aimed = dice.random() < 0.67
    after = dice.uniform(0, reference.seconds["sync"] * (0.6 if aimed else 1))
    command = (sys.executable, "-m", "chestbench", "sync")
    until = (lambda: any(folder.glob("*mlflow.db*"))) if aimed else None
    over, said = kill(reference.workspace, command, "SIGKILL to all", after, until=until)
    state = "made" if (folder / "mlflow.db").exists() else "half made" if any(folder.glob("*mlflow.db*")) else "none"
    wrong = reference.compare_store(rebuilt=True)
    found = {"stage": "sync", "command": "chestbench sync", "how": "SIGKILL to all", "after": round(after, 2)}
    return {**found, "over": over, "killed_in": f"tables: {state}", "said": words(said), "wrong": wrong}


def disk_round(reference: Reference, dice: random.Random) -> Round:
    """Let the disk be full after a random number of bytes of what the stage writes; then there is space again."""
    stage = dice.choice(reference.stages)
    reference.restore(stage)
    folder = reference.workspace.folder
    left = int(dice.uniform(0, reference.bytes_written[stage]))
    ballast = folder.parent / "ballast"
    free = shutil.disk_usage(folder).free
    with open(ballast, "wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(free - left, 1))
    first = reference.workspace.run(*reference.repro(), check=False, PYTHONPATH="src")
    over = reference.workspace.returncode == 0
    ballast.unlink()
    found = {"stage": stage, "command": "chestbench repro", "how": "disk full", "after": left, "over": over}
    return {**found, "killed_in": _last(first), "said": words(first), **rerun(reference)}


def rerun(reference: Reference, command: tuple[str, ...] = ()) -> Round:
    """Run the study once more, as the documentation says, and compare what is there with the undisturbed run."""
    workspace, command = reference.workspace, command or reference.repro()
    again, beside = workspace.run(*command, check=False, PYTHONPATH="src"), False
    if workspace.returncode != 0 and BESIDE in again:
        wait_for_end(workspace.folder)
        again, beside = workspace.run(*command, check=False, PYTHONPATH="src"), True
    alive = bool(processes_of(workspace.folder))
    wait_for_end(workspace.folder)
    wrong = reference.compare() if workspace.returncode == 0 else [again[-3000:]]
    return {"wrong": wrong, "again": words(again), "refused_beside": beside, "outlived_rerun": alive}


def words(said: str) -> list[str]:
    """Return the lines of a run that speak of the kill: what was set aside, brought back, gone on with."""
    marks = ("set aside", "brought back", "damaged", "torn", "cut short", "going on", "was trained before", "removed",
             "Traceback", "ERROR", "error:", "Error", "No space", "interrupted", "WARNING", "is gone")  # fmt: skip
    return [line.strip()[:300] for line in said.splitlines() if any(mark in line for mark in marks)][:12]


def _last(said: str) -> str:
    """Return the stage that DVC started last."""
    return ([line.split("'")[1] for line in said.splitlines() if line.startswith("Running stage '")] or ["none yet"])[
        -1
    ]


ROUNDS: dict[str, Callable[[Reference, random.Random], Round]] = {
    "stages": stage_round,
    "experiment": experiment_round,
    "whole": whole_round,
    "store": store_round,
    "disk": disk_round,
}


def main() -> None:
    """Go on with the campaign and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=200, help="counted ones, in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=ROUNDS)
    parser.add_argument("--table", action="store_true", help="print the table of what was done, and end")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    log = options.folder / "rounds.jsonl"
    done = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    if options.table:
        print(table(done))
        return
    reference = make_reference(options.folder.resolve())
    kinds = {options.only: 1} if options.only else {k: n for k, n in KINDS.items() if k != "disk" or reference.mounted}
    # What was not equal is tried again, with the same dice, once the code has changed.
    missed = [n for n, entry in latest(done).items() if entry["wrong"] and entry["code"] != reference.code[:12]]
    while missed or len(latest(done)) < options.rounds:
        number, drawn = len({entry["round"] for entry in done}), kinds
        if missed:
            number = missed.pop(0)
            drawn = {latest(done)[number]["kind"]: 1}
        entry = one_round(reference, options.seed, number, drawn)
        done.append(entry)
        with open(log, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        if entry["wrong"] and not entry["over"]:
            copy_tree(reference.workspace.folder, options.folder / "evidence" / str(number))
        state = "over before" if entry["over"] else "NOT EQUAL" if entry["wrong"] else "equal"
        print(f"{number}: {entry['how']}, {entry['stage']}: {state} ({entry['seconds']} s)", flush=True)
    print(table(done))


def one_round(reference: Reference, seed: int, number: int, kinds: dict[str, int]) -> Round:
    """Do the round of a number: the same kill for the same seed, as far as a machine's speed allows."""
    dice = random.Random(f"{seed} {number}")
    kind = dice.choices(list(kinds), list(kinds.values()))[0]
    started = time.monotonic()
    entry = {"round": number, "kind": kind, "code": reference.code[:12], **ROUNDS[kind](reference, dice)}
    return {**entry, "seconds": round(time.monotonic() - started, 1)}


def latest(done: list[Round]) -> dict[int, Round]:
    """Return the counted rounds by number, each as it ended when it was last tried."""
    return {entry["round"]: entry for entry in done if not entry["over"]}


def table(done: list[Round]) -> str:
    """Return the campaign as a Markdown table: what was killed how, rounds, how many ended equal."""
    what = {
        "stages": "a stage",
        "experiment": "an experiment (`dvc exp run`)",
        "whole": "all from the start",
        "store": "first connection to MLflow",
        "disk": "a stage",
    }
    counted, groups = latest(done), {}
    once_wrong = {entry["round"] for entry in done if entry["wrong"] and not entry["over"]}
    for entry in counted.values():
        groups.setdefault((what[entry["kind"]], entry["how"]), []).append(entry)
    lines = ["| what | how | rounds | equal | of these after a mend |", "|---|---|---:|---:|---:|"]
    for (killed, how), entries in [*sorted(groups.items()), (("all", ""), list(counted.values()))]:
        equal = [entry for entry in entries if not entry["wrong"]]
        mended = sum(entry["round"] in once_wrong for entry in equal)
        lines.append(f"| {killed} | {how} | {len(entries)} | {len(equal)} | {mended or ''} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
