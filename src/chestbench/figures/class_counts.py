"""The picture of class balance: training images of each class before and after balancing."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from chestbench.figures.drawing import new_figure
from chestbench.figures.fonts import Lettering

_BARS = (("before", "white", "///", -0.2), ("after", "#555555", "", 0.2))


def class_counts_figure(
    before: Mapping[str, int],
    after: Mapping[str, int],
    classes: Sequence[str],
    lettering: Lettering,
    title: str,
    weights: Mapping[str, float] | None = None,
) -> Figure:
    """Draw two bars for each class, told apart by hatching, with their counts.

    Args:
        before: training images of each class.
        after: how many images of each class an epoch reads.
        classes: names, in the order of the bars.
        lettering: how the names are shown.
        title: above the chart.
        weights: of each class in the loss, written over the second bar; none or empty: not weighted.
    """
    figure = new_figure(max(4.6, 2.2 + 1.15 * len(classes)), 3.8)
    axes = figure.add_subplot()
    for (label, colour, hatch, shift), counts in zip(_BARS, (before, after), strict=True):
        places = [place + shift for place in range(len(classes))]
        heights = [counts[name] for name in classes]
        texts = [str(height) for height in heights]
        if weights and label == "after":
            label = "after, \u00d7 weight"
            texts = [f"{text}\n\u00d7 {weights[name]:.2f}" for text, name in zip(texts, classes, strict=True)]
        bars = axes.bar(places, heights, 0.38, label=label, color=colour, hatch=hatch, edgecolor="black", linewidth=0.8)
        axes.bar_label(bars, texts, fontsize=7.5, padding=1.5)
    names = [lettering.shown[name] for name in classes]
    axes.set_xticks(range(len(classes)), names, rotation=20, ha="right", rotation_mode="anchor")
    axes.set(ylabel="training images in an epoch")
    axes.margins(y=0.15)
    figure.suptitle(title, fontsize=10)
    figure.legend(loc="outside right center", fontsize=8, title="balancing", title_fontsize=8)
    return figure
