"""CLAIM.md: the Checklist for AI in Medical Imaging, filled where the pipeline knows the answer.

Items are numbered as in the 2024 update (A. S. Tejani et al., Radiology: Artificial Intelligence 2024;6(4):e240300),
with the number in the first edition beside it (J. Mongan, L. Moy, C. E. Kahn, ibid. 2020;2(2):e200029). Titles are our
own short words; read the checklist itself for what an item asks. An item is `filled`, `partly` (the pipeline knows a
part, the rest is named) or left to the authors: what only people can know is never guessed.
"""

from collections import Counter
from pathlib import Path

from chestbench.core.files import atomic_file
from chestbench.core.notice import NOTICE, SYNTHETIC
from chestbench.reports import claim_data, claim_network, claim_results
from chestbench.reports.claim_facts import AUTHORS, ClaimFacts, left_to_authors
from chestbench.reports.markdown import escaped

__all__ = ["ITEMS", "ClaimFacts", "claim", "write_claim"]

# Section -> items: number in 2024, number in 2020 (or None), title in our words.
ITEMS: dict[str, list[tuple[int, str | None, str]]] = {
    "Title and abstract": [(1, "1", "Title names AI and its kind"), (2, "2", "Abstract")],
    "Introduction": [(3, "3", "Background and intended role"), (4, "4", "Aims and hypotheses")],
    "Methods: design": [(5, "5", "Looking forward or back"), (6, "6", "Kind of study")],
    "Methods: data": [
        (7, "7", "Where the images come from"),
        (8, "8", "Who was taken in and who was not"),
        (9, "9", "What was done to the images"),
        (10, "10", "Parts of the data or of the images that were used"),
        (11, "12", "Removing what identifies people"),
        (12, "13", "Missing data"),
        (13, None, "How the images were acquired"),
    ],
    "Methods: reference standard": [
        (14, "14", "How the labels came about"),
        (15, "15", "Why this reference standard"),
        (16, "16 and 17", "Who labelled, and with what"),
        (17, None, "How the test images were labelled"),
        (18, "18", "Agreement of readers"),
    ],
    "Methods: partitions and test set": [
        (19, "20", "How images were divided"),
        (20, "21", "What the partitions do not share"),
        (21, "19", "Size of the test set and why"),
    ],
    "Methods: model and training": [
        (22, "22", "The networks"),
        (23, "23", "Software"),
        (24, "24", "Initial weights"),
        (25, "25", "Training"),
        (26, "26", "How the final network was chosen"),
        (27, "27", "Ensembles"),
    ],
    "Methods: evaluation": [
        (28, "28", "Measures"),
        (29, "29", "Uncertainty and significance"),
        (30, "30", "Robustness"),
        (31, "31", "Explanations and whether they hold"),
        (32, None, "Internal test"),
        (33, "32", "External test"),
        (34, "40", "Registration"),
    ],
    "Results": [
        (35, "33", "How many were taken in and left out"),
        (36, "34", "What the patients were like"),
        (37, "35", "Performance and its uncertainty"),
        (38, "36", "Diagnostic figures of the chosen network"),
        (39, "37", "Where it fails"),
    ],
    "Discussion": [(40, "38", "Limits"), (41, "39", "What it means for practice")],
    "Other": [
        (42, "41", "Protocol and technical details"),
        (43, None, "Availability of code, networks and data"),
        (44, "42", "Funding"),
    ],
}


def write_claim(path: Path, known: ClaimFacts) -> None:
    """Write the checklist atomically: UTF-8, newline ends."""
    with atomic_file(path) as temporary:
        temporary.write_text(claim(known), encoding="utf-8", newline="\n")


def claim(known: ClaimFacts) -> str:
    """Return the checklist as Markdown."""
    answers = {
        **{number: left_to_authors() for items in ITEMS.values() for number, _, _ in items},
        **claim_data.answers(known),
        **claim_network.answers(known),
        **claim_results.answers(known),
    }
    counts = Counter(answer.status for answer in answers.values())
    lines = [
        f"# CLAIM checklist: {escaped(known.config.dataset.title)}",
        "",
        f"**{NOTICE[0].upper()}{NOTICE[1:]}.**" + (f" {SYNTHETIC.capitalize()}." if known.catalog["synthetic"] else ""),
        "",
        "Checklist for Artificial Intelligence in Medical Imaging, update of 2024 (doi 10.1148/ryai.240300; first "
        "edition: doi 10.1148/ryai.2020200029). Titles are in our words; the checklist itself says what an item asks. "
        f"Written by `dvc repro compare`: {', '.join(f'{counts[status]} {status}' for status in sorted(counts))}.",
        "",
    ]
    for section, items in ITEMS.items():
        lines += [f"## {section}", ""]
        for number, earlier, title in items:
            answer = answers[number]
            edition = f"2020: {earlier}" if earlier else "new in 2024"
            lines += [f"### {number}. {title}", "", f"*{edition}; {answer.status}*", ""]
            lines += [*answer.lines, ""] if answer.lines else []
            lines += [f"_{AUTHORS}: {answer.rest}_" if answer.rest else f"_{AUTHORS}_", ""] * (
                answer.status != "filled"
            )
    lines += [
        "### Item 11 of 2020 (left out in 2024). Definitions of the data",
        "",
        *claim_data.definitions(known),
        "",
    ]
    return "\n".join(lines).rstrip() + "\n"
