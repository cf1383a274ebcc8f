"""Sending what a run does not have yet: measures, files, pictures. Sent again, it changes nothing."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.core.files import sha256_file
from chestbench.tracking.run import now, send
from chestbench.tracking.store import Store

if TYPE_CHECKING:
    from PIL.Image import Image

# MLflow's pages show the files of this tag as tables, also of several runs side by side.
TABLES_TAG = "mlflow.loggedArtifacts"


def send_new(store: Store, run_id: str, values: Mapping[str, float]) -> None:
    """Send metrics at step 0 whose last value is not this already; MLflow would keep it twice."""
    known = store.client.get_run(run_id).data.metrics
    when = now()
    send(store, run_id, [(name, value, when, 0) for name, value in values.items() if known.get(name) != value])


def upload(store: Store, run_id: str, folder: Path, name: str, pattern: str = "*") -> None:
    """Upload the files right in a folder whose names fit the pattern as artifacts below `name`.

    DVC makes files read-only when it links them to its cache, a local store keeps that, and could then not replace
    them by later results: so what is uploaded is a copy with ordinary permissions.
    """
    with tempfile.TemporaryDirectory() as temporary:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                shutil.copyfile(path, Path(temporary) / path.name)
        store.client.log_artifacts(run_id, temporary, name)


def log_table(store: Store, run_id: str, table: Mapping[str, list], path: str) -> None:
    """Log a table (columns and data) as an artifact, and say so in the tag by which MLflow's pages find tables."""
    store.client.log_dict(run_id, dict(table), path)
    tables = json.loads(store.client.get_run(run_id).data.tags.get(TABLES_TAG, "[]"))
    entry = {"path": path, "type": "table"}
    if entry not in tables:
        store.client.set_tag(run_id, TABLES_TAG, json.dumps([*tables, entry]))


def log_picture(store: Store, run_id: str, path: Path, key: str) -> None:
    """Log a picture under a key, which is what MLflow's pages put side by side for several runs.

    MLflow would keep every copy: one that the run has under this key is not sent again. Its tag `pictures` says for
    each key which it is and how many there are.
    """
    from PIL import Image

    logged = json.loads(store.client.get_run(run_id).data.tags.get("pictures", "{}"))
    digest, (known, count) = sha256_file(path)[:12], logged.get(key, ("", 0))
    if known == digest:
        return
    there = sorted(
        item.path
        for item in store.client.list_artifacts(run_id, "images")
        if item.path.startswith(f"images/{key}+step+") and item.path.endswith(".png")
    )
    with Image.open(path) as image:
        picture = image.convert("RGB")
    # More than the tag knows of: a process sent one and was killed before it could say so.
    if len(there) <= count or not _is_same(store, run_id, there[-1], picture):
        store.client.log_image(run_id, picture, key=key, step=0, synchronous=True)
        count = len(there)
    store.client.set_tag(run_id, "pictures", json.dumps({**logged, key: [digest, count + 1]}))


def file_hashes(folder: Path, pattern: str) -> dict[str, str]:
    """Return the SHA-256 of the files right in a folder, by name."""
    return {path.name: sha256_file(path) for path in sorted(folder.glob(pattern)) if path.is_file()}


def _is_same(store: Store, run_id: str, artifact: str, picture: "Image") -> bool:
    """Tell whether an artifact is a picture, whatever way it is encoded."""
    from PIL import Image

    with (
        tempfile.TemporaryDirectory() as temporary,
        Image.open(store.client.download_artifacts(run_id, artifact, temporary)) as there,
    ):
        return there.size == picture.size and there.convert("RGB").tobytes() == picture.tobytes()
