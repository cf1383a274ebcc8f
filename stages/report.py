"""report: the whole study as one file, results/report.html, that can be mailed, printed and read without a network.

Reads what the stages before left: metrics/, models/ (what was trained, times, versions), results/ (predictions, curves,
pictures), data/processed (the test images), data/catalog.csv (sex, age, view, source) and conf/ (the defaults). It also
goes to MLflow, to the run of the chosen network. Run by hand, `python -m stages.report` shows a study of which some
network was not trained or evaluated, and says first which and why.
"""

import argparse
from pathlib import Path
from typing import Any

from chestbench.catalog.records import LEAKS
from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, read_json
from chestbench.core.stage import run_stage
from chestbench.evaluation.detection.board import DetectorBoard, read_detectors
from chestbench.evaluation.leaderboard import REGRESSION
from chestbench.evaluation.study import Places, check_some, read_study, sets_without_results, timings, without_results
from chestbench.measures.other_records import BaselinesRecord
from chestbench.measures.resampled import RESAMPLED
from chestbench.measures.subgroups import read_attributes
from chestbench.preparation.arrays import load_info, load_split
from chestbench.reports.detection import section
from chestbench.reports.detection.report import DetectorStudy, write_detector_report
from chestbench.reports.study.network import Shown
from chestbench.reports.study.page import REPORT, StudyFacts, write_report
from chestbench.reports.study.places import beside
from chestbench.reports.study.reproduced import reproduced
from chestbench.tracking.report import log_report

RESULTS, METRICS = Path("results"), Path("metrics")
PLACES = Places(METRICS, Path("models"), RESULTS / "models", RESULTS / "baselines")


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Gather, write and say where it lies."""
    processed = Path("data/processed")
    sets, digest = [entry.name for entry in config.evaluate.external], load_info(processed)["data_sha256"]
    if not config.model.variants:
        return _detectors_alone(config, arguments, digest)
    missing = without_results(config.model.variants, PLACES, digest)
    networks = check_some(config.model.variants, missing)
    missing |= sets_without_results(sets, PLACES, networks)
    board, reasons = _detectors(config, digest)
    missing |= reasons
    sets = [name for name in sets if name not in missing]
    baselines, reason = _baselines(digest)
    missing |= reason
    study = read_study(config, PLACES, networks, sets, baselines)
    test, best = load_split(processed, "test"), study.board.best
    said = study.predictions[best["model"]]
    shown = Shown(
        models=PLACES.models,
        results=PLACES.results,
        images={key: test.images[place, ..., 0] for place, key in enumerate(test.image_ids)},
        attributes=read_attributes(Path("data/catalog.csv"), said.image_ids),
        settings=config.evaluate,
        seed=config.seed,
    )
    known = {
        name: read_json(METRICS / f"{name}.json") for name in ("catalog", "split", "preprocess", "upsample", "audit")
    }
    path = RESULTS / REPORT
    first = write_report(
        path,
        StudyFacts(
            config=config,
            study=study,
            missing=missing,
            shown=shown,
            results=RESULTS,
            source=read_json(Path("data/raw/source.json")),
            leaks=read_csv(RESULTS / "catalog" / LEAKS),
            reproduced=reproduced(arguments.params, Path("conf")),
            external_sets=[read_json(METRICS / f"external/{name}/{best['model']}.json") for name in sets],
            boxes=section.boxes_section(board, PLACES.results) if board else None,
            **known,
        ),
    )
    log_report(path, best)
    # Of a whole study the leaderboard, just printed, says what must be known before a figure is believed.
    lines = [f"WARNING: {warning}" for warning in first.warnings] if missing else []
    lines.append(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB): `make report` opens it")
    return "\n".join([*lines, f"beside it lie {beside(RESULTS)}"])


def _detectors_alone(config: Config, arguments: argparse.Namespace, data_sha256: str) -> str:
    """Write the report of a study without networks for classes."""
    board, missing = _detectors(config, data_sha256, read_json(METRICS / "audit.json"))
    if board is None:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in missing.items())
        raise ChestbenchError(f"expected at least one detector with results, found none ({reasons}); run `dvc repro`")
    path = RESULTS / REPORT
    split, source = read_json(METRICS / "split.json"), read_json(Path("data/raw/source.json"))
    made = reproduced(arguments.params, Path("conf"))
    write_detector_report(path, DetectorStudy(config, board, missing, PLACES.results, split, source, made))
    log_report(path, board.best)
    lines = [f"WARNING: {name} is not shown: {reason}" for name, reason in missing.items()]
    lines.append(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB): `make report` opens it")
    return "\n".join([*lines, f"beside it lie {beside(RESULTS)}"])


def _detectors(
    config: Config, data_sha256: str, audit: dict[str, Any] | None = None
) -> tuple[DetectorBoard | None, dict[str, str]]:
    """Return the detectors that have results, None where there are none, and why the others have not."""
    names, folder = config.detector.variants, METRICS / "detectors"
    missing = dict(section.without_results(names, folder, PLACES.results, data_sha256))
    there = [name for name in names if name not in missing]
    if not there:
        return None, missing
    said = {key: audit.get(key, []) for key in ("warnings", "untested", "data")} if audit else {}
    return DetectorBoard(read_detectors(folder, there), timings(PLACES.models, there), **said), missing


def _baselines(data_sha256: str) -> tuple[BaselinesRecord | None, dict[str, str]]:
    """Return the baselines of these images, or why there are none."""
    path = METRICS / "baselines.json"
    if path.is_file() and (PLACES.baselines / RESAMPLED).is_file():
        found: BaselinesRecord = read_json(path)
        if found["data_sha256"] == data_sha256:
            return found, {}
    return None, {REGRESSION: "the baselines of these images were not fitted"}


if __name__ == "__main__":
    run_stage(work, __doc__)
