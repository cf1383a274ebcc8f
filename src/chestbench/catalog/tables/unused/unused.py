"""Everything beside the pictures that names them and that a run would not use: tables, splits, exclusions, texts."""

import json
from typing import Any

from chestbench.catalog.layout import Layout
from chestbench.catalog.tables.splits.split_unread import unread_splits
from chestbench.catalog.tables.unused.exclusions import point_out_exclusions
from chestbench.catalog.tables.unused.other_columns import beside_the_labels
from chestbench.catalog.tables.unused.unread_texts import unread_texts
from chestbench.catalog.tables.unused.unused_tables import point_out_tables
from chestbench.core.config import Dataset
from chestbench.datasets.archive import Archive


def point_out_unused(
    archive: Archive, members: list[str], pictures: list[str], layout: Layout, dataset: Dataset
) -> dict[str, Any]:
    """Warn of tables, columns, lists and texts that name the pictures and that nothing uses.

    Args:
        archive: holds them.
        members: those that dataset.exclude leaves.
        pictures: those that are read, as the layout counts them.
        layout: their classes, split and patients, and what was said so far.
        dataset: the settings.

    Returns:
        For Layout.said, as far as there are any: what `point_out_tables` returns, `other_columns`, `unread_splits`,
        `unused_exclusions`, and what `unread_texts` returns, all sentences.

    Raises:
        ChestbenchError: see `point_out_tables`.
    """
    said: dict[str, Any] = {}
    honour = dataset.given_split == "honour"
    if not (dataset.labels and dataset.labels.class_columns):
        is_known = bool(dataset.group_pattern) or (bool(layout.patient) and not layout.patient_is_inferred)
        wanted = () if is_known else ("patient",)
        wanted = wanted if layout.is_split or not honour else (*wanted, "split")
        said |= point_out_tables(archive, members, pictures, layout, wanted, dataset)
    elif others := beside_the_labels(archive, members, pictures, dataset.labels, dataset.boxes):
        said["other_columns"] = others
    if honour and not layout.is_split:
        used = [table.rpartition("/")[2] for table in layout.said.get("tables", [])]
        told = [*said.get("unused_tables", []), *layout.said.get("lists_of_one_part", []), *used]
        if unread := unread_splits(members, told):
            said["unread_splits"] = unread
    if excluded := point_out_exclusions(archive, members, pictures):
        said["unused_exclusions"] = excluded
    return said | unread_texts(archive, members, pictures, layout.label, _told(layout.said | said, dataset))


def _told(said: dict[str, Any], dataset: Dataset) -> list[str]:
    """Return names of files that are read, and whatever was said, which names the files it speaks of."""
    labels = dataset.labels
    used = [labels.table] if labels and isinstance(labels.table, str) else list(labels.table or []) if labels else []
    used += [dataset.boxes.table] if dataset.boxes else []
    return [json.dumps(said, ensure_ascii=False, default=str), *used]
