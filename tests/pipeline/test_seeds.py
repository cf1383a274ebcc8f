"""Further seeds under the real DVC: a kill in the second costs the first nothing, and a lost folder is made good."""

import os
import shutil
import signal

import pytest
import yaml

from chestbench.core.files import read_json
from chestbench.training.outputs import FILES
from tests.pipeline.workspace import clone

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("seeds")]


def test_killed_in_the_second_seed_and_run_again(tmp_path):
    workspace = clone(tmp_path / "seeds", "simple_gmp")
    workspace.edit_yaml_value("params.yaml", {"seeds": "[7, 8]", "epochs": 30})
    process = workspace.popen("dvc", "repro", "evaluate@simple_gmp")
    seen = ""
    for line in process.stdout:
        seen += line
        if "seed 8 of 7, 8" in seen and "epoch 3/30" in line:
            break
    else:
        pytest.fail(f"no third epoch of the second seed was seen:\n{seen[-4000:]}")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    model = workspace.folder / "models/simple_gmp"
    assert not (model / "training.json").exists()

    output = workspace.run("dvc", "repro", "evaluate@simple_gmp")
    assert "seed 7: was trained before" in output and "epoch 1/30" not in output
    assert [read_json(path / "training.json")["seed"] for path in (model, model / "seeds/8")] == [7, 8]
    seeds = read_json(workspace.folder / "metrics/models/simple_gmp.json")["seeds"]
    assert seeds["seeds"] == [7, 8] and len(seeds["test_macro_auc"]["values"]) == 2
    assert not list((workspace.folder / ".dvc/tmp/training").iterdir())

    outs = yaml.safe_load((workspace.folder / "dvc.lock").read_text())["stages"]["train@simple_gmp"]["outs"]
    assert sorted(out["path"] for out in outs) == sorted(f"models/simple_gmp/{name}" for name in (*FILES, "seeds"))
    shutil.rmtree(model / "seeds")
    output = workspace.run("dvc", "repro", "evaluate@simple_gmp")
    assert (model / "seeds/8/model.keras").is_file() and "Running stage 'train" not in output
