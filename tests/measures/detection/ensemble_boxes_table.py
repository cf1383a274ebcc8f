"""Write fused.json, the answers of ensemble-boxes 1.0.9 that our fusion is held to.

`python -m tests.measures.detection.ensemble_boxes_table` after `pip install ensemble-boxes==1.0.9`, which is no
dependency of this repository.
"""

import importlib
import json
from pathlib import Path

import numpy as np

from tests.measures.detection.boxes_drawn import SIDE

TABLE = Path(__file__).with_name("fused.json")
DETECTORS = (1, 2, 3, 5)


def main() -> None:
    """Fuse what one to five detectors found around the same two to four places."""
    weighted_boxes_fusion = importlib.import_module("ensemble_boxes").weighted_boxes_fusion

    cases = []
    for number, detectors in enumerate(DETECTORS * 3):
        generator = np.random.default_rng(number)
        places = generator.uniform(4, 40, (int(generator.integers(2, 5)), 2))
        kinds = generator.integers(0, 2, len(places))
        found = []
        for _ in range(detectors):
            kept = np.repeat(generator.permutation(len(places))[: generator.integers(0, len(places) + 1)], 2)
            low = places[kept] + generator.normal(0, 1.5, (len(kept), 2))
            corners = np.concatenate([low, low + generator.uniform(9, 15, low.shape)], axis=1).clip(0, SIDE).round(2)
            found.append(
                [corners.tolist(), kinds[kept].tolist(), generator.uniform(0.05, 1, len(kept)).round(6).tolist()]
            )
        shares = [(np.array(boxes).reshape(-1, 4) / SIDE).tolist() for boxes, _, _ in found]
        labels, scores = [part[1] for part in found], [part[2] for part in found]
        corners, sure, kind = weighted_boxes_fusion(shares, scores, labels)
        fused = [(corners * SIDE).round(6).tolist(), kind.astype(int).tolist(), sure.round(7).tolist()]
        cases.append({"found": found, "fused": fused})
    TABLE.write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
