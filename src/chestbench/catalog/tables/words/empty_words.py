"""Cells that say that nothing is known, as people and programs write them: "NA", "nan", "unknown"."""

# "none" and "no" are not among them: where findings are asked for they are an answer.
NOTHING = {
    *("na", "n/a", "#n/a", "n.a.", "nan", "null", "nil", "?", "??", "-", "--", ".", "tbd", "#value!", "<na>"),
    *("unknown", "unk", "missing", "not available", "not known", "unlabeled", "unlabelled", "not labeled"),
    *(
        "inconnu",
        "desconocido",
        "desconhecido",
        "unbekannt",
        "sconosciuto",
        "неизвестно",
        "미상",
        "알수없음",
        "未知",
        "不明",
    ),
}


def says_nothing(cell: str) -> bool:
    """Tell whether a cell of a label column says that nothing is known.

    >>> [cell for cell in ("NA", "nan", "None", "-1", "Unknown ", "no finding") if says_nothing(cell)]
    ['NA', 'nan', 'Unknown ']
    """
    return cell.strip().casefold() in NOTHING
