"""download: fetch the archive of images exactly as published (or draw the sample, or pack a local folder).

Reads dataset.* of params.yaml; writes data/raw/archive.zip and data/raw/source.json (name, source, handle, version,
address, bytes, SHA-256, and what it was compared with). Members are later read from the archive; nothing is unpacked by
its own path.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import atomic_folder, write_json
from chestbench.core.stage import run_stage
from chestbench.datasets.archive import ARCHIVE, open_archive
from chestbench.datasets.base import fetch


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fetch the archive and describe it."""
    raw = Path("data/raw")
    with atomic_folder(raw) as temporary:
        source = fetch(config.dataset, temporary)
        with open_archive(temporary / ARCHIVE) as archive:
            files = len(archive.members)
        write_json(temporary / "source.json", source)
    said = f"\nthe archive is {source['origin']}" if "origin" in source else ""
    return (
        f"wrote {raw / ARCHIVE}: {files:,} files, {source['bytes'] / 1e6:.1f} MB, sha256 {source['sha256'][:16]}… "
        f"({config.dataset.title}){said}"
    )


if __name__ == "__main__":
    run_stage(work, __doc__)
