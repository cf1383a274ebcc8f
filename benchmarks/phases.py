"""Where a training's time goes: trains a network on made-up pictures, and draws one bar per phase.

    python -m benchmarks.phases [--network resnet50] [--backend tensorflow] [--size 64] [--images 420] [--epochs 3]

Prints the seconds of each phase; `--picture FILE` draws them. What it gave: docs/reference/speed.md.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

PHASES = ("imports", "building", "first step", "steps", "batch norm", "validation", "copy of the state", "saving")


class Clock:
    """Adds up the seconds of each phase; the rest of the training is the steps'."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PHASES, 0.0)

    def timed(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its time counted."""

        @wraps(function)
        def inner(*given: Any, **more: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*given, **more)
            finally:
                self.seconds[phase] += time.perf_counter() - started

        return inner


def measure(network: str, backend: str, size: int, images: int, epochs: int) -> tuple[dict[str, float], str]:
    """Return the seconds of each phase of one training, and what computed."""
    clock, began = Clock(), time.perf_counter()
    from chestbench.training.device import describe_device, select_backend

    select_backend(backend)
    from chestbench.core.config import load_config
    from chestbench.training import batchnorm, callbacks, recipes
    from chestbench.training.checkpoint import Checkpoint
    from chestbench.training.data import TrainingData
    from chestbench.training.saving import save_network

    clock.seconds["imports"] = time.perf_counter() - began
    recipes.build = clock.timed("building", recipes.build)
    batchnorm.Reestimator.__call__ = clock.timed("batch norm", batchnorm.Reestimator.__call__)  # type: ignore[method-assign]
    callbacks.validate = clock.timed("validation", callbacks.validate)
    callbacks.Copies = clock.timed("copy of the state", callbacks.Copies)  # type: ignore[misc, assignment]
    train = load_config(ROOT / "params.yaml").train.model_copy(update={"weights": "none", "epochs": epochs})
    rng, labels = np.random.default_rng(0), np.arange(images) % 2
    drawn = rng.integers(0, 256, (images, size, size, 1), dtype=np.uint8)
    val = max(16, images // 5)
    data = TrainingData(drawn, labels, np.arange(images), drawn[:val], labels[:val], 2)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        result = recipes.train_network(network, data, train, seed=1, checkpoint=Checkpoint(Path(folder)))
        whole = time.perf_counter() - started
        started = time.perf_counter()
        save_network(result.model, Path(folder) / "model.keras")
        clock.seconds["saving"] = time.perf_counter() - started
    inside = ("building", "batch norm", "validation", "copy of the state")
    clock.seconds["first step"] = result.progress.first_step_seconds - clock.seconds["building"]
    clock.seconds["steps"] = whole - clock.seconds["first step"] - sum(clock.seconds[phase] for phase in inside)
    what = f"{network}, {size} px, {images} images, {epochs} epochs of batches of {train.batch_size}"
    return clock.seconds, f"{what}\n{backend} on {describe_device()}, {result.precision}"


def draw(seconds: dict[str, float], title: str, path: Path) -> None:
    """Draw one bar per phase, in the order in which they come."""
    from chestbench.figures.drawing import new_figure

    figure = new_figure(7.2, 3.4)
    axes = figure.add_subplot()
    whole = sum(seconds.values())
    bars = axes.barh(list(seconds), list(seconds.values()), color="#555555")
    axes.bar_label(bars, [f" {value:.1f} s, {value / whole:.0%}" for value in seconds.values()], fontsize=8)
    axes.invert_yaxis()
    axes.set(xlabel="seconds", xlim=(0, 1.2 * max(seconds.values())))
    axes.set_title(f"{title}; {whole:.0f} s in all", fontsize=9)
    figure.savefig(path, dpi=120, metadata={"Software": None})


def main() -> None:
    """Read the command line, measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--backend", default="tensorflow")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--images", type=int, default=420)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    seconds, title = measure(arguments.network, arguments.backend, arguments.size, arguments.images, arguments.epochs)
    print(title)
    for phase, value in seconds.items():
        print(f"{phase}: {value:.1f} s, {value / sum(seconds.values()):.0%}")
    if arguments.picture:
        draw(seconds, title, arguments.picture)


if __name__ == "__main__":
    main()
