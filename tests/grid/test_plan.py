"""`--plan`: what the run cache has of a member, asked of a small pipeline that the real DVC ran; nothing is written."""

import copy
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chestbench.grid import estimate
from chestbench.grid.cached import Known, asking
from chestbench.grid.estimate import Earlier, earlier_trainings, seconds_of
from chestbench.grid.events import Member, Plan, Settings
from chestbench.grid.plan import MOST_ROWS, look_ahead, plan_lines
from chestbench.repository.git import read_tree
from tests.conftest import ROOT

PIPELINE = """
stages:
  code:
    cmd: python -m stages.code
    deps: [src/chestbench, stages]
    outs: [data/code]
  check:
    cmd: python -m stages.check
    deps: [data/code/check]
    params: [{params.yaml: }]
    outs: [data/parameters-are-valid]
  download:
    cmd: python -m stages.download
    deps: [data/code/download, data/parameters-are-valid, "${dataset.path}"]
    outs: [data/raw]
  preprocess:
    cmd: python -m stages.preprocess
    deps: [data/code/preprocess, data/raw/pictures]
    params: [preprocess.size, seed]
    outs: [data/processed]
  train:
    matrix: {model: "${model.variants}"}
    cmd: python -m stages.train
    deps: [data/code/train, "data/code/networks/${item.model}", data/processed]
    params: [seed, preprocess.size, train]
    outs: ["models/${item.model}/model.keras", "models/${item.model}/timing.json"]
  evaluate:
    matrix: {model: "${model.variants}"}
    cmd: python -m stages.evaluate
    deps: [data/code/evaluate, "models/${item.model}/model.keras"]
    params: [evaluate]
    outs: ["results/models/${item.model}"]
  train_boxes:
    matrix: {detector: "${detector.variants}"}
    cmd: python -m stages.train_boxes
    deps: [data/code/train_boxes, data/processed]
    params: [seed, preprocess.size, train]
    outs: ["models/${item.detector}/model.keras", "models/${item.detector}/timing.json"]
  compare:
    cmd: python -m stages.compare
    deps: [data/code/compare, results/models]
    outs: [results/leaderboard.txt]
"""
WORK = """
import os, json, pathlib, yaml
p, model = yaml.safe_load(open("params.yaml")), os.environ["DVC_STAGE"].partition("@")[2]
def write(path, content):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True); pathlib.Path(path).write_text(content)
"""
TIMING = {
    "seconds": 25.0,
    "first_step_seconds": 5.0,
    "epochs": [{"seconds": 9.0}, {"seconds": 4.0}, {"seconds": 4.0}, {"seconds": 6.0}],
}
TRAINED = (
    'write(f"models/{model}/model.keras", str(p["train"]));'
    f"write(f'models/{{model}}/timing.json', json.dumps({TIMING}))"
)
STAGES = {
    "check": 'write("data/parameters-are-valid", "yes")',
    "download": 'write("data/raw/pictures", open(p["dataset"]["path"] + "/a").read())',
    "preprocess": 'write("data/processed/x", str([p["preprocess"]["size"], p["seed"]]))',
    "train": TRAINED,
    "train_boxes": TRAINED,
    "evaluate": 'write(f"results/models/{model}/x", str(p["evaluate"]))',
    "compare": 'write("results/leaderboard.txt", "x")',
}
TRAIN = {"epochs": 4, "head_epochs": 0, "backend": "tensorflow", "seeds": []}


def values(path: Path, **changed: Any) -> dict[str, Any]:
    """Parameters with some changed: `train__epochs=9`."""
    found: dict[str, Any] = {
        "seed": 1,
        "dataset": {"path": str(path)},
        "model": {"variants": ["tiny"]},
        "detector": {"variants": ["boxer"]},
        "preprocess": {"size": 32},
        "train": dict(TRAIN),
        "evaluate": {"shifts": 0},
    }
    for key, value in changed.items():
        section, _, name = key.partition("__")
        if name:
            found[section][name] = value
        else:
            found[section] = value
    return found


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "a").write_text("pictures")
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """A repository whose pipeline was run once."""
    folder = tmp_path_factory.mktemp("repository")
    networks = folder / "src/chestbench/models/networks"
    networks.mkdir(parents=True)
    for package in (networks, networks.parent, networks.parent.parent):
        (package / "__init__.py").write_text("")
    for name in ("tiny", "small"):
        (networks / f"{name}.py").write_text(f"NETWORK = '{name}'\n")
    (folder / "stages").mkdir()
    (folder / "stages/__init__.py").write_text("")
    (folder / "conf").mkdir()
    (folder / "conf/config.yaml").write_text("a: 1\n")
    code = "from pathlib import Path\nfrom chestbench.core.code import write_fingerprints\n"
    (folder / "stages/code.py").write_text(f"{code}write_fingerprints(Path('.'), Path('data/code'))\n")
    for name, work in STAGES.items():
        (folder / f"stages/{name}.py").write_text(WORK + work + "\n")
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "params.yaml").write_text(yaml.safe_dump(values(pictures)))
    (folder / ".gitignore").write_text("__pycache__\n")
    run(folder, "git init -q")
    run(folder, "dvc init -q")
    run(folder, "git add -A")
    run(folder, "git -c user.name=T -c user.email=t@example.invalid commit -qm Start")
    run(folder, "dvc repro")
    run(folder, "git add -A")
    run(folder, "git -c user.name=T -c user.email=t@example.invalid commit -qm Results")
    return folder


def run(folder: Path, command: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "HOME": str(folder), "PYTHONPATH": str(ROOT / "src"), "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(command.split(), cwd=folder, env={**os.environ, **own}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def asked(root: Path, *members: dict[str, Any]) -> list[Known]:
    with asking(root, read_tree(root)) as cache:
        return [cache.ask(Member(f"m{number}", (), each)) for number, each in enumerate(members)]


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_what_was_run_is_cached_and_the_rest_is_not(root: Path, pictures: Path) -> None:
    before = everything(root)
    same, rate, judged, other, size = asked(
        root,
        values(pictures),
        values(pictures, train__epochs=9),
        values(pictures, evaluate__shifts=1),
        values(pictures, model={"variants": ["tiny", "small"]}),
        values(pictures, preprocess__size=64),
    )
    assert same.to_run == [] and same.open == ["compare"]
    assert {"download", "preprocess", "train@tiny", "evaluate@tiny"} <= set(same.cached)
    assert set(rate.to_run) == {"train@tiny", "evaluate@tiny", "train_boxes@boxer", "compare"}
    assert rate.networks() == ["tiny"] and rate.networks("train_boxes") == ["boxer"]
    assert judged.to_run == ["evaluate@tiny", "compare"] and judged.networks() == []
    assert other.to_run == ["train@small", "evaluate@small", "compare"]
    trained = {"train@tiny", "evaluate@tiny", "train_boxes@boxer"}
    assert set(size.to_run) == {"preprocess", *trained, "compare"} and size.pictures == ""
    assert everything(root) == before, "nothing in the repository is written"


def test_other_data_other_code_and_a_lost_output_are_seen(root: Path, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("others")
    (elsewhere,) = asked(root, values(tmp_path))
    assert elsewhere.to_run[0] == "download", "never read here"
    copied = tmp_path / "copy"
    shutil.copytree(root, copied, symlinks=True)
    (copied / "stages/evaluate.py").write_text(WORK + "# a comment\n" + STAGES["evaluate"] + "\n")
    assert asked(copied, values(pictures))[0].to_run == [], "a comment is no change"
    (copied / "stages/evaluate.py").write_text(WORK + "print(1)\n" + STAGES["evaluate"] + "\n")
    assert asked(copied, values(pictures))[0].to_run == ["evaluate@tiny", "compare"]
    (copied / "src/chestbench/models/networks/tiny.py").write_text("NETWORK = 'another'\n")
    assert asked(copied, values(pictures))[0].networks() == ["tiny"]
    run(copied, "git checkout -q -- .")
    lost = yaml.safe_load((copied / "dvc.lock").read_text())["stages"]["train@tiny"]["outs"][0]["md5"]
    (copied / ".dvc/cache/files/md5" / lost[:2] / lost[2:]).unlink()
    assert asked(copied, values(pictures))[0].networks() == ["tiny"], "its note is there, its network is not"


def test_an_estimate_comes_from_earlier_trainings_of_the_same_size(root: Path, pictures: Path) -> None:
    boxer, earlier = sorted(earlier_trainings(root / ".dvc/cache"), key=lambda each: each.network)
    assert boxer.network == "boxer" and seconds_of(Member("m", (), values(pictures)), "boxer", "", [boxer, earlier])
    assert (earlier.network, earlier.size, earlier.start, earlier.epoch) == ("tiny", 32, 7.0, 4.0)
    member = Member("m", (), values(pictures, train__epochs=10, train__seeds=[1, 2]))
    assert seconds_of(member, "tiny", earlier.pictures, [earlier]) == (2 * (7.0 + 10 * 4.0), True)
    assert seconds_of(member, "tiny", "", [earlier]) == (94.0, False)
    assert seconds_of(member, "small", "", [earlier]) is None
    assert seconds_of(Member("m", (), values(pictures, preprocess__size=64)), "tiny", "", [earlier]) is None
    jax = Earlier("tiny", earlier.pictures, 32, "jax", 1.0, 1.0, earlier.when + 1)
    assert seconds_of(member, "tiny", earlier.pictures, [jax, earlier]) == (94.0, True), "of the same backend"


def test_torn_notes_and_lost_times_are_passed_over(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / ".dvc/cache", tmp_path / "cache")
    notes = [path for path in (tmp_path / "cache/runs").glob("*/*/*") if b"stages.train\n" in path.read_bytes()]
    shutil.copy2(notes[0], notes[0].with_name("0" * 64))
    notes[0].with_name("0" * 64).write_bytes(notes[0].read_bytes()[:200])
    assert len(earlier_trainings(tmp_path / "cache")) == 2
    timing = next(out for out in yaml.safe_load(notes[0].read_text())["outs"] if out["path"].endswith("timing.json"))
    (tmp_path / "cache/files/md5" / timing["md5"][:2] / timing["md5"][2:]).unlink()
    assert earlier_trainings(tmp_path / "cache") == [], "both have the same times"
    assert earlier_trainings(tmp_path / "nowhere") == []


def test_the_page_says_what_is_cached_what_it_takes_and_what_is_not_known(root: Path, pictures: Path) -> None:
    choices = {
        "g-same": values(pictures),
        "g-longer": values(pictures, train__epochs=100, detector={"variants": []}),
        "g-boxes": values(pictures, train__epochs=100, model={"variants": []}),
        "g-judged": values(pictures, evaluate__shifts=1),
        "g-both": values(pictures, seed=2, model={"variants": ["tiny", "small"]}, detector={"variants": []}),
        "g-kinds": values(pictures, seed=2),
    }
    members = tuple(Member(name, (), copy.deepcopy(each)) for name, each in choices.items())
    plan = Plan(root, "g", read_tree(root), members, Settings(parallel=2))
    lines = plan_lines(plan, look_ahead(plan), 100)
    assert [line.split() for line in lines[1:7]] == [
        ["g-same", "cached", "cached", "-"],
        ["g-longer", "cached", "tiny", "7", "min"],
        ["g-boxes", "cached", "boxer", "7", "min"],
        ["g-judged", "cached", "-", "-"],
        ["g-both", "1", "to", "run", "2", "networks", "~23", "s", "and", "1", "more"],
        ["g-kinds", "1", "to", "run", "2", "of", "both", "kinds", "~46", "s"],
    ]
    told = "\n".join(lines[7:])
    assert "1 of 6 come from the cache" in told and "share them: preprocess" in told
    assert "15 min at most, 7 min with 2 at once" in told and "~: timed on other pictures" in told
    assert "no estimate for small" in told
    many = Plan(root, "g", plan.tree, tuple(Member(f"g-{number}", (), members[0].values) for number in range(90)))
    planned = look_ahead(Plan(root, "g", plan.tree, many.members[:1]))
    folded = plan_lines(many, planned * 90, 60)
    assert len(folded) == 1 + MOST_ROWS + 2 and folded[-2] == "and 50 cached"
    assert all(len(line) <= 60 for line in folded)


def test_the_note_of_a_training_is_as_it_is_read_here() -> None:
    """The committed pipeline has the stages, parameters and outputs that an estimate asks the run cache for."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    for name, command, item in (("train", estimate.TRAIN, "model"), ("train_boxes", estimate.TRAIN_BOXES, "detector")):
        train = stages[name]
        assert train["cmd"] == command and "data/processed" in train["deps"]
        assert {"preprocess.size", "train"} <= set(train["params"])
        assert f"models/${{item.{item}}}/timing.json" in train["outs"]
    assert stages["check"]["outs"] == ["data/parameters-are-valid"] and "data/code" in stages["code"]["outs"]
