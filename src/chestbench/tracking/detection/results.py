"""What the evaluation of a detector adds to its run: measures, pictures, tables, the detector itself."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chestbench.core.files import sha256_file
from chestbench.measures.detection.record import DetectorRecord
from chestbench.tracking.detection.measures import detector_metrics, detector_table, detector_tags
from chestbench.tracking.results import NetworkRun
from chestbench.tracking.store import Store

PICTURES = ("boxes", "froc", "pr", "history")
# Where the file lies among the run's artifacts.
DETECTOR = "detector"


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
        measured = detector_metrics(record), detector_table(record), detector_tags(record)
        self.log_measured(store, record, results, *measured, PICTURES)
        digest = sha256_file(model_file)
        if store.client.get_run(self.id).data.tags.get("model_sha256") == digest:
            return
        with tempfile.TemporaryDirectory() as temporary:
            # A copy: DVC makes files read-only, and a local store keeps that.
            copy = shutil.copyfile(model_file, Path(temporary) / model_file.name)
            store.client.log_artifact(self.id, str(copy), DETECTOR)
        # Last, so that a process that dies before starts over.
        store.client.set_tag(self.id, "model_sha256", digest)
        self.changed = True
