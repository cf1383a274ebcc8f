"""How fast and how lean catalog, split and preprocess are: `python -m benchmarks.data_stages`.

Speed: images/s of each stage against bare OpenCV (imdecode to grey and resize, from memory, one thread a core) on
the same pictures, made for the purpose: 512 px grey PNGs of about 100 KB. Memory: the peak of a process of its own at N
and at 10 N images. Prints Markdown tables. Everything is written to a temporary folder.

What it gave: docs/explanation/speed.md.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import cv2
import numpy as np

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.report import summarise, write_report
from chestbench.core.config import Dataset, load_config
from chestbench.core.parallel import core_count, ordered_map
from chestbench.preparation.folders import assign_splits, write_split
from chestbench.preparation.loading import SplitFolder
from chestbench.preparation.preprocessing import SplitFacts, preprocess_split

STAGES = ("catalog", "split", "preprocess")
SIZE = 224
CLASSES, PER_PATIENT = ("negative", "positive"), 4


def synthetic_png(number: int, side: int) -> bytes:
    """Return a smooth, slightly noisy grey picture as PNG, of a size per pixel as real CT slices have."""
    generator = np.random.default_rng(number)
    coarse = generator.integers(0, 256, (16, 16), dtype=np.uint8)
    smooth = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    noise = generator.normal(0, 1.5, (side, side))
    noise[generator.random((side, side)) < 0.6] = 0
    return cv2.imencode(".png", np.clip(smooth + noise, 0, 255).astype(np.uint8))[1].tobytes()


def write_archive(path: Path, count: int, side: int) -> int:
    """Write a zip of `count` pictures in two classes; return their bytes."""
    total = 0
    with zipfile.ZipFile(path, "w") as archive:
        for number, data in enumerate(ordered_map(lambda item: synthetic_png(item, side), range(count))):
            patient = number // PER_PATIENT
            archive.writestr(f"{CLASSES[patient % 2]}/patient-{patient:06d}/{number:07d}.png", data)
            total += len(data)
    return total


def describe_dataset() -> Dataset:
    """Return the data set description of such an archive."""
    sample = load_config(Path(__file__).parents[1] / "params.yaml").dataset
    return sample.model_copy(update={"group_pattern": r"(?P<group>patient-\d+)", "classes": None, "exclude": []})


def run_stage(stage: str, folder: Path) -> None:
    """Do one stage's work in a folder, as the stage file does."""
    archive, table = folder / "archive.zip", folder / "catalog.csv"
    if stage == "catalog":
        catalog = build_catalog(archive, describe_dataset(), table)
        write_report(
            catalog, summarise(catalog, "benchmark", {}), "benchmark", folder / "catalog.json", folder / "results"
        )
    elif stage == "split":
        assignment = assign_splits(table, {"train": 0.7, "val": 0.1, "test": 0.2}, 42)
        write_split(archive, table, assignment, folder / "split", folder / "masks", folder / "split.csv")
    else:
        settings = load_config(Path(__file__).parents[1] / "params.yaml").preprocess.model_copy(update={"size": SIZE})
        source = SplitFolder(folder / "split", folder / "split.csv")
        preprocess_split(source, folder / "processed", settings, SplitFacts("patient"))


def bare_images_per_second(archive: Path) -> float:
    """Decode to grey and resize every picture of a zip with OpenCV alone, one thread a core, bytes in memory."""
    cv2.setNumThreads(1)
    with zipfile.ZipFile(archive) as opened:
        pictures = [np.frombuffer(opened.read(name), np.uint8) for name in opened.namelist()]

    def decode(data: np.ndarray) -> int:
        pixels = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
        assert pixels is not None
        return cv2.resize(pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA).size

    started = time.perf_counter()
    for _ in ordered_map(decode, pictures):
        pass
    return len(pictures) / (time.perf_counter() - started)


def peak_megabytes() -> float:
    """Return the peak resident memory of this process; on Linux without what the parent held before it started us."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(re.findall(r"VmHWM:\s*(\d+)", status.read_text())[0]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def measure_speed(count: int, side: int, rounds: int) -> None:
    """Print images/s of each stage beside bare OpenCV; the rounds alternate, and the median of each counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mean = write_archive(folder / "archive.zip", count, side) / count
        found: dict[str, list[float]] = {stage: [] for stage in ("bare OpenCV", *STAGES)}
        for _ in range(rounds):
            found["bare OpenCV"].append(bare_images_per_second(folder / "archive.zip"))
            for stage in STAGES:
                started = time.perf_counter()
                run_stage(stage, folder)
                found[stage].append(count / (time.perf_counter() - started))
    print(f"\n{count} PNGs of {side} px, {mean / 1000:.0f} KB each, {core_count()} cores, median of {rounds}\n")
    print("| stage | images/s | of bare OpenCV |\n|---|---:|---:|")
    for stage, rates in found.items():
        ratio = np.median(np.array(rates) / np.array(found["bare OpenCV"]))
        print(f"| {stage} | {np.median(rates):.0f} | {ratio:.2f} |")


def measure_memory(count: int, side: int) -> None:
    """Print the peak memory of each stage at `count` and ten times as many images."""
    peaks: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for number in (count, 10 * count):
        with tempfile.TemporaryDirectory() as name:
            write_archive(Path(name) / "archive.zip", number, side)
            for stage in STAGES:
                command = [sys.executable, "-m", "benchmarks.data_stages", "--stage", stage, "--folder", name]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                peaks[stage].append(float(done.stdout))
    print(f"\nPeak memory, pictures of {side} px\n")
    print(f"| stage | {count} images, MB | {10 * count} images, MB | ratio |\n|---|---:|---:|---:|")
    for stage, (small, large) in peaks.items():
        print(f"| {stage} | {small:.0f} | {large:.0f} | {large / small:.2f} |")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=400, help="pictures of the speed test (400)")
    parser.add_argument("--side", type=int, default=512, help="side of the pictures of the speed test in pixels (512)")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of the speed test (3)")
    parser.add_argument(
        "--memory-images", type=int, default=200, help="pictures of the memory test, then ten times as many (200)"
    )
    parser.add_argument(
        "--memory-side", type=int, default=256, help="side of the pictures of the memory test in pixels (256)"
    )
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stage:
        run_stage(arguments.stage, arguments.folder)
        print(peak_megabytes())
        return
    measure_speed(arguments.images, arguments.side, arguments.rounds)
    measure_memory(arguments.memory_images, arguments.memory_side)


if __name__ == "__main__":
    main()
