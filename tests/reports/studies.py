"""A study as the stages before `report` leave it, without a network: answers are drawn, all else is the real code's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.catalog.leaks import COLUMNS as LEAK_COLUMNS
from chestbench.core.files import read_json, write_csv, write_json
from chestbench.core.notice import NOTICE
from chestbench.core.positive import positive_class
from chestbench.evaluation.baselines import Settings, write_baselines
from chestbench.external.fall import fall
from chestbench.measures import curves, tables
from chestbench.measures.operating import Chosen, choose, split_record, split_resampled
from chestbench.measures.predictions import columns, prediction_rows
from chestbench.measures.resampled import RESAMPLED, write_resampled
from chestbench.preparation.arrays import load_split
from chestbench.shortcuts.file_properties import PROPERTIES
from chestbench.training.records import write_training
from tests.evaluation.data_records import data_records
from tests.evaluation.workspace import SIZE, history_rows, step_rows, training_record

RESAMPLES = 100
Labels = NDArray[np.integer]


class StudyMaker:
    """Writes the files of a study below a folder."""

    def __init__(self, root: Path, classes: Sequence[str], test: Sequence[int], **facts: Any) -> None:
        """Write what the data stages leave.

        Args:
            root: folder.
            classes: their names.
            test: images of each class in test; train and val have as many, at least eight.
            facts: `tiny` (of metrics/split.json), `warnings`, `untested`, `data` (of metrics/audit.json), `strata`:
                column of data/catalog.csv -> values, dealt out to the images in turn.
        """
        self.root, self.classes, self.facts = root, list(classes), facts
        self.positive = positive_class(self.classes)
        for name, counts in (("train", [max(8, n) for n in test]), ("val", [max(8, n) for n in test]), ("test", test)):
            self._write_split(name, np.repeat(np.arange(len(classes)), counts))
        info = {"classes": self.classes, "size": SIZE, "synthetic": True, "split_unit": "patient"}
        write_json(root / "data/processed/info.json", {**info, "data_sha256": "d" * 64})
        self._write_records(test)
        self._write_catalog()
        bootstrap = Settings("upsample", 42, RESAMPLES, 0.95)
        places = root / "data/processed", bootstrap, root / "results/baselines", root / "metrics/baselines.json"
        write_baselines(*places)

    def add_network(self, name: str, skill: float = 2.0, **changes: Any) -> None:
        """Write one network that was trained and evaluated.

        Args:
            name: of the network.
            skill: 0 for a network that guesses; from 6 on it makes hardly a mistake.
            changes: of its training record.
        """
        facts = {key: self.facts[key] for key in ("tiny",) if key in self.facts}
        training = {**training_record(name, self.classes), **facts, **changes}
        write_training(self.root / "models" / name, training, history_rows(), step_rows())
        record: dict[str, Any] = {
            **{key: training[key] for key in ("model", "dataset", "data_sha256", "split_unit", "synthetic", "run_key")},
            **facts,
            "experiment": "sample",
            "notice": NOTICE,
            "classes": self.classes,
            "positive": self.positive.as_record(),
            "training": {
                key: training[key]
                for key in ("parameters", "epochs_run", "best_epoch", "backend", "precision", "weights", "seed")
            },
            "train_images": np.bincount(load_split(self.root / "data/processed", "train").class_index).tolist(),
            "bootstrap": {"resamples": RESAMPLES, "confidence": 0.95, "unit": "patient"},
        }
        record["training"] |= {"image_size": SIZE, "random_labels": training["random_labels"]}
        folder = self.root / "results/models" / name
        folder.mkdir(parents=True, exist_ok=True)
        rows, reliability, chosen = [], [], None
        for part in ("val", "test"):
            split = load_split(self.root / "data/processed", part)
            said = self._said(split.class_index, skill, f"{name}{part}")
            if chosen is None:
                chosen = choose(split.class_index, said, split.groups, self.classes)
                record |= chosen.as_record()
            settings = (self.classes, chosen, RESAMPLES, 0.95, 42)
            record[part], figures = split_resampled(split.class_index, said, split.groups, *settings)
            rows += prediction_rows(part, split, said, self.classes)
            reliability += tables.calibration_rows(part, split.class_index, said, chosen.temperature)
        write_csv(folder / "predictions.csv", columns(self.classes), rows)
        write_csv(folder / "calibration.csv", tables.CALIBRATION_COLUMNS, reliability)
        write_resampled(folder / RESAMPLED, figures)
        curves.write_curves(folder, split.class_index, said, self.classes)
        for file in ("history.csv", "steps.csv"):
            (folder / file).write_bytes((self.root / "models" / name / file).read_bytes())
        _write_picture(folder / "gradcam.png", sum(map(ord, name)))
        write_json(self.root / f"metrics/models/{name}.json", record)

    def add_external(self, name: str, networks: Sequence[str], images: int = 12) -> None:
        """Write what `transfer` leaves of networks on one set from elsewhere, as many images of each class."""
        labels = np.repeat(np.arange(len(self.classes)), images)
        groups = [f"e{place // 2}" for place in range(len(labels))]
        for network in networks:
            own = read_json(self.root / f"metrics/models/{network}.json")
            said = self._said(labels, 1.0, f"{network}{name}")
            chosen = Chosen.from_record(own)
            test = split_record(labels, said, groups, self.classes, chosen, RESAMPLES, 0.95, 42)
            told = {"title": "Another hospital <b>", "modality": "CT", "licence": "CC BY 4.0", "synthetic": True}
            record = {
                **{key: own[key] for key in ("model", "run_key", "positive", "temperature", "thresholds")},
                **{"set": name, "about": told, "our_classes": self.classes, "test": test, **fall(own["test"], test)},
                "classes": {"healthy": self.classes[0], **{label: label for label in self.classes[1:]}},
                **{"left_out": {"other": 3}, "excluded": {"unreadable": 2}, "known": {"same": 1, "alike": 0}},
            }
            write_json(self.root / f"metrics/external/{name}/{network}.json", record)

    def _said(self, labels: Labels, skill: float, seed: str) -> NDArray[np.float64]:
        generator = np.random.default_rng(sum(map(ord, seed)))
        scores = generator.normal(size=(len(labels), len(self.classes))) + skill * np.eye(len(self.classes))[labels]
        powers = np.exp(scores)
        return powers / powers.sum(axis=1, keepdims=True)

    def _write_split(self, name: str, labels: Labels) -> None:
        folder = self.root / "data/processed"
        folder.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng(len(name))
        images = generator.integers(0, 90, (len(labels), SIZE, SIZE, 1), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[4 + 3 * label : 7 + 3 * label] += 120
        np.save(folder / f"{name}.npy", images)
        rows = [
            {
                "image_id": f"{name[0]}{place:015x}",
                "label": self.classes[label],
                "class_index": label,
                "group": f"g{name[0]}{place // 2:04d}",
                "study": "",
            }
            for place, label in enumerate(labels.tolist())
        ]
        write_csv(folder / f"{name}.csv", list(rows[0]), rows)

    def _write_catalog(self) -> None:
        strata: Mapping[str, Sequence[str]] = self.facts.get("strata", {})
        names = ["image_id", "member", "group", "status", "source", "sex", "age", "view"]
        rows = []
        for part in ("train", "val", "test"):
            for place, key in enumerate(load_split(self.root / "data/processed", part).image_ids):
                told = {name: values[place // 2 % len(values)] for name, values in strata.items()}
                rows.append({"image_id": key, "member": f"PATIENT-{place}/a.png", "status": "kept", **told})
        write_csv(self.root / "data/catalog.csv", names, rows)

    def _write_records(self, test: Sequence[int]) -> None:
        known = data_records(self.classes)
        none = {"value": None, "low": None, "high": None}
        half = {"value": 0.52, "low": 0.41, "high": 0.63}
        files = {"auc": half, "properties": dict.fromkeys(PROPERTIES, half), "images": 90, "warning": False}
        outside = {"auc": none, "images": 0, "warning": False, "box_of": "lungs", "not_judged": "few"}
        known["metrics/audit.json"] = {
            "shortcuts": {"file_properties": {**files, "not_judged": ""}, "blacked_out": outside},
            "warnings": self.facts.get("warnings", []),
            "untested": self.facts.get("untested", []),
            "notes": [],
            "data": self.facts.get("data", []),
        }
        known["metrics/catalog.json"] |= {
            "groups": 60,
            "split_unit": "patient",
            "images_without_group": 0,
            "tells_label": {},
            "positive": self.positive.as_record(),
        }
        images = {part: dict(zip(self.classes, test, strict=True)) for part in ("train", "val", "test")}
        known["metrics/split.json"] |= {"images": images, "seed": 42, "tiny": self.facts.get("tiny", [])}
        for path, content in known.items():
            write_json(self.root / path, content)
        write_csv(self.root / "results/catalog/leaks.csv", LEAK_COLUMNS, [])
        for place, path in enumerate(("catalog/contact_sheet", "audit/examples", "upsample/augmented")):
            _write_picture(self.root / f"results/{path}.png", place)


def _write_picture(path: Path, seed: int) -> None:
    """Write a large PNG of noise and shapes, which no coding makes small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    small = generator.integers(0, 255, (150, 160, 3), dtype=np.uint8)
    path.write_bytes(cv2.imencode(".png", cv2.resize(small, (1280, 1200)))[1].tobytes())
