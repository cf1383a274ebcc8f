"""CLAIM item 33: the sets from elsewhere, what was taken of each, and how far the networks fell there."""

from collections.abc import Mapping

from chestbench.reports import leaderboard_cells
from chestbench.reports.claim_facts import Answer, ClaimFacts, Record, left_to_authors, partly
from chestbench.reports.markdown import facts, table
from chestbench.reports.rendering import said


def external_test(known: ClaimFacts) -> Answer:
    """Return the answer; for the authors where there was no such test."""
    if not known.board.external:
        return left_to_authors("none was done: set evaluate.external.")
    lines = [said("external")[0], "", *table(*leaderboard_cells.external(known.board.external))]
    for record in known.external_sets:
        lines += ["", *_described(record)]
    return partly("who the patients of those sets are, how they were chosen, and what differs there.", *lines)


def _described(record: Record) -> list[str]:
    """Return what metrics/external/SET/MODEL.json says of the set itself: it is the same for every network."""
    about, test = record["about"], record["test"]
    images = [f"{entry['images']} {name}" for name, entry in test["per_class"].items()]
    same, alike = record["known"]["same"], record["known"]["alike"]
    return facts(
        {
            "set": record["set"],
            "title": about["title"],
            "handle": about["handle"],
            "version": about["version"],
            "address": about["url"],
            "licence": about["licence"],
            "citation": about["citation"],
            "modality": about["modality"],
            "archive SHA-256": about["sha256"],
            "images": f"{', '.join(images)}, in {test['groups']} groups (by {record['split_unit']})",
            "their class, read as ours": ", ".join(f"{theirs} = {ours}" for theirs, ours in record["classes"].items()),
            "left out, of classes that are none of ours": _counted(record["left_out"]),
            "left out, unusable or copies": _counted(record["excluded"]),
            "left out, pictures of the study itself": f"{same} the very same, {alike} alike",
        }
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
