"""How fast body and lungs are found: `python -m benchmarks.regions`.

Images/s of one thread for each `preprocess.roi` at 512 px, on drawn CT slices (the sample's generator) and drawn chest
X-rays, against a plain baseline: Gaussian blur, Otsu's threshold and the largest component at full size. Per second of
the processor (what one undisturbed core does) and per second of the clock. Prints a Markdown table.
"""

import argparse
import time
from collections.abc import Callable

import cv2
import numpy as np

from chestbench.datasets.phantom import draw_slice
from chestbench.imaging.decode import prepare_opencv
from chestbench.imaging.regions.find import ROIS, find_region


def draw_xray(number: int, side: int) -> np.ndarray:
    """Return a rough chest X-ray: trunk, lungs, ribs, spine and heart, uint8 (side, side, 1)."""
    generator = np.random.default_rng(number)
    image, unit = np.zeros((side, side), np.uint8), side / 300
    shift = generator.uniform(-8, 8)

    def at(x: float, y: float) -> tuple[int, int]:
        return round((x + shift) * unit), round(y * unit)

    cv2.fillPoly(image, [np.array([at(20, 90), at(120, 40), at(180, 40), at(280, 90), at(265, 300), at(35, 300)])], 150)
    for x in (98, 202):
        cv2.ellipse(image, at(x, 155), (round(38 * unit), round(80 * unit)), 0, 0, 360, 70, -1)
        for y in range(80, 240, 24):
            cv2.ellipse(image, at(x, y), (round(40 * unit), round(14 * unit)), 0, 190, 350, 105, round(4 * unit))
    cv2.rectangle(image, at(140, 40), at(160, 300), 215, -1)
    cv2.ellipse(image, at(160, 205), (round(34 * unit), round(36 * unit)), 0, 0, 360, 210, -1)
    noisy = cv2.GaussianBlur(image, (0, 0), 2 * unit) + generator.normal(0, 4, image.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)[:, :, np.newaxis]


def baseline(pixels: np.ndarray) -> np.ndarray:
    """Keep the largest bright part."""
    smooth = cv2.GaussianBlur(pixels, (0, 0), 2)
    _, bright = cv2.threshold(smooth, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
    return pixels[:, :, 0] * (labels == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA]))


def rates(pictures: list[np.ndarray], work: Callable[[np.ndarray], object], rounds: int) -> tuple[float, float]:
    """Return pictures per processor second and per clock second, the median of some rounds."""
    found = []
    for _ in range(rounds):
        processor, clock = time.process_time(), time.perf_counter()
        for pixels in pictures:
            work(pixels)
        found.append(len(pictures) / np.array([time.process_time() - processor, time.perf_counter() - clock]))
    return tuple(np.median(found, axis=0).tolist())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=60, help="pictures of each kind (60)")
    parser.add_argument("--side", type=int, default=512, help="their side in pixels (512)")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions; the median counts (3)")
    arguments = parser.parse_args()
    prepare_opencv()
    side = arguments.side
    kinds = {
        "CT": [draw_slice(n, 0, side, side, n % 2 == 0).pixels[:, :, np.newaxis] for n in range(arguments.images)],
        "X-ray": [draw_xray(number, side) for number in range(arguments.images)],
    }
    mask = np.zeros((side, side), np.uint8)
    cv2.ellipse(mask, (side // 2, side // 2), (side // 3, side // 4), 0, 0, 360, 255, -1)
    print(f"{arguments.images} drawn pictures of {side} px of each kind, one thread, median of {arguments.rounds}\n")
    print("| picture | region | images/s of a core | images/s by the clock | not found |\n|---|---|---:|---:|---:|")
    for kind, pictures in kinds.items():
        core, clock = rates(pictures, baseline, arguments.rounds)
        print(f"| {kind} | baseline | {core:.0f} | {clock:.0f} | |")
        for roi in ROIS[1:]:
            core, clock = rates(pictures, lambda pixels, roi=roi: find_region(pixels, roi, mask), arguments.rounds)
            missed = sum(find_region(pixels, roi, mask).reason != "" for pixels in pictures)
            print(f"| {kind} | {roi} | {core:.0f} | {clock:.0f} | {missed} |")


if __name__ == "__main__":
    main()
