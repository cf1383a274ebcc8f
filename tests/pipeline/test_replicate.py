"""A replication through the real DVC: killed, resumed, repeated; its table, and nothing else, in the workspace."""

import csv
import json
import os
import signal
from pathlib import Path

import pytest
import yaml

from tests.cli.replication.test_definition import GOOD
from tests.pipeline.workspace import Workspace, clone, ran

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("replicate")]

FILES = {"README.md", "table.csv", "params.yaml", "metrics.json", "timing.json"}
PICTURES = {"roc.png", "leaderboard.png", "beside.png"}
COMMAND = ("python", "-m", "chestbench", "replicate", "drawn")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone with one replication: the small sample, a small network, an epoch, two seeds."""
    workspace = clone(tmp_path_factory.mktemp("replicate") / "clone", warm=True)
    workspace.environment["PYTHONPATH"] = str(workspace.folder / "src")
    settings = ["train.epochs=1", "preprocess.size=32", "evaluate.gradcam_images=0"]
    text = yaml.safe_dump({**GOOD, "settings": settings, "networks": ["tiny"]}, sort_keys=False)
    (workspace.folder / "replications/drawn.yaml").write_text(text, encoding="utf-8")
    workspace.commit("A replication")
    # What a person has open must be as it was afterwards.
    (workspace.folder / "params.yaml").open("a").write("# a remark\n")
    return workspace


def state(workspace: Workspace) -> dict[str, bytes]:
    """Return every file of the workspace but DVC's, Git's index and objects, MLflow's store and the table."""
    root = workspace.folder
    left_out = ("mlruns", ".dvc", "replications/drawn", ".git/objects")
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and not path.is_relative_to(root / ".dvc")
        and not any(path.is_relative_to(root / name) for name in left_out)
        and path.name not in ("index", "mlflow.db", "mlflow.db.lock")
        and "__pycache__" not in path.parts
    }


def test_killed_resumed_and_repeated(workspace: Workspace) -> None:
    root, before = workspace.folder, state(workspace)
    first = workspace.popen(*COMMAND)
    seen = ""
    for line in first.stdout:
        seen += line
        if "seed 2 of 1, 2" in line:
            break
    else:
        pytest.fail(f"no second seed was seen:\n{seen[-4000:]}")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert "differs" not in seen and state(workspace) == before

    output = workspace.run(*COMMAND)
    assert "seed 1: was trained before" in output and "train@tiny" in ran(output) and "download" not in ran(output)
    assert "git add replications/drawn" in output
    assert state(workspace) == before, "params.yaml, dvc.lock, metrics/, refs and stash are as they were"
    changed = workspace.run("git", "status", "--porcelain").splitlines()
    assert sorted(changed) == [" M params.yaml", "?? replications/drawn/"]

    table = root / "replications/drawn"
    assert {path.name for path in table.iterdir()} == FILES | PICTURES
    kept = {path.name: path.read_bytes() for path in table.iterdir()}
    again = workspace.run(*COMMAND)
    assert not ran(again) and "nothing had to be run" in again
    assert {path.name: path.read_bytes() for path in table.iterdir()} == kept

    check_page(workspace, (table / "README.md").read_text(encoding="utf-8"))
    check_table(table)
    check_nothing_personal(root, table)


def check_page(workspace: Workspace, page: str) -> None:
    commit = workspace.run("git", "rev-parse", "HEAD").strip()
    wanted = (
        "or research and education, not for diagnosis",
        "synthetic",
        "ours: tiny, seed 1",
        "mean and spread of 2 seeds",
    )
    for words in (
        *wanted,
        "paper: Net",
        "chestbench replicate drawn",
        f"commit {commit}",
        "SHA-256",
        "TOO LITTLE DATA",
    ):
        assert words in page, words
    assert "This is not the replication itself" not in page and "uncommitted" not in page
    assert str(workspace.folder) not in page


def check_table(table: Path) -> None:
    with open(table / "table.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    [paper] = [row for row in rows if row["whose"] == "published"]
    assert (paper["network"], paper["measure"], paper["value"], paper["source"]) == ("Net", "auc", "0.9", "its README")
    [ours] = [row for row in rows if row["network"] == "tiny" and row["measure"] == "macro_auc"]
    record = json.loads((table / "metrics.json").read_text())["networks"]["tiny"]
    values = record["seeds"]["test_macro_auc"]["values"]
    assert float(ours["value"]) == pytest.approx(values[0], abs=1e-6) and ours["low"] and ours["high"]
    assert ours["seeds"] == "1 2" and float(ours["mean"]) == pytest.approx(sum(values) / 2)
    assert (float(ours["lowest"]), float(ours["highest"])) == (min(values), max(values))
    times = json.loads((table / "timing.json").read_text())["trainings"]
    assert [(each["network"], each["seed"]) for each in times] == [("tiny", 1), ("tiny", 2)]


def check_nothing_personal(root: Path, table: Path) -> None:
    """No picture but the charts, no file name, id or patient of the data set, no path of the machine."""
    inside = root / ".dvc/tmp/replications/drawn"
    with open(inside / "data/split.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {row["image_id"] for row in rows} | {row["group"] for row in rows if "group" in row}
    with open(inside / "data/catalog.csv", encoding="utf-8", newline="") as stream:
        names |= {Path(row["member"]).name for row in csv.DictReader(stream) if row.get("member")}
    assert len(names) > 20
    for path in table.iterdir():
        content = path.read_bytes()
        assert str(root).encode() not in content, path.name
        if path.name not in PICTURES:
            assert not [name for name in names if len(name) > 3 and name.encode() in content], path.name


def test_what_is_overridden_never_passes_for_the_replication(workspace: Workspace) -> None:
    refused = workspace.run(*COMMAND, "-S", "train.learning_rate=0.01", check=False)
    assert workspace.returncode == 1 and "--out replications/drawn-other" in refused and not ran(refused)
    (workspace.folder / "conf/train/quick.yaml").open("a").write("# an uncommitted remark\n")
    output = workspace.run(*COMMAND, "-S", "evaluate.bootstrap=150", "--out", "replications/other")
    assert "train@tiny" not in ran(output), "trained before"
    assert "differs from the replication: evaluate.bootstrap 150 in place of 100" in output
    assert "with uncommitted changes of conf/train/quick.yaml" in output
    page = (workspace.folder / "replications/other/README.md").read_text(encoding="utf-8")
    assert "**This is not the replication itself.**" in page and "| evaluate.bootstrap | 100 | 150 |" in page
    assert "chestbench replicate drawn -S evaluate.bootstrap=150" in page
    assert "NOT THE REPLICATION ITSELF" in output
    listed = workspace.run("python", "-m", "chestbench", "replicate")
    assert "table: replications/drawn/README.md" in listed


def test_ctrl_c_says_how_to_go_on(workspace: Workspace) -> None:
    # As from a terminal: a suite that was started in the background leaves Ctrl-C ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = workspace.popen(*COMMAND, "-S", "train.learning_rate=0.02", "--out", "replications/other-rate")
    signal.signal(signal.SIGINT, before)
    seen = ""
    for line in process.stdout:
        seen += line
        if ": training " in line:  # a Python that still imports itself ends with its own words
            break
    os.killpg(process.pid, signal.SIGINT)
    seen += process.communicate(timeout=60)[0]
    assert process.returncode == 130, seen[-3000:]
    same = "chestbench replicate drawn -S train.learning_rate=0.02 --out replications/other-rate"
    assert f"the same command goes on from there: {same}" in seen
    assert "Traceback" not in seen and not (workspace.folder / "replications/other-rate").exists()


def test_data_that_cannot_be_fetched_say_what_is_needed(workspace: Workspace) -> None:
    broken = workspace.folder.parent / "broken.npz"
    broken.write_text("no archive", encoding="utf-8")
    given = ("-S", "dataset=folder", "-S", f"dataset.path={broken}", "--out", "replications/broken")
    refused = workspace.run(*COMMAND, *given, check=False)
    assert workspace.returncode == 1 and "dataset.path: expected the whole archive" in refused, refused
    assert not ran(refused) and "goes on from there" not in refused

    path = workspace.folder / "replications/away.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                **GOOD,
                "needs": {"account": "Kaggle"},
                "settings": ["dataset.source=url", "dataset.url=http://127.0.0.1:9/x.zip"],
            }
        )
    )
    failed = workspace.run("python", "-m", "chestbench", "replicate", "away", check=False)
    assert workspace.returncode not in (0, 130) and "stopped before the data were there" in failed
    assert "a Kaggle account" in failed and "-S dataset.path=" in failed
