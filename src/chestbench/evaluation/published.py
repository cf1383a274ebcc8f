"""The figures that a data set's original project published, with ours of the like-named network beside them.

They stand beside each other, no more: other images were in other splits, and the measures may be averaged otherwise.
"""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from chestbench.core.config import Published
from chestbench.core.files import Row
from chestbench.measures.record import Figure, NetworkRecord, SplitRecord, split_of

COLUMNS = ("network", "split", "measure", "published", "our_network", "our_split", "ours", "ours_low", "ours_high",
           "source")  # fmt: skip
MEASURES = {"f1": "macro_f1", "auc": "macro_auc", "average_precision": "macro_average_precision"}
# Which of our splits stands beside a published one. Train is not measured; a figure of an unknown split meets test.
SPLITS = {"validation": "val", "test": "test", "unknown": "test"}
ALIASES = {"simple": "simple_gmp"}
QUALIFIERS = re.compile(r"image\s*net|(from\s+)?scratch|pre-?trained|weights|bit(-?s|-?m)?\b", re.IGNORECASE)


def beside_ours(published: Sequence[Published], records: Sequence[NetworkRecord]) -> list[Row]:
    """Return one row per published figure, in the columns of `COLUMNS`; ours is None where there is none.

    Args:
        published: dataset.published.
        records: measures per network, best on val first: the first stands beside a published "best ...".
    """
    rows: list[Row] = []
    for entry in published:
        row: Row = dict.fromkeys(COLUMNS)
        row |= {"network": entry.network, "split": entry.split, "measure": entry.measure, "published": entry.value}
        row["source"] = entry.source
        record = _like_named(entry.network, records)
        split = SPLITS.get(entry.split)
        measure = _measure(split_of(record, split), entry.measure) if record and split else None
        if record and measure and measure["value"] is not None:
            row |= {"our_network": record["model"], "our_split": split}
            row |= {"ours": measure["value"], "ours_low": measure["low"], "ours_high": measure["high"]}
        rows.append(row)
    return rows


def _like_named(name: str, records: Sequence[NetworkRecord]) -> NetworkRecord | None:
    """Return the record of the network of that name: spelling, case and remarks do not matter, weights do.

    "ResNet-50 (BiT-S)" is bit_r50x1, and "EfficientNet B3 (from scratch)" is efficientnet_b3 only where that was
    trained without ImageNet weights.
    """
    if name.lower().startswith("best"):
        return records[0]
    wanted = _canonical(name)
    lower = name.lower()
    for record in records:
        weights = record["training"]["weights"]
        if "scratch" in lower and weights != "none":
            continue
        if re.search(r"image\s*net", lower) and weights == "none":
            continue
        if _canonical(record["model"]) == wanted:
            return record
    return None


def _canonical(name: str) -> str:
    lower = name.lower()
    if re.search(r"\bbit\b|bit_", lower) and re.search(r"resnet-?50|r50x1", lower):
        return "bitr50x1"
    plain = re.sub(r"[^a-z0-9]", "", QUALIFIERS.sub("", name.partition("(")[0]).lower())
    return re.sub(r"[^a-z0-9]", "", ALIASES.get(plain, plain))


def _measure(split: SplitRecord, name: str) -> Figure | None:
    """Return our measure of that name; None when there is no such measure (of this data set)."""
    if name.startswith("study_"):
        studies: Mapping[str, object] = split.get("per_study", {})
        found = studies.get(name) or studies.get(MEASURES.get(name[6:], name[6:]))
    else:
        found = split.get(MEASURES.get(name, name))
    return cast("Figure", found) if isinstance(found, Mapping) and "value" in found else None
