"""Kill the pipeline at random moments, run it once more, and compare with a run that nobody disturbed.

    python -m tests.campaign.kills FOLDER [--rounds 200] [--seed 0] [--only stages|store|disk]

FOLDER gets a clone of this repository with a small study, the state before each of its stages, and `rounds.jsonl`, one
line a round: the same command goes on where it was ended, and prints the table of docs/explanation/reliability.md.
A round that was over before the kill is not counted. On Linux; the rounds with a full disk need `mount` (root).
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.campaign.kill_study import Reference, make_reference
from tests.pipeline.workspace import Workspace

# Share of rounds by what is sent to whom.
KILLS = {"SIGKILL to all": 6, "SIGKILL to dvc alone": 2, "SIGTERM to all": 1, "SIGINT to all": 1}
# Most of the rounds kill stages; the first connection to MLflow and the full disk have their share.
KINDS = {"stages": 12, "store": 5, "disk": 3}
# A stage that lives on without its DVC may take this long to end.
MOST_SECONDS = 300
Round = dict[str, Any]


def stage_round(reference: Reference, dice: random.Random) -> Round:
    """Kill one stage somewhere between the start of DVC and its end."""
    stage = dice.choice(reference.stages)
    bare = dice.random() < 0.2
    how = dice.choices(list(KILLS), list(KILLS.values()))[0]
    after = dice.uniform(0, reference.seconds[stage])
    reference.restore(stage)
    command = (sys.executable, "-m", *(("dvc",) if bare else ("chestbench",)), "repro", stage)
    over, said = kill(reference.workspace, command, how, after)
    found = {"stage": stage, "command": "dvc repro" if bare else "chestbench repro", "how": how, "after": after}
    return {**found, "over": over, "said": said, **rerun(reference, stage)}


def store_round(reference: Reference, dice: random.Random) -> Round:
    """Kill the first connection to MLflow, which makes the tables, and the rebuilding of the run."""
    reference.restore(None)
    for path in (reference.workspace.folder / "mlflow.db", reference.workspace.folder / "mlruns"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    after = dice.uniform(0, reference.seconds["sync"])
    command = (sys.executable, "-m", "chestbench", "sync")
    over, said = kill(reference.workspace, command, "SIGKILL to all", after)
    again = reference.workspace.run(*command, check=False, PYTHONPATH="src")
    found = {"stage": "sync", "command": "chestbench sync", "how": "SIGKILL to all", "after": after, "over": over}
    wrong = reference.compare_store(rebuilt=True) if reference.workspace.returncode == 0 else [again[-2000:]]
    return {**found, "said": said, "wrong": wrong, "again": words(again)}


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
    first = reference.workspace.run(sys.executable, "-m", "chestbench", "repro", stage, check=False, PYTHONPATH="src")
    over = reference.workspace.returncode == 0
    ballast.unlink()
    found = {"stage": stage, "command": "chestbench repro", "how": "disk full", "after": left, "over": over}
    return {**found, "said": words(first), **rerun(reference, stage)}


def kill(workspace: Workspace, command: tuple[str, ...], how: str, after: float) -> tuple[bool, list[str]]:
    """Start a command, wait, kill; return whether it was over before, and the last lines that it said."""
    log = workspace.folder.parent / "said.log"
    with open(log, "wb") as stream:
        environment = {**workspace.environment, "PYTHONPATH": str(workspace.folder / "src")}
        process = subprocess.Popen(
            command, cwd=workspace.folder, env=environment, stdout=stream, stderr=stream, start_new_session=True
        )
        try:
            process.wait(after)
            over = True
        except subprocess.TimeoutExpired:
            over = False
            sent = signal.Signals[how.split()[0]]
            (os.kill if how.endswith("alone") else os.killpg)(process.pid, sent)
            process.wait(MOST_SECONDS)
    end_of_group(process.pid)
    return over, words(log.read_text(encoding="utf-8", errors="replace"))


def end_of_group(group: int) -> None:
    """Wait until no process of the group is left: a stage may live on without its DVC."""
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    raise AssertionError("a process of the killed run did not end")


def rerun(reference: Reference, stage: str) -> Round:
    """Run the stage once more, as the documentation says, and compare what is there with the undisturbed run."""
    workspace = reference.workspace
    again = workspace.run(sys.executable, "-m", "chestbench", "repro", stage, check=False, PYTHONPATH="src")
    wrong = reference.compare(stage) if workspace.returncode == 0 else [again[-2000:]]
    return {"wrong": wrong, "again": words(again)}


def words(said: str) -> list[str]:
    """Return the lines of a run that speak of the kill: what was set aside, brought back, gone on with."""
    marks = ("set aside", "brought back", "damaged", "torn", "cut short", "going on", "was trained before", "removed",
             "Traceback", "ERROR", "error:", "No space")  # fmt: skip
    return [line.strip()[:200] for line in said.splitlines() if any(mark in line for mark in marks)][:8]


ROUNDS: dict[str, Callable[[Reference, random.Random], Round]] = {
    "stages": stage_round,
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
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    log = options.folder / "rounds.jsonl"
    done = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    reference = make_reference(options.folder.resolve())
    kinds = {options.only: 1} if options.only else {k: n for k, n in KINDS.items() if k != "disk" or reference.mounted}
    while sum(not entry["over"] for entry in done) < options.rounds:
        number = len(done)
        dice = random.Random(f"{options.seed} {number}")
        kind = dice.choices(list(kinds), list(kinds.values()))[0]
        started = time.monotonic()
        entry = {"round": number, "kind": kind, **ROUNDS[kind](reference, dice)}
        entry["seconds"] = round(time.monotonic() - started, 1)
        done.append(entry)
        with open(log, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        state = "over before" if entry["over"] else "NOT EQUAL" if entry["wrong"] else "equal"
        print(f"{number}: {entry['how']}, {entry['stage']}: {state} ({entry['seconds']} s)", flush=True)
    print(table(done))


def table(done: list[Round]) -> str:
    """Return the campaign as a Markdown table: what was killed how, rounds, how many ended equal."""
    groups: dict[tuple[str, str], list[Round]] = {}
    for entry in done:
        if not entry["over"]:
            what = {"stages": "a stage of the pipeline", "store": "first connection to MLflow", "disk": "a stage"}
            groups.setdefault((what[entry["kind"]], entry["how"]), []).append(entry)
    lines = ["| what | how | rounds | equal after one rerun |", "|---|---|---:|---:|"]
    for (what, how), entries in sorted(groups.items()):
        equal = sum(not entry["wrong"] for entry in entries)
        lines.append(f"| {what} | {how} | {len(entries)} | {equal} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
