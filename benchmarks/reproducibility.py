"""Measure how far trainings of one network differ: the same seed again, other seeds, other numbers of threads.

    python benchmarks/reproducibility.py simple_cnn                         twice the same
    python benchmarks/reproducibility.py simple_cnn --deterministic         twice the same, train.deterministic=true
    python benchmarks/reproducibility.py simple_cnn --seeds 1 2 3 4 5       the spread over seeds
    python benchmarks/reproducibility.py simple_cnn --cores 2 1             on other numbers of cores (Linux)
    python benchmarks/reproducibility.py simple_cnn --random-labels --seeds 1 2 3 4 5     the control
    KERAS_BACKEND=jax python benchmarks/reproducibility.py simple_cnn       under another backend

Reads params.yaml, data/processed and data/train_indices.npy (`dvc repro upsample`); every training is a process of its
own. Prints a JSON line per training, compared with the first: the largest difference of a weight, the distance of all
weights relative to their length, the largest difference of a probability on test, images of test called otherwise.

What it gave: docs/explanation/reproducibility.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def train(arguments: argparse.Namespace) -> None:
    """Train in this process and save weights and probabilities to `--out`."""
    if arguments.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores[0]])
    from chestbench.core.config import load_config
    from chestbench.training.device import select_backend

    config = load_config(ROOT / "params.yaml")
    backend = select_backend(config.train.backend)
    import keras

    from chestbench.measures.metrics import measure
    from chestbench.preparation.arrays import load_info, load_split
    from chestbench.training.data import Inputs, read_data
    from chestbench.training.predict import predict
    from chestbench.training.recipes import train_network

    changes = {"deterministic": arguments.deterministic, "weights": "none", "precision": "float32"}
    changes["random_labels"] = arguments.random_labels
    if arguments.epochs:
        changes["epochs"] = arguments.epochs
    config = config.model_copy(update={"train": config.train.model_copy(update=changes)})
    processed = arguments.data / "processed"
    inputs = Inputs(processed, arguments.data / "train_indices.npy", Path())
    (seed,) = arguments.seeds
    data = read_data(config, inputs, load_info(processed)["classes"], seed)
    started = time.monotonic()
    result = train_network(arguments.network, data, config.train, seed=seed)
    test = load_split(processed, "test")
    probabilities = predict(result.model, test.images)
    overall = measure(test.class_index, probabilities).overall
    told = {
        "network": arguments.network,
        "backend": f"{backend}, keras {keras.__version__}",
        "seed": seed,
        "deterministic": arguments.deterministic,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "seconds": round(time.monotonic() - started, 1),
        "best_epoch": result.progress.best_epoch,
        **{name: round(float(overall[name][0]), 4) for name in ("balanced_accuracy", "macro_auc")},
    }
    weights = np.concatenate([array.ravel() for array in result.model.get_weights()])
    np.savez(arguments.out, weights=weights, probabilities=probabilities, told=json.dumps(told))


def compare(arguments: argparse.Namespace) -> None:
    """Train once per seed, each in a process of its own, and print how the others differ from the first."""
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(arguments.seeds):
            out = Path(folder) / f"{number}.npz"
            command = [sys.executable, __file__, arguments.network, "--seeds", str(seed), "--out", str(out)]
            command += ["--data", str(arguments.data), "--epochs", str(arguments.epochs)]
            if arguments.cores:
                command += ["--cores", str(arguments.cores[number % len(arguments.cores)])]
            command += ["--deterministic"] * arguments.deterministic + ["--random-labels"] * arguments.random_labels
            subprocess.run(command, check=True)
            with np.load(out) as stored:
                found = {key: stored[key] for key in stored.files}
            out.unlink()
            told = json.loads(str(found["told"]))
            first = first or found
            if found is not first:
                apart = np.abs(found["weights"] - first["weights"])
                called = [one["probabilities"].argmax(axis=1) for one in (found, first)]
                told |= {
                    "weights_equal": bool((apart == 0).all()),
                    "weights_largest": float(f"{apart.max():.3g}"),
                    "weights_relative": float(f"{np.linalg.norm(apart) / np.linalg.norm(first['weights']):.3g}"),
                    "probabilities_largest": float(
                        f"{np.abs(found['probabilities'] - first['probabilities']).max():.3g}"
                    ),
                    "called_otherwise": f"{int((called[0] != called[1]).sum())} of {len(called[0])}",
                }
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 42])
    parser.add_argument("--deterministic", action="store_true")
    parser.add_argument("--random-labels", action="store_true")
    parser.add_argument("--cores", type=int, nargs="+", help="cores of each training in turn")
    parser.add_argument("--epochs", type=int, default=0, help="instead of those of params.yaml")
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="folder with processed/ and train_indices.npy")
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.data = given.data.resolve()
    train(given) if given.out else compare(given)
