"""Measure training: start-up, feed, fit against the bare step, and the cost of cached features.

    python benchmarks/training.py startup --network resnet50 --size 64
    python benchmarks/training.py fit --optimizer keras
    python benchmarks/training.py feed | features

Prints one line of figures per measurement. Nothing else should run on the machine meanwhile.

What it gave: docs/explanation/speed.md.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from chestbench.core.config import Train

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pictures(n: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 noise (n, size, size, 1) and labels 0 and 1."""
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 1), dtype=np.uint8), np.arange(n) % 2


def recipe(**overrides: object) -> "Train":
    """Return the committed recipe with changes."""
    from chestbench.core.config import load_config

    return load_config(ROOT / "params.yaml").train.model_copy(update=overrides)


def use_optimizer(name: str) -> None:
    """Let chestbench train with its own AdamW (flat) or with that of keras, for the comparison of the two."""
    if name == "flat":
        return
    import keras

    from chestbench.training import compiling

    def adamw(rate: object, weight_decay: float, average: float = 0.0) -> keras.optimizers.Optimizer:
        if average:
            raise SystemExit("train.ema: expected 0 for this comparison, for Keras' optimizer averages otherwise")
        optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        return optimizer

    compiling.FlatAdamW = adamw  # type: ignore[assignment, misc]


def plain(arguments: argparse.Namespace, folder: Path) -> None:
    """What a plain Keras script does until its first step is done; prints the seconds since `--since`."""
    import keras

    size = arguments.size
    train = keras.utils.image_dataset_from_directory(
        folder, image_size=(size, size), batch_size=arguments.batch_size, verbose=False
    )
    names = {name.lower(): name for name in dir(keras.applications) if callable(getattr(keras.applications, name))}
    base = getattr(keras.applications, names[arguments.network])(
        include_top=False, weights=None, input_shape=(size, size, 3), pooling="avg"
    )
    model = keras.Sequential([base, keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    class First(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            print(f"first step {time.time() - arguments.since:.2f}", flush=True)
            os._exit(0)

    model.fit(train, verbose=0, callbacks=[First()])


def ours(arguments: argparse.Namespace) -> None:
    """The same with chestbench."""
    from chestbench.training.device import select_backend

    select_backend("tensorflow")
    from chestbench.training import callbacks
    from chestbench.training.data import TrainingData
    from chestbench.training.recipes import train_network

    use_optimizer(arguments.optimizer)
    original = callbacks.EpochEnd.on_train_batch_end

    def first(self, batch, logs=None):
        original(self, batch, logs)
        print(f"first step {time.time() - arguments.since:.2f}", flush=True)
        os._exit(0)

    callbacks.EpochEnd.on_train_batch_end = first  # type: ignore[method-assign]
    images, labels = pictures(96, arguments.size)
    data = TrainingData(images, labels, np.arange(96), images[:16], labels[:16], 2)
    train_network(arguments.network, data, recipe(weights="none", batch_size=arguments.batch_size), seed=1)


def startup(arguments: argparse.Namespace) -> None:
    """Seconds from the start of the process to the end of the first training step, alternating, best of each."""
    import cv2

    found: dict[str, list[float]] = {"plain": [], "ours": []}
    with tempfile.TemporaryDirectory() as temporary:
        images, labels = pictures(96, arguments.size)
        for i, (image, label) in enumerate(zip(images, labels, strict=True)):
            folder = Path(temporary) / f"class{label}"
            folder.mkdir(exist_ok=True)
            cv2.imwrite(str(folder / f"{i:03d}.png"), image)
        for _ in range(arguments.repeats):
            for kind, seconds in found.items():
                command = [sys.executable, __file__, kind, "--folder", temporary, "--since", repr(time.time())]
                options = ["--network", arguments.network, "--size", str(arguments.size)]
                options += ["--optimizer", arguments.optimizer]
                done = subprocess.run(
                    [*command, *options, "--batch-size", str(arguments.batch_size)],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                seconds.append(float(done.stdout.split("first step ")[1]))
    best = {kind: min(seconds) for kind, seconds in found.items()}
    print(
        f"startup {arguments.network} {arguments.size} px, optimizer {arguments.optimizer}: "
        f"plain {best['plain']:.1f} s, chestbench {best['ours']:.1f} s, "
        f"ratio {best['ours'] / best['plain']:.2f} (all: {found})"
    )


def feed(arguments: argparse.Namespace) -> None:
    """Images per second of the feed alone, augmented, without and with the start of an epoch."""
    from chestbench.training.device import select_backend

    select_backend("tensorflow")
    from chestbench.training.augment import AUGMENTATIONS
    from chestbench.training.feed import Feed

    images, labels = pictures(2000, 224)
    for name in ("light", "none"):
        one = Feed(images, labels, np.arange(len(images)), 32, 1, AUGMENTATIONS[name])
        one[0]
        started = time.perf_counter()
        steps = 3 * one.steps
        for i in range(1, 1 + steps):
            one[i]
        print(f"feed 224 px, augment {name}: {32 * steps / (time.perf_counter() - started):.0f} images/s")
        one.close()


def fit(arguments: argparse.Namespace) -> None:
    """Throughput of `fit` with feed and augmentation against the bare train step on one batch, alternating."""
    from chestbench.training.device import describe_device, select_backend

    select_backend("tensorflow")
    import keras

    from chestbench.models.build import build
    from chestbench.models.registry import get
    from chestbench.training.augment import AUGMENTATIONS
    from chestbench.training.compiling import compile_learner
    from chestbench.training.feed import Feed

    use_optimizer(arguments.optimizer)
    images, labels = pictures(512, arguments.size)
    model = build(get(arguments.network), arguments.size, 2)
    batch, steps = arguments.batch_size, arguments.steps
    compile_learner(model, recipe(), 1e-4, "constant", 1000, 2, describe_device())
    one = Feed(images, labels, np.arange(len(images)), batch, 1, AUGMENTATIONS["light"])
    constant = keras.ops.convert_to_tensor(images[:batch]), keras.ops.convert_to_tensor(labels[:batch])
    model.train_on_batch(*constant)
    model.fit(one, steps_per_epoch=2, epochs=1, verbose=0, shuffle=False)

    class Clock(keras.callbacks.Callback):
        """From the end of the first step, so that the making of the iterator is not counted."""

        def on_train_batch_end(self, step, logs=None):
            if step == 0:
                self.started = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds = time.perf_counter() - self.started

    rates: dict[str, list[float]] = {"bare": [], "fit": []}
    for _ in range(arguments.repeats):
        started = time.perf_counter()
        for _ in range(steps):
            model.train_on_batch(*constant)
        rates["bare"].append(batch * steps / (time.perf_counter() - started))
        clock = Clock()
        model.fit(one, steps_per_epoch=steps + 1, epochs=1, verbose=0, shuffle=False, callbacks=[clock])
        rates["fit"].append(batch * steps / clock.seconds)
    one.close()
    bare, fitted = (float(np.median(rates[kind])) for kind in ("bare", "fit"))
    print(
        f"fit {arguments.network} {arguments.size} px batch {batch}, optimizer {arguments.optimizer}: "
        f"{fitted:.1f} images/s, bare step {bare:.1f}, ratio {fitted / bare:.3f}"
    )


def features(arguments: argparse.Namespace) -> None:
    """Ten epochs of a head on cached features, in forward passes over the training images."""
    from chestbench.training.device import select_backend

    select_backend("tensorflow")
    from chestbench.models.build import build
    from chestbench.models.parts import split_backbone
    from chestbench.models.registry import get
    from chestbench.training.data import TrainingData
    from chestbench.training.predict import predict
    from chestbench.training.recipes import train_network

    n, size, batch = arguments.images, arguments.size, arguments.batch_size
    images, labels = pictures(n, size)
    backbone, _ = split_backbone(build(get(arguments.network), size, 2))
    predict(backbone, images[:batch], batch)  # compiles
    started = time.perf_counter()
    predict(backbone, images, batch)
    forward = time.perf_counter() - started
    data = TrainingData(images, labels, np.arange(n), images[: n // 10], labels[: n // 10], 2)
    train = recipe(weights="none", cache_features=True, head_epochs=0, epochs=10, batch_size=batch, patience=0)
    started = time.perf_counter()
    result = train_network(arguments.network, data, train, seed=1)
    total = time.perf_counter() - started
    epochs = sum(row["seconds"] for row in result.progress.history)
    print(
        f"features {arguments.network} {size} px, {n} images: one forward pass {forward:.1f} s, ten epochs of the head "
        f"{epochs:.2f} s, both {1 + epochs / forward:.3f} passes; "
        f"whole training with start-up and validation {total:.1f} s"
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["startup", "feed", "fit", "features", "plain", "ours"])
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--optimizer", choices=["flat", "keras"], default="flat", help="of startup and fit")
    parser.add_argument("--since", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    if arguments.what == "plain":
        plain(arguments, arguments.folder)
    else:
        {"startup": startup, "feed": feed, "fit": fit, "features": features, "ours": ours}[arguments.what](arguments)


if __name__ == "__main__":
    main()
