"""The runs of the further trainings of a network (`train.seeds`): parameters and curves as any run, and their measures.

Pictures, tables and the served model are the first seed's alone.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from chestbench.core.files import sha256_json
from chestbench.tracking.results import NetworkRun, resume_as
from chestbench.tracking.sending import send_new
from chestbench.tracking.store import Store


def log_seeds(
    kind: type[NetworkRun], model: Path, record: Mapping[str, Any] | None, root: Path | None = None
) -> list[NetworkRun]:
    """Complete the runs of the further seeds of a network and return them; none where it has none.

    Args:
        kind: of run.
        model: models/NAME, whose folder `seeds` holds the trainings.
        record: what was measured of these trainings; None: it is not there yet, and no measures are logged.
        root: repository, when it is not DVC_ROOT or the current folder.
    """
    runs = []
    for path in sorted(model.glob("seeds/*/training.json"), key=lambda path: int(path.parent.name)):
        run, seed = resume_as(kind, path.parent, root), int(path.parent.name)
        if record is not None and "seeds" in record and seed in record["seeds"]["seeds"]:
            values = run.seed_metrics(record, seed)
            run.attempt("the measures", partial(_log_measures, run=run, values=values))
        runs.append(run)
    return runs


def _log_measures(store: Store, run: NetworkRun, values: Mapping[str, float]) -> None:
    digest = sha256_json(values)
    if store.client.get_run(run.id).data.tags.get("results_sha256") == digest:
        return
    send_new(store, run.id, values)
    # Last, so that a process that dies before starts over.
    store.client.set_tag(run.id, "results_sha256", digest)
    run.changed = True
