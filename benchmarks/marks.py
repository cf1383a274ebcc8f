"""How often `chestbench predict` marks what it should, and what it should not: `python -m benchmarks.marks`.

For the sample and each real set beside the repository: the data stages make train, val and test as for a training (at
--size, 224 pixels), the pictures of train and val are measured as `evaluate` does, and files go through the steps of
`predict`. In percent, as one Markdown table: pictures of the test part that get no decision although they are of the
kind (false), or that are taken for a copy (groups of look-alikes do not cross the split, so those are false too); and
of others, how many get no decision: photographs (scikit-learn's, matplotlib's and, where it is installed,
scikit-image's, in grey), magnetic resonance (pydicom's and matplotlib's), the test parts of the other modality, and the
test part turned over; and copies of training pictures, saved as JPEG of quality 70, or at half their size.

No network has a say in it. What it gave: docs/reference/predict.md.
"""

import argparse
import contextlib
import gzip
import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from chestbench.core.config import load_config
from chestbench.core.parallel import ordered_map
from chestbench.imaging.decode import UnreadableImage, decode_grey, prepare_opencv
from chestbench.measures.familiar import Familiar
from chestbench.preparation.arrays import load_info, load_split
from chestbench.repository.parameters import compose
from chestbench.serving.description import Description
from chestbench.serving.marks import COPY, marks_of, refusal
from chestbench.serving.pictures import Prepared, prepare_file
from stages import catalog, download, preprocess, split

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "data"
SETS = {
    "sample": ("CT", None),
    "SARS-CoV-2 CT": ("CT", "sars-cov-2-ct.zip"),
    "COVID-19 Radiography": ("X-ray", "covid19-radiography-subset.zip"),
    "PneumoniaMNIST": ("X-ray", "pneumoniamnist.npz"),
}
MOST = 300  # files of each kind
Change = Callable[[np.ndarray], bytes]


def png(pixels: np.ndarray) -> bytes:
    """Return a picture as a file."""
    return cv2.imencode(".png", pixels)[1].tobytes()


def turned_over(pixels: np.ndarray) -> bytes:
    """Return the negative as a file."""
    return png(255 - pixels)


def as_jpeg(pixels: np.ndarray) -> bytes:
    """Return a picture saved as JPEG."""
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()


def halved(pixels: np.ndarray) -> bytes:
    """Return a picture at half its size."""
    return png(cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def prepare(folder: Path, modality: str, path: Path | None, size: int) -> None:
    """Run the data stages of a set in a folder."""
    name = [f"dataset.path={path}", "dataset.name=real"] if path else []
    lines = ["dataset=folder", *name] if path else ["dataset=sample"]
    compose(ROOT / "conf", folder / "params.yaml", [*lines, f"dataset.modality={modality}", f"preprocess.size={size}"])
    config = load_config(folder / "params.yaml")
    with contextlib.chdir(folder):
        for stage in (download, catalog, split, preprocess):
            stage.work(config, argparse.Namespace())


def files_of(folder: Path, part: str) -> list[bytes]:
    """Return files of a part, evenly chosen."""
    paths = sorted(path for path in (folder / "data/split" / part).rglob("*") if path.is_file())
    chosen = np.unique(np.linspace(0, len(paths) - 1, min(MOST, len(paths))).astype(int))
    return [paths[place].read_bytes() for place in chosen]


def changed(files: Iterable[bytes], change: Change) -> Iterator[bytes]:
    """Yield files after a change of their pixels."""
    return (change(decode_grey(data).pixels) for data in files)


def photographs() -> list[bytes]:
    """Return photographs as grey PNG: colour would be marked by itself."""
    folders = []
    for package, inside in (
        ("sklearn", "datasets/images"),
        ("skimage", "data"),
        ("matplotlib", "mpl-data/sample_data"),
    ):
        found = importlib.util.find_spec(package)
        if found and found.submodule_search_locations:
            folders.append(Path(found.submodule_search_locations[0]) / inside)
    files = []
    for path in sorted(path for folder in folders for path in folder.glob("*")):
        if path.suffix in (".jpg", ".png"):
            with contextlib.suppress(UnreadableImage):
                files.append(png(decode_grey(path.read_bytes()).pixels))
    return files


def resonance() -> list[bytes]:
    """Return slices of magnetic resonance as PNG: as DICOM their modality is read, and they are refused."""
    import matplotlib
    import pydicom
    from pydicom.data import get_testdata_file

    slices = [pydicom.dcmread(get_testdata_file("MR_small.dcm")).pixel_array.astype(float)]
    packed = Path(matplotlib.get_data_path()) / "sample_data" / "s1045.ima.gz"
    if packed.is_file():
        slices.append(np.frombuffer(gzip.decompress(packed.read_bytes()), np.uint16).reshape(256, 256).astype(float))
    return [png(((one - one.min()) / np.ptp(one) * 255).astype(np.uint8)) for one in slices]


class Judge:
    """What `predict` says of files, by the pictures of one set."""

    def __init__(self, folder: Path, modality: str) -> None:
        processed = folder / "data/processed"
        info = load_info(processed)
        train, val = load_split(processed, "train"), load_split(processed, "val")
        begun = time.monotonic()
        self.familiar = Familiar.fit(train.images, train.groups, val.images)
        self.seconds = time.monotonic() - begun
        told = {key: info[key] for key in ("classes", "fit", "roi", "grey")}
        self._described = Description.from_json(
            {**told, "image_size": info["size"], "modality": modality, "backend": "tensorflow"}, "info.json"
        )

    def shares(self, files: Iterable[bytes]) -> tuple[int, float, float]:
        """Return how many files there are, and percent of them without a decision, and taken for a copy."""

        def read(data: bytes) -> Prepared:
            return next(iter(prepare_file(data, self._described)))

        pictures = [picture for picture in ordered_map(read, files) if picture.pixels is not None]
        if not pictures:  # half of 28 pixels is too small to be read
            return 0, float("nan"), float("nan")
        images = np.stack([picture.pixels for picture in pictures if picture.pixels is not None])
        marks = marks_of(pictures, images, self.familiar)
        undecided = sum(bool(refusal(one)) for one in marks)
        return len(marks), 100 * undecided / len(marks), 100 * sum(COPY in one for one in marks) / len(marks)


def measure(size: int) -> None:
    """Print the table."""
    prepare_opencv()
    columns = ["photographs", "MR", "other modality", "turned over", "JPEG", "half size"]
    print(f"| {size} px, percent | test, no decision | test, copy | " + " | ".join(columns) + " | fit |")
    print("|---|" + "---:|" * (len(columns) + 3))
    with tempfile.TemporaryDirectory() as temporary:
        folders: dict[str, Path] = {}
        for name, (modality, file) in SETS.items():
            path = REAL / file if file else None
            if path is None or path.is_file():
                folders[name] = Path(temporary) / f"set{len(folders)}"
                folders[name].mkdir()
                prepare(folders[name], modality, path, size)
        for name, folder in folders.items():
            modality = SETS[name][0]
            judge, own = Judge(folder, modality), files_of(folder, "test")
            count, undecided, copies = judge.shares(own)
            other = [
                data for each, place in folders.items() if SETS[each][0] != modality for data in files_of(place, "test")
            ]
            cells = [f"{undecided:.1f} of {count}", f"{copies:.1f}"]
            train = files_of(folder, "train")
            for files in (photographs(), resonance(), other, changed(own, turned_over)):
                if isinstance(files, list) and not files:
                    cells.append("-")
                    continue
                total, share, _ = judge.shares(files)
                cells.append(f"{share:.1f} of {total}")
            cells += [f"{judge.shares(changed(train, change))[2]:.1f}" for change in (as_jpeg, halved)]
            print(f"| {name} ({modality}) | " + " | ".join(cells) + f" | {judge.seconds:.1f} s |", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=224, help="side of what networks see (224)")
    measure(parser.parse_args().size)


if __name__ == "__main__":
    main()
