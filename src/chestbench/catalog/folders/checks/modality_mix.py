"""Slices of CT and X-rays in one set, by the names of folders above or below the classes."""

import logging
from collections import Counter
from collections.abc import Mapping

from chestbench.catalog.folders.words.words import word_set, words_of
from chestbench.catalog.override import value_line

logger = logging.getLogger(__name__)

_CT = word_set("ct cts hrct ldct cect ncct tc tdm tomography tomografia tomographie кт")
_XRAY = word_set(
    "cxr cxrs xray xrays cr dx rx radiograph radiographs radiography radiografia radiografias radiographie rontgen "
    "roentgen rontgenbilder rentgen рентген"
)


def warn_of_modalities(sources: Mapping[str, str], counts: Mapping[str, int]) -> None:
    """Say that sources are of both kinds: one network would learn two kinds of pictures.

    Args:
        sources: path of a folder -> its source, folders joined with "/".
        counts: path of a folder that has a class -> pictures directly in it.
    """
    names: dict[str, Counter[str]] = {"CT": Counter(), "X-rays": Counter()}
    for folder, count in counts.items():
        for name in sources.get(folder, "").split("/"):
            words = set(words_of(name))
            kinds = [kind for kind, of_kind in (("CT", _CT), ("X-rays", _XRAY)) if words & of_kind]
            if len(kinds) == 1:
                names[kinds[0]][name] += count
    if not all(names.values()):
        return
    lines = [f"{_without(names[other])} leaves {kind} alone" for kind, other in (("CT", "X-rays"), ("X-rays", "CT"))]
    logger.warning(
        "CT and X-rays are mixed, by folders %s: one network would learn both, and could tell a class by them; %s",
        " and ".join(f"{name!r} ({count})" for found in names.values() for name, count in sorted(found.items())),
        ", ".join(lines),
    )


def _without(names: Counter[str]) -> str:
    return value_line(
        "dataset.exclude", [pattern for name in sorted(names) for pattern in (f"{name}/*", f"*/{name}/*")]
    )
