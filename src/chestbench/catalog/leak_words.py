"""What the catalog warns of, of what lets a network know test pictures from training."""

import logging

logger = logging.getLogger(__name__)


def warn_of_leaks(counts: dict[str, int], is_given: bool) -> None:
    """Warn of the counts of `Leaks` (see leaks.py); `is_given`: whether a given split is honoured."""
    if counts["groups_of_two_labels"]:
        logger.warning(
            "%d patients (or studies) have images of several labels: see results/catalog/leaks.csv",
            counts["groups_of_two_labels"],
        )
    if counts["near_duplicate_label_conflicts"]:
        logger.warning(
            "%d pairs of pictures look alike and carry two labels: see results/catalog/leaks.csv",
            counts["near_duplicate_label_conflicts"],
        )
    if counts["near_duplicate_pairs_of_two_patients"]:
        logger.warning(
            "%d pairs of pictures look alike and have two patients' (or studies') ids%s",
            counts["near_duplicate_pairs_of_two_patients"],
            "" if is_given else ": these patients stay together",
        )
    if counts["exact_label_conflicts"]:
        logger.warning(
            "%d images are left out whose pixels are there under two labels: see results/catalog/leaks.csv",
            counts["exact_label_conflicts"],
        )
    if counts["given_split_exact_duplicates"]:
        logger.warning(
            "%d exact duplicates lie in another part of the given split than their first copy, and are left out",
            counts["given_split_exact_duplicates"],
        )
    across = {
        "groups (patients, studies or look-alike clusters)": counts["given_split_groups"],
        "near-duplicate pairs": counts["given_split_near_duplicate_pairs"],
    }
    if any(across.values()):
        logger.warning(
            "%s lie in more than one part of the given split: it is honoured as published, and scores on it may be too "
            "high; dataset.given_split=ignore splits anew",
            " and ".join(f"{count} {what}" for what, count in across.items() if count),
        )
