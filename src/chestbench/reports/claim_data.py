"""CLAIM items on design, data, labels and partitions (1 to 21, 35 and 36)."""

from chestbench.core.notice import NOTICE
from chestbench.reports.audits import leak_lines
from chestbench.reports.claim_facts import Answer, ClaimFacts, Record, filled, left_to_authors, partly
from chestbench.reports.markdown import escaped, facts, table

UNITS = {
    "patient": "patient (or study): no patient is in two partitions",
    "study": "study: no study is in two partitions; the patients are not known",
    "image": "groups of images that look alike (perceptual hash): the patients are not known, so two unlike images of "
    "one patient may lie in two partitions",
}


def answers(known: ClaimFacts) -> dict[int, Answer]:
    """Return the answers by item."""
    config, catalog, split = known.config, known.catalog, known.split
    dataset, networks = config.dataset, ", ".join(record["model"] for record in known.records)
    synthetic = catalog["synthetic"]
    origin = (
        "drawn by a program for this pipeline: nobody was examined, looking forward or back"
        if synthetic
        else "there before the study: it looks back"
    )
    unit, test = split["split_unit"], known.records[0]["test"]
    return {
        1: partly(
            "the title itself.", f"Deep learning: convolutional networks that classify images ({escaped(networks)})."
        ),
        2: left_to_authors(),
        3: partly("the clinical background.", f"Intended use of all that is made here: {NOTICE}."),
        5: partly("how the images were collected.", f"The images were {origin}."),
        6: partly("the wider goal.", f"{_compared(known)} under one protocol; exploratory."),
        7: filled(*_source(known)),
        8: partly("how patients were found and chosen.", *_exclusions(known)),
        9: filled(*_processing(known)),
        10: filled(*_subsets(known)),
        11: partly(
            "what the publisher did, and whether text is burnt into the pixels.",
            "The archive is kept as it was published (data/raw). Of DICOM files only pixels go on from there, in new "
            "files without a header; patients and studies are salted hashes. Other files go on byte for byte "
            "(data/split), with whatever their own metadata say. What networks read (data/processed) is pixels alone. "
            "File names stay in one table of the audit; results name images by hashes of their bytes. Text inside the "
            "picture is not removed.",
        ),
        12: partly("missing clinical data.", *_missing(catalog)),
        13: partly("scanners and protocols.", *_acquisition(known)),
        14: partly(
            "how those labels were made.",
            f"The archive's labels: {'a table in it' if dataset.labels else 'the names of its folders'}.",
        ),
        18: partly(
            "agreement between readers.",
            "Identical pictures with two labels: "
            f"{catalog['excluded'].get('same picture under two labels', 0)}, all left out.",
        ),
        19: filled(*_division(known)),
        20: filled(
            "The archive's own split is followed, not mended."
            if split["given_split"]
            else f"Disjoint by {UNITS[unit]}.",
            *_leaks(known),
        ),
        21: partly(
            "the size that was wanted and its reason.",
            f"The test set is {split['shares']['test']:.1%} of the images: {test['images']} in {test['groups']} "
            "groups. No size was computed beforehand; the intervals show what it can tell.",
        ),
        35: filled(*_flow(known)),
        36: partly("age, sex, disease and its severity.", *_partitions(known)),
    }


def definitions(known: ClaimFacts) -> list[str]:
    """Return what the classes are called, and in which order."""
    classes = ", ".join(f"{place} {escaped(name)}" for place, name in enumerate(known.records[0]["classes"]))
    return [f"Classes: {classes}. Their clinical definitions: for the authors."]


def _source(known: ClaimFacts) -> list[str]:
    dataset, source = known.config.dataset, known.source
    return facts(
        {
            "data set": dataset.title,
            "source": source["source"],
            "handle": source.get("handle"),
            "version": source.get("version"),
            "address": source.get("url"),
            "licence": dataset.licence,
            "citation": dataset.citation,
            "archive SHA-256": source.get("sha256"),
            "images as prepared, SHA-256": known.records[0]["data_sha256"],
        }
    )


def _exclusions(known: ClaimFacts) -> list[str]:
    rows = list(known.catalog["excluded"].items())
    dataset = known.config.dataset
    limits = dataset.limit_per_class or {}
    return [
        f"{known.catalog['images_kept']} of {known.catalog['images_found']} files were kept. Left out, by rule:",
        "",
        *table(["reason", "files"], [*rows, ["name matches dataset.exclude", known.catalog["excluded_by_pattern"]]]),
        *(
            ["", f"At most, per class: {escaped(', '.join(f'{name} {n}' for name, n in limits.items()))}."]
            if limits
            else []
        ),
    ]


def _processing(known: ClaimFacts) -> list[str]:
    settings, done = known.config.preprocess, known.preprocess
    fallbacks = sum(done["fallbacks"].values())
    return [
        f"Decoded to 8-bit grey, resized to {settings.size} x {settings.size} pixels ({settings.fit}), region of "
        f"interest: {settings.roi}"
        + (f" (not found, and the fallback taken, in {fallbacks} images)." if settings.roi != "none" else ".")
        + " Normalisation is inside each network. The same for every partition; nothing is estimated from val or test.",
    ]


def _subsets(known: ClaimFacts) -> list[str]:
    dataset = known.config.dataset
    return facts(
        {
            "region of interest": known.config.preprocess.roi,
            "paths left out": ", ".join(dataset.exclude) or "none",
            "images per class limited": "yes" if dataset.limit_per_class else "no",
            "classes": ", ".join(known.records[0]["classes"]),
        }
    )


def _missing(catalog: Record) -> list[str]:
    unreadable = catalog["excluded"].get("unreadable", 0)
    return [
        f"Unreadable files: {unreadable}, left out. Images without an id of patient or study: "
        f"{catalog.get('images_without_group', 0)}; they stand for themselves, or with their look-alikes. Nothing is "
        "imputed."
    ]


def _acquisition(known: ClaimFacts) -> list[str]:
    sizes = ", ".join(
        f"{side} {size['min']} to {size['max']} pixels (median {size['median']})"
        for side, size in known.catalog["sizes"].items()
    )
    return [f"Modality: {known.config.dataset.modality}. As stored: {escaped(sizes)}."]


def _division(known: ClaimFacts) -> list[str]:
    config, split = known.config, known.split
    how = (
        "As the archive gives it."
        if split["given_split"]
        else (
            f"At random with seed {config.seed}, whole groups at a time, each class in its share, aiming at "
            f"{config.split.train:.0%} train, {config.split.val:.0%} val and {config.split.test:.0%} test."
        )
    )
    shares = ", ".join(f"{name} {share:.1%}" for name, share in split["shares"].items())
    return [f"{how} Reached: {shares}.", "", *_partitions(known)]


def _partitions(known: ClaimFacts) -> list[str]:
    classes, split = known.records[0]["classes"], known.split
    rows = [
        [name, *(images.get(label, 0) for label in classes), split["groups"][name]]
        for name, images in split["images"].items()
    ]
    return table(["partition", *classes, "groups"], rows)


def _leaks(known: ClaimFacts) -> list[str]:
    return ["", *leak_lines(known.catalog.get("leaks"), known.split.get("leaks"))]


def _compared(known: ClaimFacts) -> str:
    count = len(known.records)
    return "One network beside simple baselines" if count == 1 else f"Comparison of {count} networks"


def _flow(known: ClaimFacts) -> list[str]:
    catalog, split = known.catalog, known.split
    kept = sum(sum(images.values()) for images in split["images"].values())
    per_class = [[name, counts["found"], counts["kept"]] for name, counts in catalog["per_class"].items()]
    return [
        f"{catalog['images_found']} files found, {catalog['images_kept']} kept, {kept} divided into "
        + ", ".join(f"{sum(images.values())} {name}" for name, images in split["images"].items())
        + ". Reasons: item 8.",
        "",
        *table(["class", "found", "kept"], per_class),
    ]
