"""What all charts share: an empty figure, the notice at its foot, and styles that differ without colour."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from chestbench.core.files import atomic_file
from chestbench.core.notice import NOTICE, SYNTHETIC

LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 2)), (0, (3, 3, 1, 3)))
COLOURS = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666")
MARKERS = "osD^vPX*"
HATCHES = ("///", "...", "\\\\\\", "xxx", "---", "ooo", "+++", "|||")


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure (inches) whose layout leaves room for every label."""
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: Path, synthetic: bool, key: str = "") -> None:
    """Add the notice (and `synthetic images`, and the lettering's key) at the foot and write a PNG, atomically."""
    foot = f"{SYNTHETIC}; {NOTICE}" if synthetic else NOTICE
    figure.supxlabel(f"{key}\n{foot}" if key else foot, fontsize=7.5, color="#444444")
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110, metadata={"Software": "chestbench"})


def line_style(place: int) -> dict[str, Any]:
    """Return colour and dash pattern of the place-th line, distinct without colour for eight lines."""
    return {
        "color": COLOURS[place % len(COLOURS)],
        "linestyle": LINES[place % len(LINES)],
        "linewidth": 1.6 + 0.6 * (place // len(LINES) % 2),
    }
