"""Draw the README's picture from the last run: what comes in, what is checked, where a network looks, what comes out.

    python -m benchmarks.overview                                    after `dvc repro`; writes docs/images/overview.png
    python -m benchmarks.overview --root FOLDER --output FILE

Trains and measures nothing: pictures are of data/split/train, the audit of metrics/audit.json, the heat map of the
first test image of the first class that the chosen network called right, the figures of metrics/leaderboard.csv.
"""

import argparse
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from chestbench.core.files import read_json
from chestbench.figures.drawing import new_figure, save
from chestbench.shortcuts.folds import ABOVE

ACROSS = 4
AUDITED = ("file properties", "lungs blacked out")


def draw(
    pictures: Mapping[str, Sequence[np.ndarray]],
    audited: Sequence[Mapping[str, float]],
    heat: tuple[np.ndarray, np.ndarray],
    board: pd.DataFrame,
    output: Path,
) -> None:
    """Draw the four parts, two in a row.

    Args:
        pictures: uint8 (H, W) of each class.
        audited: AUC with value, low and high, in the order of `AUDITED`.
        heat: a test image, uint8 (H, W), and what speaks for its class, float (H, W), 0 to 1.
        board: the leaderboard, best on val first.
        output: the .png to write.
    """
    figure = new_figure(10.4, 5.6)
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.15])
    parts = [*top.subfigures(1, 2, width_ratios=[1, 0.95]), *bottom.subfigures(1, 2, width_ratios=[1, 1.5])]
    titles = (
        "1  pictures come in",
        "2  audited: can the class be told without the lungs?",
        "3  where the chosen network looks",
        "4  compared on patients never seen",
    )
    for part, title in zip(parts, titles, strict=True):
        part.suptitle(title, fontsize=11, x=0.02, ha="left")
    grid = parts[0].subplots(len(pictures), ACROSS, squeeze=False)
    for row, (name, shown) in zip(grid, pictures.items(), strict=True):
        for axes, picture in zip_longest(row, shown[:ACROSS]):
            _show(axes, picture)
        row[0].set_title(name, fontsize=9, loc="left")
    axes = parts[1].subplots()
    _points(axes, AUDITED, audited)
    axes.axvline(ABOVE, color="#666666", linestyle=":", linewidth=1.2)
    axes.set(xlim=(0, 1), xlabel="AUC, 95% (dashed: chance; dotted: a warning above)")
    image, strength = heat
    plain, hot = parts[2].subplots(1, 2)
    _show(plain, image)
    _show(hot, image)
    hot.imshow(strength, cmap="inferno", vmin=0, vmax=1, alpha=0.55)
    axes = parts[3].subplots()
    ends = board[["test_balanced_accuracy", "test_balanced_accuracy_low", "test_balanced_accuracy_high"]]
    rows = [dict(zip(("value", "low", "high"), row, strict=True)) for row in ends.to_numpy(float)]
    _points(axes, list(board["model"]), rows)
    axes.set(xlim=(0.4, 1.01), xlabel="test balanced accuracy, 95% over patients (dashed: guessing)")
    save(figure, output, synthetic=True)


def _show(axes: Axes, picture: np.ndarray | None) -> None:
    axes.set_axis_off()
    if picture is not None:
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255)


def _points(axes: Axes, names: Sequence[str], rows: Sequence[Mapping[str, float]]) -> None:
    """Draw each value with its interval; a row without one (NaN) is a point."""
    for place, row in enumerate(rows):
        axes.plot([row["low"], row["high"]], [place, place], color="black", linewidth=1.6)
        axes.plot([row["value"]], [place], "o", color="black", markersize=5)
    axes.axvline(0.5, color="#666666", linestyle="--", linewidth=0.9)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)


def pictures_of(folder: Path) -> dict[str, list[np.ndarray]]:
    """Return the first pictures of each class folder, in order of name."""
    return {
        path.name: [cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in sorted(path.iterdir())[:ACROSS]]
        for path in sorted(folder.iterdir())
    }


def heat_of(root: Path, network: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the first test image of the first class that `network` called right, and its heat map."""
    import keras

    from chestbench.figures.gradcam import heat_maps

    said = pd.read_csv(root / "results/models" / network / "predictions.csv", dtype={"image_id": str})
    table = pd.read_csv(root / "data/processed/test.csv", dtype={"image_id": str})
    right = said[(said["split"] == "test") & (said["label"] == said["predicted"])]["image_id"]
    place = table[(table["class_index"] == 0) & table["image_id"].isin(right)].index
    if not len(place):
        raise SystemExit(f"expected a test image of the first class that {network} calls right, found none")
    images = np.load(root / "data/processed/test.npy")[place[:1]]
    model = keras.saving.load_model(root / "models" / network / "model.keras")
    return images[0, :, :, 0], heat_maps(model, images, np.array([0]))[0]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(), help="folder of the finished run (the current one)")
    parser.add_argument("--output", type=Path, default=Path("docs/images/overview.png"), help="the .png to write")
    arguments = parser.parse_args()
    root = arguments.root
    board = pd.read_csv(root / "metrics/leaderboard.csv")
    shortcuts = read_json(root / "metrics/audit.json")["shortcuts"]
    audited = [shortcuts["file_properties"]["auc"], shortcuts["blacked_out"]["auc"]]
    heat = heat_of(root, str(board["model"].iloc[0]))
    draw(pictures_of(root / "data/split/train"), audited, heat, board, arguments.output)
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
