"""The data that a replication was run on: the published file, checksum verified, or a copy; and how many pictures."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chestbench.core.dataset_config import Dataset
from chestbench.datasets.pinned import commit_of

PUBLISHED, COPY, UNKNOWN, DRAWN = "published", "copy", "unknown", "drawn"
_PLACES = ("source", "path", "handle", "version", "url")


@dataclass(frozen=True)
class Data:
    """What is said of the data.

    Attributes:
        verdict: `PUBLISHED`, `COPY`, `UNKNOWN` where the publisher's checksum is not known here, or `DRAWN`.
        file: which file it was, with its checksum, and what that says.
        pictures: how many, by class and split, and their size in pixels before preprocessing.
        size: their median width in pixels.
        has_own_split: whether the split of the data set itself is kept.
    """

    verdict: str
    file: str
    pictures: str
    size: int | None
    has_own_split: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for metrics.json."""
        return asdict(self)


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
    return Data(verdict, file, _pictures(catalog, split), median, bool(split.get("given_split")))


def _file(own: Dataset, used: Dataset, source: Mapping[str, Any]) -> tuple[str, str]:
    """Return the verdict on the file, and the sentence that says why."""
    is_other = used.name != own.name
    name = f"{used.title}, in place of {own.title}: " if is_other else f"{own.title}: "
    version = f", version {source['version']}" if source.get("version") else ""
    held = f"{version} (SHA-256 {source['sha256']}, {source['bytes']:,} bytes)"
    origin = source.get("origin", "")
    if is_other or "copy" in source:
        return COPY, f"{name}{origin or 'another data set'}{held}"
    if used.source == "sample":
        return DRAWN, f"{name}drawn by this repository{held}"
    if any(own_pin and own_pin in pins for own_pin, pins in _pins(own, used, source)):
        return PUBLISHED, f"{name}the published file; {origin or 'as its address pins it'}{held}"
    if used.path is not None or any(getattr(used, key) != getattr(own, key) for key in _PLACES):
        return (
            COPY,
            f"{name}taken from elsewhere than the replication says; {origin or 'nothing to compare it with'}{held}",
        )
    return UNKNOWN, f"{name}as fetched from its publisher, who states no checksum that is known here{held}"


def _pins(own: Dataset, used: Dataset, source: Mapping[str, Any]) -> Iterable[tuple[str | None, str]]:
    """Yield what the replication pins a file by, each with what the file that was used was compared with."""
    version = own.version or next(iter(own.files or {}), None)
    stated = own.files[version].md5 if own.files and version in own.files else None
    # The download stage says in `origin` which checksum or commit it found, and refuses a download of another.
    yield own.sha256, source["sha256"]
    yield own.md5 or stated, source.get("origin", "")
    yield commit_of(own), source.get("origin", "") if used.path is not None else source.get("url") or ""


def _pictures(catalog: Mapping[str, Any], split: Mapping[str, Any]) -> str:
    """Return the number of pictures by split and class, what was left out, and what is not as the publisher states."""
    parts = [
        f"{name} {sum(counts.values()):,} ({', '.join(f'{count:,} {label}' for label, count in counts.items())})"
        for name, counts in split["images"].items()
    ]
    left_out = ", ".join(f"{reason} {count:,}" for reason, count in catalog.get("excluded", {}).items())
    parts += [f"left out: {left_out}"] if left_out else []
    differs = catalog.get("differs", [])
    return "; ".join([*parts, *(f"NOT AS PUBLISHED: {each}" for each in differs)])
