"""How fast networks learn on one card, by backend, precision and batch, beside plain PyTorch: one command.

    python -m benchmarks.gpu              prints the table and writes it into docs/reference/speed.md
    python -m benchmarks.gpu --small      the same at toy size, to see that it runs (on a CPU too); writes nothing

Every line is a process of its own, run twice with a compile cache of its own: the first gives the cold first step, the
second all else. What is not installed is left out with a word, and so is what would end after eight minutes.
Needs: keras, numpy, opencv-python-headless, tqdm, pydantic; and those of jax[cuda12], torch, torchvision and
tensorflow[and-cuda] that are to be measured.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE, BEGIN, END = ROOT / "docs/reference/speed.md", "<!-- gpu table: begin -->", "<!-- gpu table: end -->"
SECONDS = 8 * 60
HEAD = (
    "| network | backend | precision | batch | first step cold, s | warm, s | images/s | in steps | J per 1,000 images "
    "| peak GB |\n|---|---|---|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True)
class Case:
    """One line: `backend` is one of keras', or plain (torchvision on one batch that lies on the card), or compiled."""

    network: str
    backend: str
    precision: str
    batch: int
    size: int = 224
    images: int = 468
    epochs: int = 3


CASES = [
    *(Case("resnet50", "jax", "mixed_bfloat16", batch) for batch in (32, 64, 256)),
    *(Case("resnet50", "plain", "mixed_bfloat16", batch) for batch in (32, 64, 256)),
    Case("resnet50", "compiled", "mixed_bfloat16", 64),
    Case("resnet50", "jax", "float32", 64),
    Case("efficientnet_b0", "jax", "mixed_bfloat16", 64),
    Case("resnet50", "torch", "mixed_bfloat16", 64),
    Case("resnet50", "tensorflow", "mixed_bfloat16", 64),
]
SMALL = [
    Case("simple_gmp", "jax", "float32", 8, 32, 24, 2),
    Case("simple_gmp", "torch", "float32", 8, 32, 24, 2),
    Case("simple_gmp", "tensorflow", "float32", 8, 32, 24, 2),
    Case("resnet50", "plain", "float32", 2, 32, 8, 2),
]


def measure(case: Case) -> dict[str, Any]:
    """Train in this process and return what a line says."""
    return _plain(case) if case.backend in ("plain", "compiled") else _ours(case)


def _ours(case: Case) -> dict[str, Any]:
    started = time.monotonic()
    sys.path.insert(0, str(ROOT / "src"))
    from chestbench.training.compile_cache import keep_compiled
    from chestbench.training.device import describe_device, select_backend

    keep_compiled(select_backend(case.backend))
    import numpy as np

    from chestbench.core.config import load_config
    from chestbench.training.data import TrainingData
    from chestbench.training.energy import EnergyMeter
    from chestbench.training.recipes import train_network

    changes = {"weights": "none", "precision": case.precision, "epochs": case.epochs, "batch_size": case.batch}
    train = load_config(ROOT / "params.yaml").train.model_copy(update=changes)
    rng, labels = np.random.default_rng(0), np.arange(case.images) % 2
    images = rng.integers(0, 256, (case.images, case.size, case.size, 1), dtype=np.uint8)
    data = TrainingData(images, labels, np.arange(case.images), images[:64], labels[:64], 2)
    device = describe_device()
    before = time.monotonic() - started
    with EnergyMeter(device.kind == "gpu") as meter:
        progress = train_network(case.network, data, train, seed=1).progress
    last, seen = progress.history[-1], case.epochs * -(-case.images // case.batch) * case.batch
    # The last epoch: everything is compiled by then.
    steps = -(-case.images // case.batch) * case.batch / last["images_per_second"]
    joules = meter.joules["gpu" if device.kind == "gpu" else "cpu"]
    return {
        "device": str(device),
        "first": before + progress.first_step_seconds,
        "rate": last["images_per_second"],
        "share": min(1.0, steps / last["seconds"]),
        "joules": None if joules is None else joules / seen * 1000,
        "peak": _peak(case.backend, device.kind),
    }


def _plain(case: Case) -> dict[str, Any]:
    started = time.monotonic()
    import torch
    import torchvision

    sys.path.insert(0, str(ROOT / "src"))
    from chestbench.training.energy import EnergyMeter

    card = "cuda" if torch.cuda.is_available() else "cpu"
    model: Any = getattr(torchvision.models, case.network)(num_classes=2).to(card, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), fused=card == "cuda")
    if case.backend == "compiled":
        model = torch.compile(model)
    x = torch.rand(case.batch, 3, case.size, case.size, device=card).to(memory_format=torch.channels_last)
    y = torch.arange(case.batch, device=card) % 2
    half = case.precision != "float32"

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(card, torch.bfloat16, enabled=half):
            loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()

    def ready() -> float:
        if card == "cuda":
            torch.cuda.synchronize()
        return time.monotonic()

    step()
    first = ready() - started
    for _ in range(5):
        step()
    steps, began = case.epochs * -(-case.images // case.batch), ready()
    with EnergyMeter(card == "cuda") as meter:
        for _ in range(steps):
            step()
        seconds = ready() - began
    joules = meter.joules["gpu" if card == "cuda" else "cpu"]
    return {
        "device": torch.cuda.get_device_name(0) if card == "cuda" else "CPU",
        "first": first,
        "rate": steps * case.batch / seconds,
        "share": None,
        "joules": None if joules is None else joules / (steps * case.batch) * 1000,
        "peak": _peak("torch", "gpu" if card == "cuda" else "cpu"),
    }


def _peak(backend: str, kind: str) -> float:
    """Return gigabytes: of the card, on a CPU of the process."""
    if kind == "cpu":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    if backend == "jax":
        import jax

        return jax.devices()[0].memory_stats()["peak_bytes_in_use"] / 1e9
    if backend == "torch":
        import torch

        return torch.cuda.max_memory_allocated() / 1e9
    import tensorflow as tf

    return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e9


def in_a_process(case: Case, cache: Path, seconds: float) -> dict[str, Any] | str:
    """Return what `measure` gives in a process of its own, or why there is nothing."""
    environment = {**os.environ, "DVC_ROOT": str(cache), "KERAS_BACKEND": ""}
    environment |= {"TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor")} if case.backend == "compiled" else {}
    command = [sys.executable, "-m", "benchmarks.gpu", "--case", json.dumps(asdict(case))]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "not measured: the eight minutes were over"
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['no word'])[-1][:120]}"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def line(case: Case, cold: dict[str, Any], warm: dict[str, Any]) -> str:
    """Return one line of the table."""
    share = "" if warm["share"] is None else f"{warm['share']:.0%}"
    joules = "" if warm["joules"] is None else f"{warm['joules']:,.0f}"
    return (
        f"| {case.network} | {case.backend} | {case.precision.removeprefix('mixed_')} | {case.batch} "
        f"| {cold['first']:.1f} | {warm['first']:.1f} | {warm['rate']:,.0f} | {share} | {joules} | {warm['peak']:.1f} |"
    )


def table(cases: list[Case], seconds: float = SECONDS) -> str:
    """Measure every case that can be and return the table with the card and the versions above it."""
    ends, rows, devices, notes = time.monotonic() + seconds, [], set(), []
    for case in cases:
        needs = {"plain": ("torch", "torchvision"), "compiled": ("torch", "torchvision")}.get(
            case.backend, (case.backend,)
        )
        missing = [name for name in needs if importlib.util.find_spec(name) is None]
        said: dict[str, Any] | str = f"not measured: {', '.join(missing)} is not installed" if missing else ""
        if not missing:
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / ".dvc").mkdir()
                runs = [in_a_process(case, Path(folder), max(1.0, ends - time.monotonic())) for _ in range(2)]
            cold, warm = runs
            if isinstance(cold, dict) and isinstance(warm, dict):
                rows.append(line(case, cold, warm))
                devices.add(warm["device"])
                print(rows[-1], flush=True)
                continue
            said = next(run for run in runs if isinstance(run, str))
        notes.append(f"{case.network}, {case.backend}, batch {case.batch}: {said}.")
        print(notes[-1], flush=True)
    above = f"{', '.join(sorted(devices)) or 'no device'}; {versions()}"
    return "\n\n".join([above, "\n".join([HEAD, *rows]), *notes])


def versions() -> str:
    """Return the versions of what computes, of those that are installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in ("keras", "jax", "torch", "tensorflow"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def write(text: str, page: Path = PAGE) -> None:
    """Put the table between the page's two marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="toy size; nothing is written")
    parser.add_argument("--case", help="one case as JSON, in this process")
    arguments = parser.parse_args()
    if arguments.case:
        print(json.dumps(measure(Case(**json.loads(arguments.case)))))
        return
    text = table(SMALL if arguments.small else CASES)
    print(f"\n{text}")
    if not arguments.small:
        write(text)


if __name__ == "__main__":
    main()
