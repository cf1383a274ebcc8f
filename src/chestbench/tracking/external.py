"""What a network does on sets from elsewhere, in its own run: metrics external/SET/..., a table, pictures."""

from pathlib import Path

from chestbench.core.files import read_json, sha256_file, sha256_json
from chestbench.measures.other_records import ExternalRecord
from chestbench.tracking.measures import external_metrics, external_table
from chestbench.tracking.results import NAMES, NetworkRun
from chestbench.tracking.sending import log_picture, log_table, send_new, upload
from chestbench.tracking.store import Store
from chestbench.training.records import TrainingRecord

PICTURES = ("confusion_matrix", "roc")
TABLE = "table.json"


def log_external(run: NetworkRun, record: ExternalRecord, results: Path) -> None:
    """Log one set's measures, table and files below external/SET, unless the run has these very ones.

    Args:
        run: the network's.
        record: metrics/external/SET/MODEL.json.
        results: results/external/SET/MODEL.
    """
    run.attempt(f"the results on {record['set']}", lambda store: _log(store, run, record, results))


def log_all_external(run: NetworkRun, training: TrainingRecord, root: Path) -> None:
    """Log what `root` holds of this very training on sets from elsewhere."""
    for path in sorted(root.glob(f"metrics/external/*/{training['model']}.json")):
        record, results = read_json(path), root / "results/external" / path.parent.name / training["model"]
        if record["run_key"] == training["run_key"] and results.is_dir():
            log_external(run, record, results)


def _log(store: Store, run: NetworkRun, record: ExternalRecord, results: Path) -> None:
    name = record["set"]
    files = {path.name: sha256_file(path) for path in sorted(results.iterdir()) if path.is_file()}
    tag, digest = f"external_{name}_sha256", sha256_json({"record": record, "files": files, "names": NAMES})
    tags = store.client.get_run(run.id).data.tags
    if tags.get(tag) == digest:
        return
    send_new(store, run.id, external_metrics(record))
    upload(store, run.id, results, f"external/{name}")
    log_table(store, run.id, external_table(record), f"external/{name}/{TABLE}")
    for picture in PICTURES:
        if (results / f"{picture}.png").is_file():
            log_picture(store, run.id, results / f"{picture}.png", f"external_{name}_{picture}")
    # Last, so that a process that dies before starts over.
    store.client.set_tag(run.id, tag, digest)
    run.changed = True
