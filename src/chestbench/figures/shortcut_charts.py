"""Charts of the shortcut audit: what each file property tells, and the pictures as they are blacked out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from chestbench.core.words import heading
from chestbench.figures import fonts
from chestbench.figures.drawing import new_figure, save
from chestbench.shortcuts.auc_words import in_words
from chestbench.shortcuts.folds import ABOVE
from chestbench.shortcuts.inspection import Inspection


def draw_shortcuts(inspection: Inspection, classes: Sequence[str], title: str, synthetic: bool, folder: Path) -> None:
    """Write shortcuts.png and, where there are examples, blacked_out.png.

    Args:
        inspection: AUCs of what should not tell the class, and pictures with the lungs blacked out.
        classes: names, for the lettering.
        title: name of the data set.
        synthetic: whether the pictures say that no patient is shown.
        folder: exists.
    """
    save(
        auc_figure(inspection.record["shortcuts"], f"{title}: what tells the class"),
        folder / "shortcuts.png",
        synthetic,
    )
    if inspection.examples:
        lettering = fonts.choose(list(classes))
        names = {name: lettering.shown[name] for name in inspection.examples}
        with fonts.drawn_with(lettering):
            figure = examples_figure(inspection.examples, names, f"{title}: lungs blacked out, one box for all")
            save(figure, folder / "blacked_out.png", synthetic, lettering.key)


def auc_figure(shortcuts: Mapping[str, Any], title: str) -> Figure:
    """Draw each AUC with its interval; the dashed line is chance, the dotted one where a warning begins."""
    files, outside = shortcuts["file_properties"], shortcuts["blacked_out"]
    entries = [
        ("lungs blacked out", outside["auc"]),
        ("all file properties", files["auc"]),
        *((name.replace("_", " "), auc) for name, auc in files["properties"].items()),
    ]
    figure = new_figure(6.8, 1.3 + 0.3 * len(entries))
    axes = figure.add_subplot()
    for place, (_, auc) in enumerate(entries):
        if auc["value"] is None:
            axes.text(0.02, place, "the same in all images, or not judged", va="center", fontsize=7.5, color="#444444")
            continue
        low, high = (auc["value"] if auc[end] is None else auc[end] for end in ("low", "high"))
        axes.plot([low, high], [place, place], color="black", linewidth=1.4)
        axes.plot([auc["value"]], [place], "o" if place > 1 else "s", color="black", markersize=5)
        axes.text(1.02, place, in_words(auc), va="center", fontsize=7.5)
    axes.axvline(0.5, color="#666666", linestyle="--", linewidth=0.9)
    axes.axvline(ABOVE, color="#666666", linestyle=":", linewidth=1.2)
    axes.set_yticks(range(len(entries)), [name for name, _ in entries])
    axes.invert_yaxis()
    lines = f"dashed: chance; dotted: {ABOVE}, warned of when all above"
    axes.set(xlim=(0, 1), xlabel=f"{heading('macro_auc', short=True)} with 95% interval ({lines})")
    axes.set_title(title, fontsize=10)
    return figure


def examples_figure(examples: Mapping[str, np.ndarray], names: Mapping[str, str], title: str) -> Figure:
    """Draw some blacked-out pictures of each class, a row each."""
    shown = list(examples.items())[:8]
    across = max(len(pictures) for _, pictures in shown)
    figure = new_figure(max(3.6, 1.5 * across), 0.7 + 1.55 * len(shown))
    grid = figure.subplots(len(shown), across, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, (name, pictures) in zip(grid, shown, strict=True):
        for axes, picture in zip(row, pictures, strict=False):
            axes.imshow(picture[:, :, 0], cmap="gray", vmin=0, vmax=255)
        row[0].set_title(names[name], fontsize=9, loc="left")
    figure.suptitle(title, fontsize=10)
    return figure
