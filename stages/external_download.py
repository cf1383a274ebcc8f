"""external_download: fetch the archive of a set from elsewhere (or pack a local folder), as the download stage does.

Reads an entry of evaluate.external in params.yaml; writes data/external_raw/NAME with archive.zip and source.json.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder, write_json
from chestbench.core.stage import run_stage
from chestbench.datasets.archive import ARCHIVE
from chestbench.datasets.base import fetch
from chestbench.external.sets import describe_set, find_set, reworded


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fetch the archive and describe it."""
    entry = find_set(config, arguments.set)
    dataset, raw = describe_set(entry, config), Path("data/external_raw") / entry.name
    with atomic_folder(raw) as temporary:
        try:
            source = fetch(dataset, temporary)
        except ChestbenchError as error:
            raise reworded(entry, error) from None
        write_json(temporary / "source.json", source)
    return f"wrote {raw / ARCHIVE}: {source['bytes'] / 1e6:.1f} MB, sha256 {source['sha256'][:16]}… ({dataset.title})"


if __name__ == "__main__":
    run_stage(work, __doc__, per_set=True)
