"""What the evaluation of a detector adds to its run: measures, pictures, tables, the detector itself."""

from collections.abc import Mapping
from pathlib import Path

from chestbench.core.files import sha256_json
from chestbench.measures.detection.record import DetectorRecord
from chestbench.tracking.detection.measures import detector_metrics, detector_table, detector_tags
from chestbench.tracking.detection.served import detector_parts
from chestbench.tracking.experiment import IMAGES_TAG
from chestbench.tracking.results import NetworkRun
from chestbench.tracking.served import log_model
from chestbench.tracking.store import Store

PICTURES = ("boxes", "froc", "pr", "history")


class DetectorRun(NetworkRun):
    """The run of a trained detector."""

    def log_detection(
        self,
        record: DetectorRecord,
        results: Path,
        model_file: Path,
        data_folders: Mapping[str, Path] | None = None,
    ) -> None:
        """Log measures, pictures and the detector, unless the run has these very ones.

        Args:
            record: metrics/detectors/{detector}.json.
            results: results/models/{detector}.
            model_file: models/{detector}/model.keras.
            data_folders: name -> folder whose PNG pictures show the data, see `data_folders.data_pictures`.
        """
        self.attempt("the results", lambda store: self._log_detection(store, record, results, model_file))
        self.log_data(data_folders or {})

    def _log_detection(self, store: Store, record: DetectorRecord, results: Path, model_file: Path) -> None:
        # Runs are put side by side where they were judged on the same pictures and boxes.
        judged_on = sha256_json([record["data_sha256"], record["boxes_sha256"], record["findings"]])
        measured = detector_metrics(record), detector_table(record), detector_tags(record)
        self.log_measured(store, record, results, *measured, PICTURES)
        if store.client.get_run(self.id).data.tags.get(IMAGES_TAG) != judged_on:
            store.client.set_tag(self.id, IMAGES_TAG, judged_on)
            self.changed = True
        parts = detector_parts(self.training, model_file, record)
        digest, run = parts.sha256(), store.client.get_run(self.id)
        if run.data.tags.get("model_sha256") == digest:
            return
        log_model(store, run.info.experiment_id, self.id, self.training, parts)
        store.client.set_tag(self.id, "model_sha256", digest)
        self.changed = True
