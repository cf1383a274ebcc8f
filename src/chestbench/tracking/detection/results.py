"""What the evaluation of a detector adds to its run: measures, pictures, tables, the detector itself."""

from pathlib import Path

from chestbench.core.files import sha256_json
from chestbench.measures.detection.record import DetectorRecord
from chestbench.tracking.data_folders import BOXES_FOLDERS
from chestbench.tracking.detection.measures import (
    detector_metrics,
    detector_seed_metrics,
    detector_table,
    detector_tags,
)
from chestbench.tracking.detection.served import detector_parts
from chestbench.tracking.experiment import IMAGES_TAG
from chestbench.tracking.results import NetworkRun
from chestbench.tracking.store import Store

PICTURES = ("boxes", "froc", "pr", "history")


class DetectorRun(NetworkRun):
    """The run of a trained detector."""

    measured = "metrics/detectors"
    data_folders = BOXES_FOLDERS

    def send_results(self, store: Store, record: DetectorRecord, results: Path, model_file: Path) -> None:
        """Send measures and detector, see `NetworkRun`."""
        # Runs are put side by side where they were judged on the same pictures and boxes.
        judged_on = sha256_json([record["data_sha256"], record["boxes_sha256"], record["findings"]])
        measured = detector_metrics(record), detector_table(record), detector_tags(record)
        self.log_measured(store, record, results, *measured, PICTURES)
        if store.client.get_run(self.id).data.tags.get(IMAGES_TAG) != judged_on:
            store.client.set_tag(self.id, IMAGES_TAG, judged_on)
            self.changed = True
        self.send_model(store, detector_parts(self.training, model_file, record, results))

    def seed_metrics(self, record: DetectorRecord, seed: int) -> dict[str, float]:
        """Return what the record says of the training with a further seed, by MLflow name."""
        return detector_seed_metrics(record, seed)
