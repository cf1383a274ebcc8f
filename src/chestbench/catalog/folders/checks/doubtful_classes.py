"""Folders beside the classes whose names say that their pictures are none of them: "nicht auswertbar", "to sort"."""

from collections.abc import Collection, Mapping

from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.reading_errors import two_readings
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.aside_words import NOT_WORDS, TO_DO_WORDS
from chestbench.catalog.folders.words.finding_words import FINDINGS, is_finding_word
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import word_set, words_of
from chestbench.core.negation import ADJECTIVES, NOUNS

# What is denied of somebody healthy, or tells kinds of a disease apart: "ohne Befund", "non-small cell".
_OF_PEOPLE = (
    NOUNS
    | ADJECTIVES
    | word_set(
        "befund befunde auffalligkeit auffalligkeiten pathology pathologies pathological pathologie pathologisch "
        "patologia patologias hallazgo hallazgos anomalia anomalias anomalie anomalies anomaly reperto reperti achado "
        "achados bevinding bevindingen evidence evidencia symptoms symptom symptome sintomas change changes "
        "veranderung патологии патология изменений"
    )
)


def check_doubtful(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse classes that lie beside two findings and by their names are none: what is denied, asked or still to do.

    No list of words is complete. "nicht auswertbar", "не размечено" and "zu befunden" are told by how they begin, and
    "covid?" by its sign.

    Raises:
        ChestbenchError: shows both readings.
    """
    counts = reading.counts(folders)
    known = [name for name in counts if role_of(name) is Role.FINDING and "?" not in name]
    doubtful = {name for name in counts if name not in known and _is_doubtful(name, set(counts) - {name})}
    if len(known) < 2 or not doubtful:
        return
    places = {
        folder: Place(None, -1, (*place.above, *place.below), ()) if place.label in doubtful else place
        for folder, place in reading.places.items()
    }
    raise two_readings(folders, [Reading(places, reading.why), reading], parts)


def _is_doubtful(name: str, others: Collection[str]) -> bool:
    words = words_of(name)
    if "?" in name or "？" in name:
        return True
    if len(words) < 2 or any(map(is_finding_word, words)):
        return False
    denied = words[0] in NOT_WORDS and not any(word in _OF_PEOPLE for word in words[1:])
    is_to_do = words[0] in TO_DO_WORDS
    known = FINDINGS | {word for other in others for word in words_of(other)}
    return (denied or is_to_do) and known.isdisjoint(words[1:])
