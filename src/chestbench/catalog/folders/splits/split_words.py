"""Which folders are parts of a split: train, val and test in any usual spelling, alone or beside a class's name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from chestbench.catalog.folders.splits.split_compounds import (
    compound_of,
    glued_parts,
    key_of,
    weak_parts,
    with_train_beside,
)
from chestbench.catalog.folders.words.aside_words import UNLABELLED_WORDS
from chestbench.catalog.folders.words.finding_words import is_case_name, is_control_name
from chestbench.catalog.folders.words.kind_words import FILLERS, IMAGE_WORDS, ORGANS, is_mask_name
from chestbench.catalog.folders.words.split_vocabulary import (
    COHORT_WORDS,
    DERIVATION_WORDS,
    ELSEWHERE_WORDS,
    TEST,
    TRAIN,
    UNSPACED_BESIDE,
    VAL,
    is_development_word,
    is_validation_word,
    split_tokens,
    split_word,
)
from chestbench.catalog.folders.words.words import word_set, words_of
from chestbench.core.errors import ChestbenchError

PARTS = ("train", "val", "test")
_BESIDE = {word for word in FILLERS | IMAGE_WORDS | ORGANS if len(word) > 1} | {
    *("v", "x", "y", "internal", "hidden", "blind", "blinded", "first", "second", "local", "secret", "final"),
    *("phase", "phases", "round", "rounds", "stage", "wave", "step", "release", "edition", "iteration", "interne"),
    *UNLABELLED_WORDS,
    *UNSPACED_BESIDE,
    *COHORT_WORDS,
    *ELSEWHERE_WORDS,
    # "set" in other languages, where it is a word of its own
    *word_set("d de du des di da do del della la le el fur zum voor para pour per til av pro dla"),
    *word_set("conjunto ensemble jeu insieme verzameling kumesi seti zbior himpunan tap bo du lieu набор выборка"),
}

_COHORTS = tuple(COHORT_WORDS)


@dataclass(frozen=True)
class PartNames:
    """What the names of a set's folders say of its split.

    Attributes:
        part: folder name -> TRAIN, VAL or TEST, of folders that are nothing but a part.
        rest: folder name -> (part, what is left of the name), of folders that name a part and a class ("test_covid").
        suspects: folder names that hold a split word beside others and are taken for neither.
        held_out: folder names of TEST that say validation, of a cohort that was held out.
        codes: folder names of TRAIN, VAL or TEST that may be places' -> those beside them that they are alike.
    """

    part: dict[str, int] = field(default_factory=dict)
    rest: dict[str, tuple[int, str]] = field(default_factory=dict)
    suspects: frozenset[str] = frozenset()
    held_out: tuple[str, ...] = ()
    codes: dict[str, list[str]] = field(default_factory=dict)

    def of(self, folders: Iterable[str], shared: int = 0) -> int:
        """Return the part that a path's folders name, -1 for none.

        Args:
            folders: from the top.
            shared: how many of them every path of the set has; they tell nothing unless none of the others does.

        Raises:
            ChestbenchError: two folders of the path name different parts.
        """
        named = [(name, self.part_of(name)) for name in folders]
        found = {part for _, part in named[shared:] if part >= 0} or {part for _, part in named if part >= 0}
        if len(found) > 1:
            shown = "/".join(name for name, _ in named)
            raise ChestbenchError(
                f"data set: expected one part of the split above each picture, received {shown!r}, which names "
                f"{' and '.join(PARTS[part] for part in sorted(found))}; rename a folder, or set "
                "dataset.given_split=ignore"
            )
        return found.pop() if found else -1

    def part_of(self, name: str) -> int:
        """Return the part that one folder names, alone or beside a class; -1 for none."""
        if name in self.part:
            return self.part[name]
        return self.rest[name][0] if name in self.rest else -1


def read_part_names(folders: Iterable[str], classes: Collection[str] = ()) -> PartNames:
    """Find the parts of a split among the names of all folders of a set.

    A name is a part when nothing else stands in it but words that say nothing, numbers, and kinds of pictures:
    "training_set", "Test 2", "validation images", "train_val" (which is train). Short words (tr, ts) count where
    another part is there. "train_covid" is a part and a class where each such class is there in several parts;
    beside "covid_test" a folder "covid" is the train part of that class where nothing else is called train.
    "dev" is val beside train, and train itself where there is no other; "external validation" beside train is test.

    Args:
        folders: names.
        classes: names that are classes, whatever they say; "covid" of these may still be a part beside "covid_test".

    Example:
        >>> found = read_part_names(["Training Set", "test_data", "covid", "imagesTr"])
        >>> found.part
        {'Training Set': 0, 'imagesTr': 0, 'test_data': 2}
    """
    names = sorted(set(folders))
    open_names = [name for name in names if name not in classes]
    plain = {name: part for name in open_names if (part := whole_part(name, weak=False)) is not None}
    weak = {
        name: part for name in open_names if name not in plain and (part := whole_part(name, weak=True)) is not None
    }
    if len({*plain.values(), *weak.values()}) > 1:
        plain |= weak
    compounds = {name: found for name in open_names if name not in plain and (found := compound_of(name))}
    if compounds and all(is_control_name(rest) for _, rest in compounds.values()):
        # "case_train" beside "control_train" is of the class "case"; elsewhere the word says nothing.
        of_cases = {name: found for name in plain if (found := compound_of(name)) and is_case_name(found[1])}
        plain = {name: part for name, part in plain.items() if name not in of_cases}
        compounds |= of_cases
    has_train = TRAIN in {*plain.values(), *(part for part, _ in compounds.values())}
    if not has_train:
        plain = {name: TRAIN if _is_development(name) else part for name, part in plain.items()}
        compounds = {name: (TRAIN if _is_development(name) else part, rest) for name, (part, rest) in compounds.items()}
    if TRAIN in plain.values():
        plain = {name: TEST if part == VAL and _is_elsewhere(name) else part for name, part in plain.items()}
    held_out = _held_out(plain) if not any(part == TEST for part, _ in compounds.values()) else ()
    plain |= dict.fromkeys(held_out, TEST)
    told = frozenset(compounds)
    compounds |= weak_parts([name for name in open_names if name not in plain and name not in compounds])
    compounds |= glued_parts(
        [name for name in open_names if name not in plain and name not in compounds], names, compounds
    )
    if not plain:
        compounds = with_train_beside(compounds, names)
    parts_of: dict[str, set[int]] = {}
    for part, rest in compounds.values():
        parts_of.setdefault(key_of(rest), set()).add(part)
    accepted = {name: found for name, found in compounds.items() if len(parts_of[key_of(found[1])]) > 1}
    # "train_covid images" and "test-COVID" are of one class.
    named = sorted((len(rest), rest) for _, rest in accepted.values())
    label = {key_of(rest): rest for _, rest in reversed(named)}
    accepted = {name: (part, label[key_of(rest)]) for name, (part, rest) in accepted.items()}
    return PartNames(dict(sorted(plain.items())), accepted, told - frozenset(accepted), held_out)


def _held_out(parts: dict[str, int]) -> tuple[str, ...]:
    """Return the validation cohort, where a study has no other test: in medicine it is the one that was held out.

    "train" and "val" are what networks learn and are chosen by, and so is an internal validation.
    """
    if set(parts.values()) != {TRAIN, VAL}:
        return ()
    of_study = all(not DERIVATION_WORDS.isdisjoint(words_of(name)) for name, part in parts.items() if part == TRAIN)
    names = [name for name, part in parts.items() if part == VAL]
    found = [name for name in names if of_study or _is_cohort(name)]
    is_held = all(
        any(map(is_validation_word, split_tokens(name))) and "internal" not in words_of(name) for name in found
    )
    return tuple(sorted(found)) if is_held and len(found) == len(names) else ()


def _is_cohort(name: str) -> bool:
    """Tell "validation cohort" and "Validierungskohorte"."""
    return any(word.endswith(_COHORTS) for word in words_of(name))


def _is_development(name: str) -> bool:
    return any(map(is_development_word, words_of(name)))


def _is_elsewhere(name: str) -> bool:
    """Tell "external validation", which is a test on data from elsewhere, from other validation."""
    return any(word in ELSEWHERE_WORDS for word in split_tokens(name))


def whole_part(name: str, weak: bool) -> int | None:
    """Return the part that a name is which holds nothing else, None for others; "train_val" is train.

    Args:
        name: of a folder, or a cell.
        weak: see `split_word`.
    """
    if is_mask_name(name) and not any(word.startswith(("label", "mask")) for word in words_of(name)):
        return None
    parts = []
    for word in split_tokens(name):
        part = split_word(word, weak)
        if part is not None:
            parts.append(part)
        elif not (word.isdigit() or word in _BESIDE):
            return None
    found = set(parts)
    if found == {TRAIN, VAL}:  # "trainval", "train_val": what the network learns and chooses by
        return TRAIN
    return found.pop() if len(found) == 1 else None
