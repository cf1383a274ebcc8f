"""The model card in MLflow: with the run, with the logged model, and as the description of the registered version."""

import shutil
import tempfile
from pathlib import Path

from chestbench.core.files import sha256_file
from chestbench.reports.model_card import CARD
from chestbench.tracking.results import NetworkRun
from chestbench.tracking.served import versions_of
from chestbench.tracking.store import Store

# What MLflow's databases take of a description.
LONGEST = 5000
MORE = "\n\n(Cut here; the whole card is the file MODEL_CARD.md of the run and of the model.)\n"


def log_card(run: NetworkRun, card: Path) -> None:
    """Log a card beside the model and its version, unless the run has this very one; after the model itself.

    Args:
        run: the network's.
        card: models/MODEL/MODEL_CARD.md.
    """
    run.attempt("the model card", lambda store: _log(store, run, card))


def description(text: str) -> str:
    """Return as many whole lines of a card as a description may hold, saying so where that is not all."""
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - len(MORE)].rpartition("\n")[0] + MORE


def _log(store: Store, run: NetworkRun, card: Path) -> None:
    digest = sha256_file(card)
    found = store.client.get_run(run.id)
    if found.data.tags.get("card_sha256") == digest:
        return
    with tempfile.TemporaryDirectory() as temporary:
        # A copy: DVC makes files read-only, and a local store keeps that.
        copy = shutil.copyfile(card, Path(temporary) / CARD)
        store.client.log_artifact(run.id, str(copy))
        for output in found.outputs.model_outputs if found.outputs else []:
            store.client.log_model_artifact(output.model_id, str(copy))
    text = description(card.read_text(encoding="utf-8"))
    for version in versions_of(store, run.id):
        store.client.update_model_version(version.name, version.version, description=text)
    # Last, so that a process that dies before starts over.
    store.client.set_tag(run.id, "card_sha256", digest)
    run.changed = True
