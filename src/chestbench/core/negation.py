"""Whether the name of a class says that nothing is there: normal, healthy, no finding, non-COVID, sano, gesund, 정상.

A word counts wherever it stands; within a word it counts only where what remains is a word of the other class's name:
`noncovid` beside `COVID` is a denial, `nodule`, `novel`, `Nocardia` and `nonspecific` are none.
"""

import re
from collections.abc import Sequence

from chestbench.core.names import chunks, parts, without_marks


def _words(text: str) -> frozenset[str]:
    return frozenset(without_marks(text).lower().split())


# Say by themselves that nothing was found.
STATES = _words(
    "normal normals negative negatives neg healthy control controls uninfected unaffected noninfected nofinding "
    "nofindings absent absence "
    # Romance: es, fr, it, pt, ro, ca
    "sano sana sanos sanas saludable saludables normales negativo negativa negativos negativas controles "
    "sain saine sains saines normale normaux négatif négative négatifs négatives témoin témoins "
    "sani normali negativi controlli saudável saudáveis sadio sadia normais negativas sănătos sănătoși sănătoasă "
    # Germanic and Nordic: de, nl, sv, da, no, fi
    "gesund gesunde gesunder gesunden unauffällig unauffällige negativ negativen kontrolle kontrollen kontrollgruppe "
    "gezond gezonde normaal normale negatief frisk friska friske raske terve terveet "
    # Slavic: pl, cs, hr, ru, uk, bg
    "zdrowy zdrowa zdrowe zdrowi prawidłowy prawidłowe prawidłowa norma normalny normalne ujemny zdravý zdravé zdraví "
    "zdrav zdravi normální negativní норма нормальный нормальная нормальные здоровый здоровая здоровые здоров здоровий "
    "здорові здрав здрави отрицательный отрицательные "
    # hu, el, tr, id, vi (as one word), ar, fa, he, hi, bn, th
    "egészséges negatív υγιής υγιείς φυσιολογικό sağlıklı sağlam negatif sehat sihat سليم طبيعي سالم نرمال בריא תקין "
    "सामान्य स्वस्थ সাধারণ সুস্থ ปกติ "
    # ko, zh, ja
    "정상 정상인 정상군 음성 건강 건강한 대조군 正常 正常人 正常肺 正常例 正常者 健康 健康人 健常 健常者 "
    "健常例 阴性 陰性 对照 对照组 対照 無所見"
)
# Deny what follows.
DENIALS = _words("no non not without")
_OTHER_DENIALS = _words("sin sans senza sem não ohne kein keine nicht geen zonder niet utan bez nie без не")
# Deny what stands before them, at the end of a name: disease free, not free fluid.
_DENIALS_BEHIND = _words("free değil yok olmayan 없음 아님")
_GLUED_DENIALS = ("without", "non", "not", "no", "un")
_GLUED_STATES = ("negatives", "negative", "neg", "normals", "normal", "healthy", "controls", "control")
_POSITIVES = ("positives", "positive", "pos")
# Findings that a class may be called by, so that `noFinding` is read beside any other name.
NOUNS = _words(
    "finding findings disease diseases infection infections abnormality abnormalities pneumonia pneumonias carcinoma "
    "carcinomas cancer cancers lymphoma lymphomas tumor tumors tumour tumours nodule nodules mass masses lesion "
    "lesions opacity opacities oedema edema fibrosis consolidation mycobacteria mycobacterium effusion"
)
# The same for what is glued: `noncovid` denies beside `Normal` too.
_FINDINGS = NOUNS | _words(
    "covid corona coronavirus ncov sars tb tuberculosis pneumothorax cardiomegaly emphysema atelectasis infiltrate "
    "infected affected infectious pathology pathological malignant malignancy positive sick ill"
)
# With `non` before them they name a finding: non-small cell, non-Hodgkin, non-specific, non-tuberculous, non-solid.
ADJECTIVES = _words(
    "small hodgkin hodgkins specific tuberculous mycobacterial viral bacterial solid calcified contrast enhanced"
)
# What is negative after these is a stain, a kind of tumour or a kind of answer.
_OF_SOMETHING_ELSE = _words("gram triple false true")
_ABNORMAL = re.compile(r"ab[\s_.-]*normal", re.IGNORECASE)


class Doubtful(ValueError):
    """A name that denies, but perhaps not that something is there."""


def says_nothing_is_there(name: str, other: str) -> bool:
    """Return whether a class is the one without a finding.

    >>> [says_nothing_is_there(name, "COVID") for name in ("CT_NonCOVID", "noncovid", "COVIDneg", "novel")]
    [True, True, True, False]

    Args:
        name: of the class.
        other: of the only other class.

    Raises:
        Doubtful: `not normal`, `non-small cell`: it denies, and may be a finding all the same.
    """
    plain, theirs = _plain(name), _words_of(_plain(other))
    words = [part.lower() for chunk in chunks(plain) for part in _split(chunk, theirs)]
    return any([_denies(words, place) for place in range(len(words))])


def _plain(name: str) -> str:
    return _ABNORMAL.sub("abnormal", without_marks(name))


def _split(chunk: str, theirs: frozenset[str]) -> list[str]:
    """Return the words of a part of a name; a denial is taken off what it is glued to only where that is known."""
    lower = chunk.lower()
    for denial in _GLUED_DENIALS:
        rest = lower.removeprefix(denial)
        if rest != lower and {rest, _of_digits(rest)} & (theirs | _FINDINGS | STATES):
            return [denial, rest]
    for state in _GLUED_STATES:
        for rest in (lower.removesuffix(state), lower.removeprefix(state)):
            if rest != lower and rest in theirs:
                return [rest, state]
    # COVIDneg: capitals end where the word begins.
    found = re.fullmatch(rf"([A-Z\d]{{2,}})({'|'.join(_GLUED_STATES)})", chunk)
    if found and lower != "abnormal":
        return [found[1], found[2]]
    words = parts(chunk)
    # A denial that only a capital parts from what follows was looked at above; now it is a part of a word.
    if len(words) > 1 and words[0].lower() in (*DENIALS, "un") and not words[1].isdigit():
        return [words[0] + words[1], *words[2:]]
    return words


def _words_of(name: str) -> frozenset[str]:
    """Return what a name consists of, in small letters: its words, parts, and these without `positive`."""
    found: set[str] = set()
    for chunk in chunks(name):
        found |= {chunk.lower(), *(part.lower() for part in parts(chunk))}
    found.add("".join(chunks(name)).lower())
    for word in list(found):
        for positive in _POSITIVES:
            found |= {word.removesuffix(positive), word.removeprefix(positive)}
    return frozenset(word for word in found if len(word) > 1 and not word.isdigit())


def _of_digits(word: str) -> str:
    """Return a word without digits at its end: `covid` of `covid19`."""
    return word.rstrip("0123456789")


def _denies(words: Sequence[str], place: int) -> bool:
    """Return whether the word at `place` says that nothing is there."""
    word, before = words[place], words[place - 1] if place else ""
    after, rest = (words[place + 1] if place + 1 < len(words) else ""), words[place + 1 :]
    if word in STATES:
        return before not in _OF_SOMETHING_ELSE
    if word in _DENIALS_BEHIND:
        return bool(before) and not rest
    if word in _OTHER_DENIALS:  # short words that may be names of something else in the middle of a name
        return bool(after) and place == 0 and after not in STATES
    if word not in DENIALS and not (word == "un" and after):
        return False
    if not after or after.isdigit():  # No. 2; a name that ends in `no` may be short for a number too
        return word != "un" and not after
    if after in STATES:
        raise Doubtful(" ".join(words))
    if word in ("non", "not") and after not in NOUNS and (after in ADJECTIVES or NOUNS & set(rest)):
        raise Doubtful(" ".join(words))
    return True


def _may_deny(name: str) -> bool:
    """Return whether a word begins as a denial does, with `non` or up to a capital, whatever follows."""
    for chunk in chunks(without_marks(name)):
        first, *others = parts(chunk)
        begins = first.lower() in (*DENIALS, "un") and bool(others) and not others[0].isdigit()
        if begins or chunk.lower().startswith("non"):
            return True
    return False


def denied(names: Sequence[str]) -> tuple[bool, bool] | None:
    """Return which of two names say that nothing is there; None where one of them leaves a doubt."""
    first, second = names
    if first.rstrip("+-") == second.rstrip("+-") and {first[-1:], second[-1:]} == {"+", "-"}:
        return first.endswith("-"), second.endswith("-")
    try:
        found = says_nothing_is_there(first, second), says_nothing_is_there(second, first)
    except Doubtful:
        return None
    if found in ((True, False), (False, True)) and _may_deny(second if found[0] else first):
        return None
    return found
