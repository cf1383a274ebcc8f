"""Names that are a part of a split and a class in one: "train_covid", "COVID-Test", "covid" beside "covid_test"."""

import re
from collections.abc import Mapping, Sequence

from chestbench.catalog.folders.words.kind_words import FILLERS, IMAGE_WORDS, is_mask_name
from chestbench.catalog.folders.words.split_vocabulary import (
    TEST,
    TRAIN,
    VAL,
    WEAK_SPLIT_WORDS,
    split_tokens,
    split_word,
)
from chestbench.catalog.folders.words.words import words_of

_WEAK_BEHIND = re.compile(
    r"(?P<rest>.*[^\W_])([ _.-]+(?P<part>(?i:tr|va|vl|te|ts))|(?<=[a-z\d])(?P<camel>T[rse]|V[al]))"
)
_PART = "train|training|val|valid|validation|test|testing|dev|holdout"
_PART_BEHIND = re.compile(rf"(?P<rest>.*[^\W_])[ _.-]*(?P<part>{_PART})", re.IGNORECASE)
_PART_BEFORE = re.compile(rf"(?P<part>{_PART})[ _.-]*(?P<rest>[^\W_].*)", re.IGNORECASE)


def compound_of(name: str) -> tuple[int, str] | None:
    """Return part and rest of a name such as "train_covid" or "COVID-Test"; None where it names none, or several."""
    words = split_tokens(name)
    places = [place for place, word in enumerate(words) if split_word(word) is not None]
    if len(places) != 1 or len(words) < 2 or is_mask_name(name):
        return None
    rest = [word for place, word in enumerate(words) if place != places[0]]
    part = split_word(words[places[0]])
    return (part, _without(name, words[places[0]]) or " ".join(rest)) if part is not None else None


def _without(name: str, word: str) -> str:
    """Cut a word out of a name, and what joins it."""
    name = re.sub(rf"[(\[]{re.escape(word)}[)\]]", word, name, flags=re.IGNORECASE)
    at = name.lower().find(word)
    return (name[:at].rstrip(" _-.") + "_" + name[at + len(word) :].lstrip(" _-.")).strip(" _-.") if at >= 0 else ""


def with_train_beside(compounds: dict[str, tuple[int, str]], names: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Add "covid" and "normal" beside "covid_test" and "normal_test images" as the train part of their classes.

    There must be two such classes or more, each with its own folder, all parts named val or test: "Pre" beside
    "Pre-test" is no split.
    """
    of_class = {key_of(rest) for _, rest in compounds.values()}
    beside = {key_of(name): name for name in names if name not in compounds and key_of(name) in of_class}
    if len(of_class) < 2 or set(beside) != of_class or {part for part, _ in compounds.values()} - {VAL, TEST}:
        return compounds
    return {name: (part, beside[key_of(rest)]) for name, (part, rest) in compounds.items()} | {
        name: (TRAIN, name) for name in beside.values()
    }


def glued_parts(
    candidates: Sequence[str], names: Sequence[str], compounds: Mapping[str, tuple[int, str]]
) -> dict[str, tuple[int, str]]:
    """Return part and rest of names that end or begin in a part without a gap, where the rest is there as well.

    "COVIDtest" beside "COVID" or "COVIDtrain"; "latest" is no test of "la" unless that is there.
    """
    known = {name.casefold() for name in names}
    found: dict[str, tuple[int, str]] = {}
    for name in candidates:
        for match in (_PART_BEHIND.fullmatch(name), _PART_BEFORE.fullmatch(name)):
            if match and (part := split_word(match["part"].casefold())) is not None:
                found[name] = part, match["rest"]
                break
    parts_of: dict[str, set[int]] = {}
    for part, rest in (*found.values(), *compounds.values()):
        parts_of.setdefault(rest.casefold(), set()).add(part)
    return {
        name: (part, rest)
        for name, (part, rest) in found.items()
        if rest.casefold() in known or len(parts_of[rest.casefold()]) > 1
    }


def weak_parts(candidates: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return part and rest of "covid_tr" and "covidTs", where each class has train and another part, two classes do."""
    found: dict[str, tuple[int, str]] = {}
    for name in candidates:
        if match := _WEAK_BEHIND.fullmatch(name):
            found[name] = WEAK_SPLIT_WORDS[(match["part"] or match["camel"]).lower()], match["rest"]
    parts_of: dict[str, set[int]] = {}
    for part, rest in found.values():
        parts_of.setdefault(rest, set()).add(part)
    is_split = len(parts_of) > 1 and all(TRAIN in parts and len(parts) > 1 for parts in parts_of.values())
    return found if is_split else {}


def joins(suspect: str, name: str) -> bool:
    """Tell whether a folder is a part of the class that another is called after: "covid_test" of "covid"."""
    found = compound_of(suspect)
    return found is not None and key_of(found[1]) == key_of(name)


def key_of(name: str) -> str:
    """Return what names of one class share: its words without those that say nothing or only "pictures"."""
    words = [word for word in words_of(name) if word not in FILLERS]
    return " ".join([word for word in words if word not in IMAGE_WORDS] or words) or name
