"""Four devices train what one does. JAX makes four of one processor:

KERAS_BACKEND=jax python -m pytest tests/training/test_devices.py
"""

import importlib.util
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.training.devices import spread

# Trains with batch norm and averaged weights; prints the history, the weights and on how many devices a batch and a
# weight lay.
PROGRAM = """
import json, sys
from pathlib import Path
from chestbench.training.device import select_backend
select_backend("jax")
import jax, keras
import numpy as np
from chestbench.core.config import load_config
from chestbench.training import callbacks
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.recipes import train_network
from tests.training.helpers import small_data
lay = []
end = callbacks.EpochEnd.on_epoch_end
def spy(self, epoch, logs=None):
    lay.append(len(self.training.predictor.weights[0].value.sharding.device_set))
    end(self, epoch, logs)
callbacks.EpochEnd.on_epoch_end = spy
params, state, stop = sys.argv[1:]
def on_epoch(epoch, row):
    if epoch == int(stop):
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
train = load_config(Path(params)).train
result = train_network("tiny", small_data(40), train, seed=4, checkpoint=Checkpoint(Path(state)), on_epoch=on_epoch)
history = [[row["loss"], row["val_loss"]] for row in result.progress.history]
print(json.dumps({"devices": lay[0], "history": history, "best": result.progress.best_epoch,
    "weights": np.concatenate([w.ravel() for w in result.model.get_weights()])[::997].tolist()}))
"""


def trained(folder, parameters, request, devices, stop=0):
    train = {"epochs": 3, "batch_size": 8, "devices": devices, "backend": "jax", "precision": "float32", "ema": 0.9}
    params = folder / f"{devices}.yaml"
    params.write_text(yaml.safe_dump({**parameters, "train": {**parameters["train"], **train}}))
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=4", "KERAS_BACKEND": "jax"}
    environment["PYTHONPATH"] = f"{request.config.rootpath / 'src'}{os.pathsep}{request.config.rootpath}"
    command = [sys.executable, "-c", PROGRAM, str(params), str(folder / f"state-{devices}"), str(stop)]
    done = subprocess.run(command, cwd=request.config.rootpath, env=environment, capture_output=True, text=True)
    if stop:
        assert done.returncode == -9, done.stderr
        return None
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX")
def test_four_devices_train_as_one_does_and_go_on_after_a_kill(tmp_path, default_parameters, request):
    one = trained(tmp_path, default_parameters, request, "one")
    trained(tmp_path, default_parameters, request, "all", stop=1)
    every = trained(tmp_path, default_parameters, request, "all")
    assert (one["devices"], every["devices"]) == (1, 4)
    np.testing.assert_allclose(every["history"], one["history"], rtol=1e-3)
    np.testing.assert_allclose(every["weights"], one["weights"], rtol=1e-2, atol=1e-4)
    assert every["best"] == one["best"]


def test_where_it_cannot_be_it_is_refused():
    if keras.backend.backend() == "jax":
        with spread("all", 6) as devices:
            assert devices == 1 and keras.distribution.distribution() is not None
        assert keras.distribution.distribution() is None
    else:
        with pytest.raises(ChestbenchError, match=r"expected train\.backend=jax .*choose -S train\.backend=jax"):
            spread("all", 8).__enter__()
    with spread("one", 7) as devices:
        assert devices == 1


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="only JAX spreads")
def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: [f"cpu:{i}" for i in range(4)])
    with pytest.raises(ChestbenchError, match=r"a multiple of 4, .* received 10; choose -S train\.batch_size=8"):
        spread("all", 10).__enter__()
