"""report: the whole study as one file, results/report.html, that can be mailed, printed and read without a network.

Reads what the stages before left: metrics/, models/ (what was trained, times, versions), results/ (predictions, curves,
pictures), data/processed (the test images), data/catalog.csv (sex, age, view, source) and conf/ (the defaults). It also
goes to MLflow, to the run of the chosen network. Run by hand, `python -m stages.report` shows a study of which some
network was not trained or evaluated, and says first which and why.
"""

import argparse
from pathlib import Path

from chestbench.catalog.records import LEAKS
from chestbench.core.config import Config
from chestbench.core.files import read_csv, read_json
from chestbench.core.stage import run_stage
from chestbench.evaluation.study import Places, check_some, read_study, without_results
from chestbench.measures.subgroups import read_attributes
from chestbench.preparation.arrays import load_info, load_split
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
    missing = without_results(config.model.variants, PLACES, load_info(processed)["data_sha256"])
    study = read_study(config, PLACES, check_some(config.model.variants, missing))
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
            external_sets=[
                read_json(METRICS / f"external/{entry.name}/{best['model']}.json") for entry in config.evaluate.external
            ],
            **known,
        ),
    )
    log_report(path, best)
    # Of a whole study the leaderboard, just printed, says what must be known before a figure is believed.
    lines = [f"WARNING: {warning}" for warning in first.warnings] if missing else []
    lines.append(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB): `make report` opens it")
    return "\n".join([*lines, f"beside it lie {beside(RESULTS)}"])


if __name__ == "__main__":
    run_stage(work, __doc__)
