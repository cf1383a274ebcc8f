"""The page of two studies: what differs in parameters, data and figures, with paired intervals where they can be."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from chestbench.core.files import write_text
from chestbench.core.notice import NOTICE, split_words, tiny_note
from chestbench.core.positive import read_positive
from chestbench.core.words import Figure, with_interval
from chestbench.figures.vector.charts import Ruler, interval_cell, ruler_cell
from chestbench.measures.record import NetworkRecord
from chestbench.reports.leaderboard_cells import MARKS
from chestbench.reports.rendering import render, said
from chestbench.reports.sides.detectors import detector_facts, detector_figures, detector_lines
from chestbench.reports.sides.pairs import NOT_THE_SAME, Pair, pairs
from chestbench.reports.sides.side import Side
from chestbench.reports.study.reproduced import differing, told_text, told_value
from chestbench.reports.study.seen import bounds, clipped
from chestbench.reports.templates import page as page_templates
from chestbench.reports.templates import sides as templates

STYLE = page_templates


class Difference(NamedTuple):
    """Something that differs: its name, and what each study has."""

    name: str
    first: str
    second: str


def write_sides(path: Path, first: Side, second: Side) -> list[str]:
    """Write the page; return its first sentences.

    Args:
        path: HTML file to write.
        first: a study.
        second: another.
    """
    found = pairs(first, second)
    told = _sentences(first, second, found)
    boxes = Ruler(*bounds(detector_figures(first, second))) if first.detectors or second.detectors else None
    figures = [record["test"]["balanced_accuracy"] for pair in found for record in (pair.first, pair.second) if record]
    ruler, reach = Ruler(*bounds(figures)), _reach(found)
    text = render(
        templates,
        "sides.html.j2",
        first=first,
        second=second,
        names=(clipped(first.name), clipped(second.name)),
        warnings=_warnings(first, second),
        told=told,
        parameters=parameters(first.parameters, second.parameters),
        data=data(first, second),
        lines=[_line(pair, ruler, reach) for pair in found],
        ruler=Markup(ruler_cell(ruler)),
        reach=Markup(ruler_cell(reach, "+.2g")),
        boxes=detector_lines(first, second, boxes) if boxes else [],
        boxes_ruler=Markup(ruler_cell(boxes)) if boxes else "",
        notice=NOTICE,
        clip=clipped,
        confidence=first.lead["bootstrap"]["confidence"],
    )
    write_text(path, text)
    return told


def _sentences(first: Side, second: Side, found: Sequence[Pair]) -> list[str]:
    """Return the first sentences: of networks, of detectors, and of the parameters."""
    common = _common(first, second)
    networks = said(templates, "networks", {**common, **_facts(first, second, found)}) if _both(first, second) else []
    boxes = (
        said(templates, "detectors", {**common, **detector_facts(first, second)}) if _any_boxes(first, second) else []
    )
    return [*said(templates, "kinds", common), *networks, *boxes, *said(templates, "parameters", common)]


def _both(first: Side, second: Side) -> bool:
    return bool(first.winner and second.winner)


def _any_boxes(first: Side, second: Side) -> bool:
    return bool(first.detector or second.detector)


def parameters(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Return the parameters that differ, as they may be shown.

    >>> parameters({"seed": 1, "train": {"epochs": 4}}, {"seed": 1, "train": {"epochs": 8}})
    [Difference(name='train.epochs', first='4', second='8')]
    """
    return [
        Difference(key, *(_told(side, key, value) for side, value in zip((first, second), pair, strict=True)))
        for key, pair in differing(first, second).items()
    ]


def _told(parameters: Mapping[str, Any], key: str, value: Any) -> str:
    """Return a parameter's value in words; one of another version may have no such parameter, which is not null."""
    above: Any = parameters
    for part in key.split("."):
        if not isinstance(above, Mapping) or part not in above:
            return "no such parameter"
        above = above[part]
    return told_text(told_value(key, value))


def data(first: Side, second: Side) -> list[Difference]:
    """Return what differs in the data, in words."""
    one, other = dict(_of_data(first)), dict(_of_data(second))
    rows = ((name, one.get(name, "-"), other.get(name, "-")) for name in dict.fromkeys([*one, *other]))
    return [Difference(*row) for row in rows if row[1] != row[2]]


def _of_data(side: Side) -> list[tuple[str, str]]:
    catalog, split, record = side.catalog, side.split, side.lead
    images: Mapping[str, Mapping[str, int]] = split["images"]
    return [
        ("data set", str(catalog["dataset"])),
        ("images used, of those found", f"{catalog['images_kept']:,} of {catalog['images_found']:,}"),
        *([("classes", ", ".join(clipped(name) for name in record["classes"]))] if side.winner else []),
        ("left out", ", ".join(f"{count} {reason}" for reason, count in catalog["excluded"].items()) or "none"),
        ("split", split_words(record)),
        *((part, ", ".join(f"{clipped(k)} {n}" for k, n in counts.items())) for part, counts in images.items()),
        *([("looked for", str(read_positive(record).name or "no class"))] if side.winner else []),
        ("images as prepared, SHA-256", record["data_sha256"]),
        *_of_boxes(side),
        ("warnings of the audit", " ".join(side.audit["warnings"]) or "none"),
    ]


def _of_boxes(side: Side) -> list[tuple[str, str]]:
    if not side.detector:
        return []
    record = side.detectors[side.detector]
    findings = ", ".join(clipped(name) for name in record["findings"])
    return [("findings", findings), ("boxes as prepared, SHA-256", record["boxes_sha256"])]


def _common(first: Side, second: Side) -> dict[str, Any]:
    """Return what holds of the studies, whatever was trained in them."""
    sides = first, second
    kinds = [["networks for classes"] * bool(side.winner) + ["detectors"] * bool(side.detector) for side in sides]
    return {
        "names": (clipped(first.name), clipped(second.name)),
        "kinds": [" and ".join(kind) for kind in kinds],
        "tiny": any(tiny_note(side.lead) for side in sides),
        "tried": [(clipped(side.name), side.tried) for side in sides if side.tried],
        "changed": [(side.name, side.changed) for side in sides if side.changed],
        "fields": len(parameters(first.parameters, second.parameters)),
    }


def _facts(first: Side, second: Side, found: Sequence[Pair]) -> dict[str, Any]:
    choice = found[0]
    return {
        "choice": choice,
        "other_images": choice.reason == NOT_THE_SAME,
        "one_training": _is_one_training(choice),
        "not_here": [side.name for side in (first, second) if side.winner not in side.predictions],
        "compared": len([pair for pair in found if pair.difference]),
    }


def _is_one_training(pair: Pair) -> bool:
    one, other, difference = pair.first, pair.second, pair.difference
    assert one is not None and other is not None  # each study has its choice
    return one["run_key"] == other["run_key"] and difference is not None and not any(difference.values())


def _warnings(first: Side, second: Side) -> list[str]:
    return [f"{side.name}: {note}" for side in (first, second) if (note := tiny_note(side.lead))]


def _line(pair: Pair, ruler: Ruler, reach: Ruler) -> dict[str, Any]:
    """Return the cells of one pair."""
    one, other = pair.first, pair.second
    names = dict.fromkeys(record["model"] for record in (one, other) if record)
    return {
        "name": " and ".join(names) if pair.is_choice else next(iter(names)),
        "is_choice": pair.is_choice,
        "figures": [_figures(record, ruler) for record in (one, other)],
        "difference": _signed(pair.difference, MARKS.get(pair.verdict, "")),
        "drawn": Markup("" if pair.difference is None else _drawn(pair.difference, reach)),
        "auc": _signed(pair.auc, ""),
        "reason": pair.reason,
    }


def _figures(record: NetworkRecord | None, ruler: Ruler) -> tuple[str, str, Markup]:
    """Return balanced accuracy on val, that on test with its interval, and the interval as a drawing."""
    if record is None:
        return "-", "-", Markup("")
    test = record["test"]["balanced_accuracy"]
    value = record["val"]["balanced_accuracy"]["value"]
    val = "-" if value is None else f"{value:.3f}"
    return val, with_interval(test), Markup(interval_cell(test, ruler, f"{record['model']}: {with_interval(test)}"))


def _drawn(difference: Figure, reach: Ruler) -> str:
    return interval_cell(difference, reach, f"difference {_signed(difference, '')}", "s2")


def _signed(figure: Figure | None, mark: str) -> str:
    if figure is None or figure["value"] is None:
        return "-"
    ends = "" if figure["low"] is None else f" [{figure['low']:+.3f}, {figure['high']:+.3f}]"
    return f"{figure['value']:+.3f}{ends} {mark}".strip()


def _reach(found: Sequence[Pair]) -> Ruler:
    """Return a scale about nought that holds all differences."""
    ends = [abs(end) for pair in found for end in (pair.difference or {}).values() if isinstance(end, float)]
    most = max(0.05, round(max(ends, default=0.0) + 0.0499, 1))
    return Ruler(-most, most, 0.0)
