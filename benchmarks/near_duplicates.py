"""How well and how fast near-duplicates are found: `python -m benchmarks.near_duplicates [--scale]`.

Recall: of pictures and what becomes of them when they are resized, saved as JPEG, cropped by 5%, made brighter, and of
neighbouring slices of one patient. False pairs: among pictures of different people. Both for each distance of the
hashes (bits) and each correlation of the outlines, as Markdown tables; then the rule in use, with its search and its
windows, and its precision: the share of the pairs found that are of one picture (or of one patient). Drawn slices (the
sample's generator) always, real ones where they lie beside the repository.

`--scale` times the search: seconds and peak memory of 20,000 to 200,000 pictures, blended of two drawn (or real) ones
each, shifted, stretched and turned a little, so that they are as alike as chest pictures are.

What it gave: docs/reference/audits.md.
"""

import argparse
import re
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from chestbench.catalog.hamming import Pairs
from chestbench.catalog.likeness import CROPPED, LOOK_ALIKE
from chestbench.catalog.near_duplicates import NearDuplicates, find_near_duplicates
from chestbench.core.parallel import core_count, ordered_map
from chestbench.datasets.phantom import draw_slice
from chestbench.imaging.decode import UnreadableImage, decode_grey, prepare_opencv
from chestbench.imaging.fingerprint import OUTLINE_LENGTH, SIDE, fingerprint, outlines, window_hashes

REAL = Path(__file__).parents[2] / "shared" / "data"
BITS, CORRELATIONS = (6, 8, 10), (0.90, 0.95, 0.97)
NEAR_IN_SET = 20  # SARS-CoV-2 CT: slices of a patient are numbered one after another, patients have some 20 at most
Change = Callable[[np.ndarray], np.ndarray]


def cut(left: float, top: float, right: float, bottom: float) -> Change:
    """Return what cuts off these shares of the sides."""

    def change(pixels: np.ndarray) -> np.ndarray:
        height, width = pixels.shape
        inside = pixels[round(top * height) : height - round(bottom * height)]
        return np.ascontiguousarray(inside[:, round(left * width) : width - round(right * width)])

    return change


def scaled(factor: float) -> Change:
    """Return what resizes."""
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return lambda pixels: cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how)


def jpeg(quality: int) -> Change:
    """Return what saves as JPEG and reads again."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return lambda pixels: cv2.imdecode(cv2.imencode(".jpg", pixels, settings)[1], cv2.IMREAD_GRAYSCALE)


CHANGES: dict[str, Change] = {
    "resized to 50%": scaled(0.5),
    "resized to 200%": scaled(2),
    "JPEG, quality 75": jpeg(75),
    "JPEG, quality 30": jpeg(30),
    "10% brighter": lambda pixels: cv2.convertScaleAbs(pixels, alpha=1.1),
    "20% darker": lambda pixels: cv2.convertScaleAbs(pixels, alpha=0.8),
    "5% cut off, half of it on each side": cut(0.025, 0.025, 0.025, 0.025),
    "5% cut off at a corner": cut(0.05, 0.05, 0, 0),
    "5% cut off at one side": cut(0, 0.05, 0, 0),
    "5% cut off at each side": cut(0.05, 0.05, 0.05, 0.05),
    "3% cut off at a corner": cut(0.03, 0.03, 0, 0),
    "5% off a corner, 50%, JPEG 30": lambda pixels: jpeg(30)(scaled(0.5)(cut(0.05, 0.05, 0, 0)(pixels))),
}


def prints(pictures: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return hashes, uint64 (N,), and copies, uint8 (N, 1024)."""
    found = list(ordered_map(fingerprint, pictures))
    return np.array([value for value, _ in found], np.uint64), np.array([copy for _, copy in found])


class Judged:
    """Distances and correlations of pairs of pictures, and whether the rule in use pairs them."""

    def __init__(self, hashes: np.ndarray, copies: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
        shown = outlines(copies).astype(np.float32) / OUTLINE_LENGTH
        self.left, self.right = left, right
        self.bits = np.bitwise_count(hashes[left] ^ hashes[right])
        self.correlation = np.concatenate(
            [
                np.einsum("ij,ij->i", shown[left[start : start + 100_000]], shown[right[start : start + 100_000]])
                for start in range(0, max(1, len(left)), 100_000)
            ]
        )
        keys = np.minimum(left, right) * len(copies) + np.maximum(left, right)
        self.found = _pairs(find_near_duplicates(hashes, copies), len(copies))
        self.in_use = np.isin(keys, self.found.left * len(copies) + self.found.right)

    def cells(self, which: np.ndarray | slice = slice(None), as_share: bool = False) -> list[str]:
        """Return one cell for each (bits, correlation), and one for the rule in use."""
        found = [(self.bits <= bits) & (self.correlation >= least) for bits in BITS for least in CORRELATIONS]
        counts = [flags[which] for flags in (*found, self.in_use)]
        return [f"{100 * flags.mean():.1f}%" if as_share else f"{int(flags.sum())}" for flags in counts]

    def precision(self, of: np.ndarray) -> str:
        """Return the share of all pairs found by the rule in use that are of one thing, `of` int (N,) its number."""
        same = of[self.found.left] == of[self.found.right]
        return f"{100 * same.mean():.1f}% ({int(same.sum())} of {len(same)})" if len(same) else "none found"


def _pairs(found: NearDuplicates, size: int) -> Pairs:
    return found.pairs_between(np.arange(size), 10_000_000)[1]


def drawn(patients: int, slices: int, side: int, first: int = 0) -> list[np.ndarray]:
    """Return neighbouring slices of drawn patients, each patient's in a row."""
    plan = [(first + patient, index) for patient in range(patients) for index in range(slices)]
    return list(ordered_map(lambda item: draw_slice(*item, side, side, item[0] % 4 == 0).pixels, plan))


def real(name: str) -> tuple[list[str], list[np.ndarray]]:
    """Return the names and pictures of an archive beside the repository."""
    names, pictures = [], []
    with zipfile.ZipFile(REAL / f"{name}.zip") as archive:
        for member in sorted(archive.namelist()):
            try:
                pictures.append(decode_grey(archive.read(member)).pixels[:, :, 0])
            except UnreadableImage:
                continue
            names.append(member)
    return names, pictures


def head(first: str, *further: str) -> str:
    """Return the head of a table with a column for each (bits, correlation), for the rule in use, and further ones."""
    columns = [*(f"{bits} bits, {least:.2f}" for bits in BITS for least in CORRELATIONS), "in use", *further]
    return f"| {' | '.join([first, *columns])} |\n|---|{'---:|' * len(columns)}"


def measure_changes(kind: str, pictures: list[np.ndarray]) -> None:
    """Print the recall of each change, and the precision among all pictures before and after it.

    Real sets hold copies of their own, which count as false here.
    """
    print(f"\nRecall, {len(pictures)} {kind}\n\n{head('change', 'precision')}")
    size = len(pictures)
    for name, change in CHANGES.items():
        changed = prints(pictures + [change(pixels) for pixels in pictures])
        judged = Judged(*changed, np.arange(size), np.arange(size, 2 * size))
        cells = [*judged.cells(as_share=True), judged.precision(np.arange(2 * size) % size)]
        print(f"| {name} | {' | '.join(cells)} |")


def measure_drawn(patients: int, side: int) -> None:
    """Print the recall on neighbouring drawn slices and the false pairs among drawn patients."""
    slices = 4
    hashes, copies = prints(drawn(patients, slices, side))
    patient = np.arange(len(copies)) // slices
    left, right = np.triu_indices(len(copies), 1)
    judged = Judged(hashes, copies, left, right)
    print(f"\nDrawn slices of {patients} patients: pairs found\n\n{head('pairs')}")
    for gap in (1, 2):
        which = (patient[left] == patient[right]) & (right - left == gap)
        print(f"| slices {gap} apart ({which.sum()}) | {' | '.join(judged.cells(which, as_share=True))} |")
    others = patient[left] != patient[right]
    print(f"| of two patients: false ({others.sum():,}) | {' | '.join(judged.cells(others))} |")
    false = others & judged.in_use
    print(
        f"\nPrecision in use: {judged.precision(patient)}; the false pairs are of "
        f"{len(np.unique(np.stack([patient[left], patient[right]])[:, false], axis=1).T)} pairs of patients."
    )


def measure_real() -> None:
    """Print what is found among real pictures, and how much of it is right as far as file names tell."""
    print(f"\nReal pictures: pairs found\n\n{head('pairs')}")
    names, pictures = real("covid19-radiography-subset")
    label = np.array([name.split("/")[-1].split("-")[0] for name in names])
    left, right = np.triu_indices(len(pictures), 1)
    judged = Judged(*prints(pictures), left, right)
    print(f"| {len(pictures)} X-rays: all pairs | {' | '.join(judged.cells())} |")
    print(f"| of two classes: false | {' | '.join(judged.cells(label[left] != label[right]))} |")
    names, pictures = real("sars-cov-2-ct")
    label = np.array([name.split("/")[-2] for name in names])
    number = np.array([int(re.findall(r"\d+", name.split("/")[-1])[-1]) for name in names])
    left, right = np.triu_indices(len(pictures), 1)
    near = (label[left] == label[right]) & (np.abs(number[left] - number[right]) <= NEAR_IN_SET)
    judged = Judged(*prints(pictures), left, right)
    print(f"| {len(pictures)} CT slices: numbered within {NEAR_IN_SET} | {' | '.join(judged.cells(near))} |")
    print(f"| all others: mostly false | {' | '.join(judged.cells(~near))} |")


def blended(copies: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return new people, uint8 (count, 1024): each two pictures blended, both moved, stretched and turned a little."""
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, len(copies), (count, 2))
    share, bend = generator.uniform(0.35, 0.65, count), generator.normal(0, 1, (count, 2, 6))
    whole = copies.reshape(-1, SIDE, SIDE).astype(np.float32)

    def draw(place: int) -> np.ndarray:
        both = []
        for picture, z in zip(whole[chosen[place]], bend[place], strict=True):
            matrix = np.array([[1 + 0.06 * z[0], 0.04 * z[1], z[2]], [0.04 * z[3], 1 + 0.06 * z[4], z[5]]])
            matrix[:, 2] += SIDE / 2 - matrix[:, :2] @ [SIDE / 2, SIDE / 2]
            both.append(cv2.warpAffine(picture, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE))
        return np.clip(share[place] * both[0] + (1 - share[place]) * both[1], 0, 255).astype(np.uint8).ravel()

    return np.stack([draw(place) for place in range(count)])


def measure_scale(kind: str, copies: np.ndarray, sizes: list[int]) -> None:
    """Print seconds by the clock and of the processor for growing sets, one copy in a hundred planted."""
    everything = blended(copies, max(sizes), 0)
    noisy = everything[: max(sizes) // 100].astype(np.int64) + np.random.default_rng(1).integers(
        -2, 3, (max(sizes) // 100, SIDE * SIDE)
    )
    everything[1::100][: len(noisy)] = np.clip(noisy, 0, 255)
    for size in sizes:
        part = np.ascontiguousarray(everything[:size])
        hashes = np.concatenate([window_hashes(part[start : start + 4096])[:, 0] for start in range(0, size, 4096)])
        clock, processor = time.perf_counter(), time.process_time()
        found = find_near_duplicates(hashes, part)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"| {kind} | {size:,} | {clock:.1f} | {processor:.1f} | {peak:.2f} | {found.pairs:,} |", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=300, help="drawn patients, four slices each (300)")
    parser.add_argument("--side", type=int, default=160, help="side of drawn slices in pixels (160)")
    parser.add_argument("--scale", action="store_true", help="time the search instead")
    parser.add_argument("--images", default="20000,50000,200000", help="numbers of pictures for --scale")
    arguments = parser.parse_args()
    prepare_opencv()
    has_real = REAL.is_dir()
    if arguments.scale:
        sizes = [int(number) for number in arguments.images.split(",")]
        print(
            f"{core_count()} cores\n\n| pictures of | number | s by the clock | s of the processor | peak GB | pairs |"
        )
        print("|---|---:|---:|---:|---:|---:|")
        measure_scale("drawn slices", prints(drawn(arguments.patients, 1, arguments.side))[1], sizes)
        for kind, name in (
            (("X-rays", "covid19-radiography-subset"), ("CT slices", "sars-cov-2-ct")) if has_real else ()
        ):
            measure_scale(kind, prints(real(name)[1])[1], sizes)
        return
    print(
        f"In use: {LOOK_ALIKE.bits} bits and {LOOK_ALIKE.correlation:.2f}; "
        f"for 24 windows {CROPPED.bits} bits and {CROPPED.correlation:.2f}."
    )
    measure_changes("drawn slices", drawn(arguments.patients, 1, arguments.side, first=100_000))
    measure_drawn(arguments.patients, arguments.side)
    if has_real:
        measure_changes("real X-rays", real("covid19-radiography-subset")[1][::3])
        measure_changes("real CT slices", real("sars-cov-2-ct")[1][::2])
        measure_real()


if __name__ == "__main__":
    main()
