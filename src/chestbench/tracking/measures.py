"""What the measures of evaluation are called in MLflow. Pure functions, no MLflow.

Apart from naming.py, which training reads: a measure more must not train anything anew.
"""

import re
from collections.abc import Iterable, Mapping

from chestbench.core.words import MEASURES
from chestbench.measures.other_records import ExternalRecord
from chestbench.measures.record import NetworkRecord, SeedFigures, over_seeds, split_of

# `val_...` names the per-epoch curves; `best_val_...` is the finished network, whose weights are the best epoch's.
OVERALL_SPLITS = {"val": "best_val", "test": "test"}
DETAILED_SPLIT = "test"


def result_metrics(record: NetworkRecord) -> dict[str, float]:
    """Return measures of metrics/models/{model}.json by MLflow name, with `_low` and `_high` beside each.

    Val and test each have their overall measures; test also has those per class, such as
    `test_sensitivity_Viral_Pneumonia`, and `test_sensitivity_at_threshold_Viral_Pneumonia` at the threshold chosen on
    val (`threshold_Viral_Pneumonia`). Measures per study and per group are named as `test_study_map` and
    `test_group_macro_auc`. Undefined ones are left out.
    """
    found: dict[str, float | None] = {"temperature": record.get("temperature")}
    for split, prefix in OVERALL_SPLITS.items():
        measured = split_of(record, split)
        found.update(_measures(f"{prefix}_", measured))
        found.update(_measures(f"{prefix}_study_", measured.get("per_study", {})))
        found.update(_measures(f"{prefix}_group_", measured.get("per_group", {})))
    names = class_suffixes(record["classes"])
    for label, measures in split_of(record, DETAILED_SPLIT)["per_class"].items():
        found.update(_measures(f"{DETAILED_SPLIT}_", measures, f"_{names[label]}"))
        at_threshold = measures.get("at_threshold", {})
        found.update(_measures(f"{DETAILED_SPLIT}_", at_threshold, f"_at_threshold_{names[label]}"))
    for label, chosen in record.get("thresholds", {}).items():
        found[f"threshold_{names[label]}"] = chosen["threshold"]
    for name, measure in _seed_measures(record).items():
        found.update({f"{name}_seeds_mean": measure["mean"], f"{name}_seeds_sd": measure["sd"]})
    return {name: value for name, value in found.items() if value is not None}


def seed_metrics(record: NetworkRecord, seed: int) -> dict[str, float]:
    """Return what metrics/models/{model}.json says of a further training of the network, by MLflow name."""
    place = record["seeds"]["seeds"].index(seed)
    found = {name: measure["values"][place] for name, measure in _seed_measures(record).items()}
    return {name: value for name, value in found.items() if value is not None}


def external_metrics(record: ExternalRecord) -> dict[str, float]:
    """Return measures of metrics/external/SET/MODEL.json by MLflow name, with `_low` and `_high` beside each.

    Such as `external/other/balanced_accuracy`, `external/other/sensitivity_COVID` and `external/other/drop`; undefined
    ones are left out.
    """
    test, names, prefix = record["test"], class_suffixes(record["our_classes"]), f"external/{record['set']}/"
    found: dict[str, float | None] = {f"{prefix}images": float(test["images"]), **_measures(prefix, test)}
    for label, measures in test["per_class"].items():
        found.update(_measures(prefix, measures, f"_{names[label]}"))
        found.update(_measures(prefix, measures.get("at_threshold", {}), f"_at_threshold_{names[label]}"))
    found |= {
        f"{prefix}own_test_balanced_accuracy": record["own_test_balanced_accuracy"],
        f"{prefix}drop": record["drop"],
        f"{prefix}drop_low": record["drop_low"],
        f"{prefix}drop_high": record["drop_high"],
    }
    return {name: value for name, value in found.items() if value is not None}


def class_suffixes(classes: Iterable[str]) -> dict[str, str]:
    """Return the ending of each class's metric names: its name where that is plain ASCII, else `class_` and its index.

    MLflow allows letters of any script, but stores and address bars behind it do not all; the tag `class_0` has the
    full name. Names that would become equal (also ignoring case) all take their index.
    """
    names = list(classes)
    safe = [re.sub(r"\s+", "_", name) for name in names]
    folded = [name.casefold() for name in safe]
    return {
        name: safe[place]
        if re.fullmatch(r"[A-Za-z0-9_.\-]{1,60}", safe[place]) and folded.count(folded[place]) == 1
        else f"class_{place}"
        for place, name in enumerate(names)
    }


def _measures(prefix: str, measures: Mapping[str, object], suffix: str = "") -> dict[str, float | None]:
    """Return what has a value and bounds among `measures`, by name, with the bounds; each stands in `MEASURES`."""
    found: dict[str, float | None] = {}
    for name, measure in measures.items():
        if isinstance(measure, Mapping) and "value" in measure:
            # Per study, `study_map` is `..._study_map`, not `..._study_study_map`.
            key = MEASURES[name].key.removeprefix("study_" if prefix.endswith("study_") else "")
            whole = f"{prefix}{key}{suffix}"
            found |= {whole: measure["value"], f"{whole}_low": measure["low"], f"{whole}_high": measure["high"]}
    return found


def _seed_measures(record: NetworkRecord) -> dict[str, SeedFigures]:
    """Return the measures of all seeds by MLflow name; none where there is one seed."""
    if "seeds" not in record:
        return {}
    found = {}
    for name, measure in over_seeds(record["seeds"]).items():
        split, _, rest = name.partition("_")
        if split in OVERALL_SPLITS:
            found[f"{OVERALL_SPLITS[split]}_{rest}"] = measure
    return found
