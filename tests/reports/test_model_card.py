"""The model card says what the run's files say, and nothing of the machine or of people."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chestbench.core.words import OVERALL, heading
from chestbench.measures.intervals import evaluate_split
from chestbench.reports.markdown import escaped
from chestbench.reports.model_card import Facts, card, write_card
from tests.evaluation.workspace import training_record

CLASSES = ["정상 1", "Viral | *Pneumonia*"]
PROBABILITIES = [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]]


def make_facts(make_config, training: dict | None = None, record: dict | None = None, **changes: Any) -> Facts:
    split = evaluate_split([0, 0, 1, 1], PROBABILITIES, [1, 2, 3, 4], CLASSES, 100)
    measured = {
        "classes": CLASSES,
        "split_unit": "patient",
        "bootstrap": {"resamples": 100, "confidence": 0.95, "unit": "patient"},
        "val": split,
        "test": split,
        **(record or {}),
    }
    counts = {name: {label: 2 for label in CLASSES} for name in ("train", "val", "test")}
    catalog = {
        "synthetic": True,
        "images_found": 1250,
        "images_kept": 1240,
        "excluded": {"exact duplicate": 10},
        "images_without_group": 0,
    }
    found = {
        "training": training_record("resnet50", CLASSES, **(training or {})),
        "record": measured,
        "dataset": make_config().dataset,
        "source": {
            "name": "sample",
            "source": "sample",
            "handle": "owner/name",
            "version": 3,
            "url": None,
            "bytes": 12345,
            "sha256": "a" * 64,
        },
        "catalog": catalog,
        "split": {
            "split_unit": "patient",
            "given_split": False,
            "images": counts,
            "groups": {"train": 2, "val": 2, "test": 2},
        },
    }
    return Facts(**{**found, **changes})


def cells(text: str, first: str) -> list[str]:
    """The cells of the table row that begins with `first`."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_it_says_where_the_network_comes_from(make_config) -> None:
    code = {"git_revision": "b" * 40, "git_dirty": "true"}
    text = card(make_facts(make_config, code))
    for words in (
        "# resnet50, trained on Synthetic chest CT slices (generated, no real patient)",
        "**For research and education, not for diagnosis.** Synthetic images, no real patient.",
        "- handle: owner/name\n- version: 3\n- licence: Apache-2.0",
        f"- archive: 12,345 bytes, SHA-256 {'a' * 64}",
        f"- images as prepared: SHA-256 {'d' * 64}",
        "- images: 1,250 found, 1,240 kept\n- left out: 10 exact duplicate\n- split: by patient",
        "- device: a chip (CPU, 2 cores)",
        "- time: 12 s, 99.5 images/s",
        f"- Git revision: {'b' * 40}, with changes that are not in it",
        "- versions: python 3.11",
        "Not for diagnosis, triage or any decision about a person",
        "metrics/external/SET/resnet50.json",
        "Shortcuts (file properties, pictures with the lungs blacked out): not audited.",
        "The pictures are drawn by a program",
        "One training: how much another seed would change is not known",
    ):
        assert words in text, words
    assert cells(text, "train") == ["train", "2", "2", "2"]
    assert cells(text, "train.learning\\_rate") == ["train.learning\\_rate", "0.001"]
    assert "- address" not in text and "None" not in text


def test_measures_have_their_intervals(make_config) -> None:
    found = make_facts(make_config)
    text, test = card(found), found.record["test"]
    measure = test["balanced_accuracy"]
    shown = f"{measure['value']:.3f} \\[{measure['low']:.3f}, {measure['high']:.3f}\\]"
    assert cells(text, "balanced accuracy") == ["balanced accuracy", shown, shown]
    for key in OVERALL:
        assert (f"\n| {heading(key)} |" in text) == (key in test)
    normal = [line for line in text.splitlines() if line.startswith("| 정상 1 | 2 |")]
    assert len(normal) == 1 and f"{test['per_class'][CLASSES[0]]['sensitivity']['value']:.3f}" in normal[0]
    assert "| 정상 1 | 1 | 1 |" in text and "| Viral \\| \\*Pneumonia\\* | 0 | 2 |" in text
    assert "Temperature" not in text and "threshold chosen" not in text
    assert "without an interval" not in text
    found.record["val"]["macro_auc"] |= {"low": None, "high": None}
    assert "A figure without an interval rests on one group" in card(found)


def test_calibration_thresholds_and_seeds_are_shown_where_they_are(make_config) -> None:
    undefined = {"value": None, "low": None, "high": None}
    measure = {"value": 0.25, "low": 0.2, "high": 0.3}
    split = evaluate_split([0, 0, 1, 1], PROBABILITIES, [1, 2, 3, 4], CLASSES, 100)
    split |= {"brier": measure, "ece": measure, "ece_calibrated": undefined}
    split["per_group"] = {"groups": 3, "balanced_accuracy": {"value": 0.5, "low": None, "high": None}}
    four = dict.fromkeys(("sensitivity", "specificity", "ppv", "npv"), measure)
    split["per_class"][CLASSES[0]]["at_threshold"] = four
    more = {
        "val": split,
        "test": split,
        "temperature": 1.25,
        "thresholds": {
            CLASSES[0]: {"threshold": 0.375, "rule": "youden"},
            CLASSES[1]: {"threshold": None, "rule": "sensitivity 0.95"},
        },
        "seeds": {
            "seeds": [1, 2],
            "test_macro_auc": {"values": [0.5, None], "mean": 0.5, "sd": None},
        },
    }
    text = card(make_facts(make_config, record=more))
    assert cells(text, "Brier score")[1] == "0.250 \\[0.200, 0.300\\]"
    assert cells(text, "expected calibration error after temperature scaling")[1:] == ["undefined", "undefined"]
    assert cells(text, "balanced accuracy, per patient")[1] == "0.500"
    assert "Temperature (chosen on val; 1 leaves the probabilities as they are): 1.250." in text
    assert "| 정상 1 | 0.3750 | youden | 0.250 \\[0.200, 0.300\\] |" in text
    assert "| none | sensitivity 0.95 | undefined |" in text
    assert cells(text, "test macro ROC-AUC") == ["test macro ROC-AUC", "0.500", "undefined", "0.500", "undefined"]
    assert "One training:" not in text


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        (None, "not measured (no counter"),
        ({"cpu_joules": None, "gpu_joules": None, "whole": True}, "not measured (no counter"),
        (
            {"cpu_joules": 7200.0, "gpu_joules": None, "whole": True},
            "CPU 7.2 kJ (0.0020 kWh) by the chips' own",
        ),
        ({"cpu_joules": 7200.0, "gpu_joules": 36000.0, "whole": False}, "GPU 36.0 kJ (0.0100 kWh) by the chips' own"),
        ({"cpu_joules": 7200.0, "gpu_joules": None, "whole": False}, "what was spent before is not known"),
    ],
)
def test_energy_is_measured_or_said_not_to_be(make_config, energy: dict | None, words: str) -> None:
    assert f"{escaped(words)}" in card(make_facts(make_config, {"energy": energy}))


def test_audits_and_leaks_are_told(make_config) -> None:
    auc = {"value": 0.81, "low": 0.7, "high": 0.9}
    audit = {
        "shortcuts": {
            "file_properties": {"auc": auc, "properties": {}, "tells_most": "bit_depth", "warning": True},
            "blacked_out": {"auc": {"value": 0.5, "low": None, "high": None}, "box": [1, 2, 3, 4], "warning": False},
        },
        "warnings": ["File properties tell the label | see bit_depth."],
    }
    found = make_facts(make_config, audit=audit)
    leaks = {**found.catalog, "leaks": {"exact_duplicates": 4}}
    text = card(make_facts(make_config, audit=audit, catalog=leaks))
    files = "properties of the files: AUC 0.810 \\[0.700, 0.900\\], most by bit\\_depth; **warning**"
    assert files in text and "blacked out: AUC 0.500; no warning" in text
    assert "- **File properties tell the label \\| see bit\\_depth.**" in text
    assert (
        cells(text, "images with the same pixels as an earlier image of the same label (left out)")[1] == "4"
        and "not audited" not in text
    )
    audit["shortcuts"]["blacked_out"] |= {"auc": dict.fromkeys(("value", "low", "high")), "not_judged": "too *few*"}
    assert "blacked out: not judged: too \\*few\\*" in card(make_facts(make_config, audit=audit))


def test_limits_are_those_of_the_run(make_config) -> None:
    found = make_facts(make_config)
    catalog = {**found.catalog, "synthetic": False, "images_without_group": 7}
    split = {**found.split, "split_unit": "image", "given_split": True}
    text = card(make_facts(make_config, {"random_labels": True}, catalog=catalog, split=split))
    assert "Patients are not known" in text and "own split is followed" in text
    assert "drawn by a program" not in text and "Synthetic images" not in text
    assert "A control: it was trained on shuffled labels" in text
    assert "7 images have no id" in card(make_facts(make_config, catalog=catalog))


@pytest.mark.parametrize("name", ["/home/someone/x", "C:\\Users\\someone", "~/x"])
def test_no_path_of_a_machine_and_no_markup_gets_in(make_config, name: str) -> None:
    config = {"preprocess.fit": "pad", "preprocess.roi": "none", "a.path": name, "b": "<script>\n# no heading"}
    text = card(make_facts(make_config, {"config": config}))
    assert "someone" not in text and name not in text and "(absolute path)" in text
    assert "\n# no heading" not in text and "\\<script\\> # no heading" in text


def test_the_same_facts_give_the_same_file(make_config, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_card(tmp_path / name, make_facts(make_config))
    first = (tmp_path / "one").read_bytes()
    assert first == (tmp_path / "two").read_bytes()
    assert b"\r" not in first and not first.endswith(b"\n\n\n") and first.endswith(b"\n")
    assert str(tmp_path) not in first.decode()


def test_what_was_not_tested_what_is_looked_for_and_too_little_are_told(make_config) -> None:
    auc = {"value": 0.5, "low": 0.4, "high": 0.6}
    outside = {"auc": auc, "warning": False, "not_judged": "", "not_tested": "the box leaves 8% of the picture"}
    nothing = {"auc": dict.fromkeys(auc), "warning": False, "not_judged": "too few", "not_tested": "too few"}
    audit = {"shortcuts": {"file_properties": nothing, "blacked_out": outside}, "warnings": []}
    found = make_facts(make_config, audit=audit)
    text = card(found)
    assert "blacked out: AUC 0.500 \\[0.400, 0.600\\]; **not tested:** the box leaves 8% of the picture" in text
    assert "files: **not tested:** too few" in text and "no warning" not in text
    assert "Test, positive: none" in text and "TOO LITTLE" not in text
    name = found.record["classes"][1]
    record = {**found.record, "positive": {"class": name, "how": "stated"}, "tiny": ["val has 1 group of a"]}
    text = card(replace(found, record=record))
    assert f"Test, positive: {escaped(name)} (dataset.positive): sensitivity" in text
    assert text.count("TOO LITTLE DATA: val has 1 group of a") == 2
