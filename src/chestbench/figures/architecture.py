"""A drawing of a network: its stages as boxes from the picture at the top to the probabilities at the bottom."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from chestbench.figures.drawing import new_figure
from chestbench.models.heads import FEATURES

if TYPE_CHECKING:
    import keras

PREPARING = re.compile(r"grey|grey_to_three_channels|(normalisation|normalization|rescaling)(_\d+)?")
# conv2_block3_out, block4a_expand_conv, block2_unit03_a_norm: the stage, and the block in it.
STAGED = re.compile(r"(?P<stage>(?:conv|block)\d+)_?(?P<block>block\d+|unit\d+|[a-z](?=_))?_")
NUMBERED = re.compile(r"[a-z]+(?P<level>\d+)")
# Names that keras makes up say nothing: such layers go with the next that has one (Inception's mixed0 to mixed10).
UNNAMED = re.compile(
    r"(conv2d|batch_normalization|activation|re_lu|add|concatenate|(average|max)_pooling2d|zero_padding2d)(_\d+)?"
    r"|mixed\d+_\d"
)
INK = "#222222"
# Shade and outline of each kind of stage.
LOOKS = {"input": ("white", ":"), "normalisation": ("white", "--"), "body": ("#e6e6e6", "-"), "head": ("#c4c4c4", "-")}


@dataclass
class Stage:
    """Some layers in a row: their name, how many blocks they make, what comes out and how many parameters they have."""

    name: str
    kind: str
    blocks: set[str]
    layers: int = 0
    convolutions: int = 0
    parameters: int = 0
    shape: tuple[int | None, ...] = ()

    def add(self, layer: "keras.Layer", block: str | None) -> None:
        """Count one more layer, the last so far."""
        self.layers += 1
        self.convolutions += "Conv" in type(layer).__name__
        self.parameters += layer.count_params()
        self.shape = tuple(layer.output.shape[1:])
        if block:
            self.blocks.add(block)


def stages_of(model: "keras.Model") -> list[Stage]:
    """Return the stages of a network of the registry, in order; every layer is in one of them."""
    found: list[Stage] = []
    waiting: list[keras.Layer] = []
    in_head = False
    for layer in model.layers:
        in_head = in_head or layer.name == FEATURES
        name, kind, block = layer.name, "head", None
        if not found:
            name, kind = "input", "input"
        elif in_head:
            name = f"{layer.name} ({type(layer).__name__})"
        elif PREPARING.fullmatch(layer.name):
            name, kind = "normalisation", "normalisation"
        elif UNNAMED.fullmatch(layer.name):
            # Before the first name it is the pools that end a stage.
            stem = [stage for stage in found if stage.kind == "body"]
            if "MaxPooling" not in type(layer).__name__ or any(not one.name.startswith("stem") for one in stem):
                waiting.append(layer)
                continue
            name, kind = f"stem {len(stem) + 1}", "body"
        else:
            kind = "body"
            staged, numbered = STAGED.match(layer.name), NUMBERED.fullmatch(layer.name)
            if staged:
                name, block = staged["stage"], staged["block"]
            elif numbered and not layer.name.startswith("mixed"):
                name = f"level {numbered['level']}"
            else:
                name = layer.name.partition("_")[0]
        # Branches make the order of names unsteady: a stage goes on where one of its layers comes late.
        same = next((stage for stage in found if stage.name == name and stage.kind == kind), None)
        if same is None:
            same = Stage(name, kind, set())
            found.append(same)
        for held in waiting:
            same.add(held, None)
        waiting.clear()
        same.add(layer, block)
    if waiting:
        raise ValueError(f"expected a layer named {FEATURES} after {waiting[-1].name}, received none")
    return found


def architecture_figure(model: "keras.Model", title: str) -> Figure:
    """Draw the stages from top to bottom with what comes out of each and its parameters; shades tell their kinds."""
    stages = stages_of(model)
    figure = new_figure(6.4, 1.1 + 0.62 * len(stages))
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set(xlim=(0, 10), ylim=(len(stages) - 0.35, -0.65))
    for row, stage in enumerate(stages):
        shade, outline = LOOKS[stage.kind]
        rounded = "round,pad=0,rounding_size=0.1"
        box = FancyBboxPatch(
            (0.3, row - 0.33), 9.4, 0.62, boxstyle=rounded, edgecolor=INK, facecolor=shade, linestyle=outline
        )
        axes.add_patch(box)
        axes.text(0.55, row, f"{stage.name}{_contents(stage)}", va="center", fontsize=9, color=INK, parse_math=False)
        axes.text(6.75, row, _size(stage.shape), va="center", ha="center", fontsize=9, color=INK)
        count = f"{stage.parameters:,}" if stage.parameters else "-"
        axes.text(9.5, row, count, va="center", ha="right", fontsize=9, color=INK)
        if row:
            axes.annotate("", (5, row - 0.33), (5, row - 0.71), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(0.55, -0.5, "stage", fontsize=8, color=INK)
    axes.text(6.75, -0.5, "output", ha="center", fontsize=8, color=INK)
    axes.text(9.5, -0.5, "parameters", ha="right", fontsize=8, color=INK)
    figure.suptitle(f"{title}\n{len(model.layers)} layers, {model.count_params():,} parameters", fontsize=10)
    return figure


def _contents(stage: Stage) -> str:
    """Return `: 3 blocks, 10 convolutions` or what of it there is."""
    parts = []
    if len(stage.blocks) > 1:
        parts.append(f"{len(stage.blocks)} blocks")
    if stage.convolutions:
        parts.append(f"{stage.convolutions} convolution{'s' if stage.convolutions > 1 else ''}")
    return f": {', '.join(parts)}" if parts else ""


def _size(shape: tuple[int | None, ...]) -> str:
    return " \N{MULTIPLICATION SIGN} ".join(str(side) for side in shape)
