"""MODEL_CARD.md: what a trained network is, what it learnt from, how well it does, and what it is not for.

After M. Mitchell et al. 2019, Model cards for model reporting, FAT* 220-229. Everything stands in the run's files: the
card depends on them alone, so that it is the same wherever it is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.config import Dataset
from chestbench.core.files import atomic_file
from chestbench.core.notice import NOTICE, SYNTHETIC
from chestbench.core.words import with_interval
from chestbench.reports.audits import SHORTCUTS, leak_lines
from chestbench.reports.card_results import results
from chestbench.reports.markdown import escaped, facts, table

CARD = "MODEL_CARD.md"
FITS = {"pad": "padded with black to a square", "stretch": "stretched to a square"}
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What the card is made from.

    Attributes:
        training: models/MODEL/training.json. record: metrics/models/MODEL.json.
        dataset: what the parameters say of the data set. source: data/raw/source.json.
        catalog, split: metrics/catalog.json and metrics/split.json. audit: metrics/audit.json, or None without one.
    """

    training: Record
    record: Record
    dataset: Dataset
    source: Record
    catalog: Record
    split: Record
    audit: Record | None = None


def write_card(path: Path, found: Facts) -> None:
    """Write the card atomically: UTF-8, newline ends."""
    with atomic_file(path) as temporary:
        temporary.write_text(card(found), encoding="utf-8", newline="\n")


def card(found: Facts) -> str:
    """Return the card as Markdown."""
    training, synthetic = found.training, found.catalog["synthetic"]
    lines = [f"# {escaped(training['model'])}, trained on {escaped(found.dataset.title)}", ""]
    lines += [f"**{NOTICE[0].upper()}{NOTICE[1:]}.**" + (f" {SYNTHETIC.capitalize()}." if synthetic else ""), ""]
    if training.get("random_labels"):
        lines += ["**A control: it was trained on shuffled labels, and what it says means nothing.**", ""]
    sections: tuple[tuple[str, Callable[[Facts], list[str]]], ...] = (
        ("Network", _network),
        ("Intended use", _use),
        ("Data", _data),
        ("Training", _training),
        ("Results", lambda facts: results(facts.record)),
        ("Audits", _audits),
        ("Limits", _limits),
    )
    for title, write in sections:
        lines += [f"## {title}", "", *write(found), ""]
    return "\n".join(lines)


def _network(found: Facts) -> list[str]:
    training, config = found.training, found.training["config"]
    size = training["image_size"]
    region = config.get("preprocess.roi", "none")
    return facts(
        {
            "network": training["model"],
            "parameters": f"{training['parameters']:,}",
            "initial weights": "ImageNet" if training["weights"] == "imagenet" else "random",
            "in": f"a grey image of {size} x {size} pixels, 0 to 255, {FITS[config['preprocess.fit']]}"
            + ("" if region == "none" else f", region of interest: {region}"),
            "out": f"a probability for each of {', '.join(training['classes'])}",
            "file": "model.keras (loads with keras alone; it normalises inside)",
            "run key": training["run_key"],
        }
    )


def _use(found: Facts) -> list[str]:
    modality = "images" if found.dataset.modality == "unknown" else f"{found.dataset.modality} images"
    return [
        f"For research and teaching: comparing networks on chest {modality} under one protocol, and studying how such "
        "networks fail.",
        "",
        "Not for diagnosis, triage or any decision about a person; not a medical device. Not for images from elsewhere "
        "until it was tried on images from there: `evaluate.external` does that, and writes "
        f"`metrics/external/SET/{found.training['model']}.json` after this card.",
    ]


def _data(found: Facts) -> list[str]:
    source, catalog, split = found.source, found.catalog, found.split
    lines = facts(
        {
            "data set": f"{found.dataset.title} ({source['name']})",
            "source": source["source"],
            "handle": source.get("handle"),
            "version": source.get("version"),
            "address": source.get("url"),
            "licence": found.dataset.licence,
            "citation": found.dataset.citation,
            "modality": found.dataset.modality,
            "archive": f"{source['bytes']:,} bytes, SHA-256 {source['sha256']}",
            "images as prepared": f"SHA-256 {found.training['data_sha256']}",
            "images": f"{catalog['images_found']:,} found, {catalog['images_kept']:,} kept",
            "left out": ", ".join(f"{count} {reason}" for reason, count in catalog["excluded"].items()) or "none",
            "split": f"by {split['split_unit']}{', as the archive gives it' if split['given_split'] else ''}",
            "images without a patient or study id": catalog.get("images_without_group") or None,
        }
    )
    classes = list(found.training["classes"])
    rows = [
        [name, *(split["images"][name].get(label, 0) for label in classes), split["groups"][name]]
        for name in split["images"]
    ]
    return [*lines, "", *table(["split", *classes, "groups"], rows)]


def _training(found: Facts) -> list[str]:
    training = found.training
    revision = training.get("git_revision")
    changed = ", with changes that are not in it" if training.get("git_dirty") == "true" else ""
    lines = facts(
        {
            "seed": training["seed"],
            "epochs": f"{training['epochs_run']}, the best was {training['best_epoch']}",
            "device": training["device"],
            "backend": training["backend"],
            "precision": training["precision"],
            "time": f"{training['seconds']:.0f} s, {training['images_per_second']:.1f} images/s",
            "energy": _energy(training.get("energy")),
            "Git revision": f"{revision}{changed}" if revision else "not known",
            "versions": ", ".join(f"{name} {version}" for name, version in training["versions"].items()),
        }
    )
    return [*lines, "", *table(["parameter", "value"], sorted(training["config"].items()))]


def _energy(energy: Record | None) -> str:
    parts = [
        f"{part.upper()} {energy[f'{part}_joules'] / 1000:.1f} kJ ({energy[f'{part}_joules'] / 3.6e6:.4f} kWh)"
        for part in ("cpu", "gpu")
        if energy and energy.get(f"{part}_joules") is not None
    ]
    if not energy or not parts:
        return "not measured (no counter of this machine could be read)"
    rest = "" if energy["whole"] else ", since it was gone on with; what was spent before is not known"
    return f"{', '.join(parts)} by the chips' own counters{rest}"


def _audits(found: Facts) -> list[str]:
    lines = leak_lines(found.catalog.get("leaks"), found.split.get("leaks"))
    if found.audit is None:
        return [*lines, "Shortcuts (file properties, pictures with the lungs blacked out): not audited."]
    lines += ["How well the labels are told without the lungs (AUC; 1: always, 0.5: not at all):", ""]
    for name, entry in found.audit["shortcuts"].items():
        shown = f"- {escaped(SHORTCUTS.get(name, name))}: "
        if entry.get("not_judged"):
            lines.append(f"{shown}not judged: {escaped(entry['not_judged'])}")
            continue
        told = f", most by {escaped(entry['tells_most'])}" if entry.get("tells_most") else ""
        verdict = "**warning**" if entry["warning"] else "no warning"
        lines.append(f"{shown}AUC {escaped(with_interval(entry['auc']))}{told}; {verdict}")
    warnings = found.audit["warnings"]
    return [*lines, "", *(f"- **{escaped(sentence)}**" for sentence in warnings)] if warnings else lines


def _limits(found: Facts) -> list[str]:
    training, record, split = found.training, found.record, found.split
    absent = record["test"].get("absent_classes")
    without = found.catalog.get("images_without_group")
    conditions = {
        "The pictures are drawn by a program: figures say nothing of patients.": found.catalog["synthetic"],
        "Patients are not known: pictures that look alike are kept in one split, but two pictures of one patient that "
        "do not may lie in train and in test, which flatters the figures.": split["split_unit"] == "image",
        f"{without} images have no id of patient or study: each stands for itself, or with its look-alikes.": without
        and split["split_unit"] != "image",
        f"The test set has no image of {escaped(', '.join(absent or []))}.": absent,
        "One training: how much another seed would change is not known (`train.seeds`).": "seeds" not in record,
        "The data set's own split is followed; leaks in it are counted above, not mended.": split["given_split"],
    }
    lines = [f"- {sentence}" for sentence, holds in conditions.items() if holds]
    confidence, resamples = record["bootstrap"]["confidence"], record["bootstrap"]["resamples"]
    return [
        *lines,
        f"- Intervals ({confidence:.0%}, {resamples:,} resamples of whole groups) speak of which groups were drawn "
        "into the test set, not of other hospitals, scanners, times or populations.",
        "- Networks of this kind have been found to read borders, markers and scanners instead of lungs (DeGrave et "
        "al. 2021, Nature Machine Intelligence 3:610; Maguolo and Nanni 2021, Information Fusion 76:1).",
        f"- Trained on {escaped(training['device'])}; what is bit-exact elsewhere and what is not: "
        "docs/reproducibility.md.",
    ]
