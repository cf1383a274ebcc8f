"""The data that a replication was run on: the published file, checksum verified, or a copy; and how many pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chestbench.core.dataset_config import Dataset

PUBLISHED, COPY, UNKNOWN = "published", "copy", "unknown"
# What may pin a file, in params.yaml and in data/raw/source.json.
_CHECKSUMS = {"sha256": "SHA-256", "md5": "MD5"}


@dataclass(frozen=True)
class Data:
    """What is said of the data.

    Attributes:
        verdict: `PUBLISHED`, `COPY`, or `UNKNOWN` where the publisher's checksum is not known here.
        file: which file it was, with its checksum, and what that says.
        pictures: how many, by class and split, and their size in pixels before preprocessing.
        size: their median width in pixels.
    """

    verdict: str
    file: str
    pictures: str
    size: int | None

    def as_json(self) -> dict[str, Any]:
        """Return it for metrics.json."""
        return {"verdict": self.verdict, "file": self.file, "pictures": self.pictures, "size": self.size}


def describe(
    own: Dataset,
    used: Dataset,
    source: Mapping[str, Any],
    catalog: Mapping[str, Any],
    split: Mapping[str, Any],
) -> Data:
    """Return what is said of the data of a run.

    Args:
        own: the data set of the replication.
        used: the data set of the run.
        source: data/raw/source.json.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
    """
    verdict, file = _file(own, used, source)
    widths = catalog.get("sizes", {}).get("width", {})
    median = round(widths["median"]) if widths.get("median") else None
    return Data(verdict, file, _pictures(catalog, split), median)


def _file(own: Dataset, used: Dataset, source: Mapping[str, Any]) -> tuple[str, str]:
    """Return the verdict on the file, and the sentence that says why."""
    name = f"{own.title}: " if used.name == own.name else f"{used.title}, in place of {own.title}: "
    checksum = f"SHA-256 {source['sha256']}, {source['bytes']:,} bytes"
    for key, word in _CHECKSUMS.items():
        stated = getattr(own, key, None)
        if stated is None or used.name != own.name:
            continue
        if source.get(key) == stated:
            return PUBLISHED, f"{name}the published file, checksum verified ({word} {stated}; {checksum})"
        if key in source:
            return COPY, f"{name}a copy that is not the published file, whose {word} is {stated} ({checksum})"
    elsewhere = used.name != own.name or any(
        getattr(used, key) != getattr(own, key) for key in ("source", "path", "handle", "version", "url")
    )
    if elsewhere:
        return COPY, f"{name}a copy, taken from elsewhere than the replication says ({checksum})"
    pinned = f", version {source['version']}" if source.get("version") else ""
    return UNKNOWN, f"{name}as fetched from its publisher{pinned}, who states no checksum here ({checksum})"


def _pictures(catalog: Mapping[str, Any], split: Mapping[str, Any]) -> str:
    """Return the number of pictures by split and class, and where it is not what the publisher states."""
    parts = [
        f"{name} {sum(counts.values()):,} ({', '.join(f'{count:,} {label}' for label, count in counts.items())})"
        for name, counts in split["images"].items()
    ]
    other = [
        f"{label} {entry['found']:,} in place of {entry['expected']:,}"
        for label, entry in catalog.get("expected_counts", {}).items()
        if entry["found"] != entry["expected"]
    ]
    stated = f"; NOT AS MANY AS ITS PUBLISHER STATES: {', '.join(other)}" if other else ""
    return f"{'; '.join(parts)}{stated}"
