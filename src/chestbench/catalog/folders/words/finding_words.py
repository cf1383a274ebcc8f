"""Words of findings and of their absence, in several languages, and what names say by them."""

from functools import lru_cache

from chestbench.catalog.folders.words.aside_words import ASIDE_WORDS, OLD_WORDS
from chestbench.catalog.folders.words.kind_words import FILLERS, IMAGE_WORDS, MASK_WORDS, PURE_MASK_WORDS, TABLE_WORDS
from chestbench.catalog.folders.words.place_words import CONTEXT_WORDS, ID_WORDS
from chestbench.catalog.folders.words.words import respelt, word_set, words_of
from chestbench.core.negation import STATES

FINDINGS = (
    word_set(
        "covid covid19 ncov cov2 cov corona coronavirus sars mers health pneumonia pneumonias pneumonic pnemonia "
        "viral bacterial bacteria virus fungal fungus tb tbc tuberculosis tuberculous opacity opacities effusion "
        "atelectasis cardiomegaly consolidation edema oedema emphysema fibrosis hernia infiltration infiltrate "
        "infiltrates mass masses nodule nodules pleural pneumothorax thickening fracture cancer cancerous carcinoma "
        "adenocarcinoma squamous tumor tumour tumors tumours malignant malignancy malignancies benign bengin bening "
        "metastasis metastases lesion positive positives pos infected infection disease diseased diseases sick ill "
        "sickness abnormal abnormals abnormality finding findings ards ild copd cap influenza flu asthma bronchitis "
        "bronchiectasis bronchiolitis sarcoidosis embolism ggo glass honeycombing mycoplasma pneumocystis "
        "streptococcus klebsiella legionella silicosis pneumoconiosis cavity cavitation calcification granuloma "
        "typical atypical indeterminate noncovid covidneg covidpos nontb notb affected other others 폐렴 결핵 확진 "
        "肺炎 肺结核 阳性 neumonia neumonias enfermo enfermos krank pneumonie malade tuberculose poumon malato "
        "malati hasta больные больной пневмония туберкулез مريض निमोनिया zatürre chory sakit enferma enfermas "
        "neumonías polmonite polmoniti tubercolosi doente doentes malata malate malades chora chorzy zapalenie "
        "gruźlica krankheit lungenentzündung tuberkulose tuberkuloz pnömoni verem hastalar больная больны "
        "туберкулёз ковид sjuk syk syg ziek zieke 이상 감염 코로나 异常 異常 感染 新冠 患病 病人 結核 肺結核 疾患 "
        "肺がん 肺癌"
    )
    | STATES
)
# Beside controls: the ones who have the disease. Elsewhere these say nothing ("normal cases").
_CASES = word_set("case cases")
# Degrees of a finding: findings where no other finding is named.
DEGREES = word_set("mild moderate severe severity critical early late acute chronic advanced progressive")
_HEALTHY_WORDS = STATES | {"people"}
NEGATIONS = word_set("no non not without un")
ORDINALS = word_set("grade stage type class level score category label degree gold rads corads birads lungrads")
KNOWN_WORDS = (
    FILLERS
    | IMAGE_WORDS
    | MASK_WORDS
    | PURE_MASK_WORDS
    | TABLE_WORDS
    | DEGREES
    | CONTEXT_WORDS
    | ID_WORDS
    | ASIDE_WORDS
    | OLD_WORDS
)


@lru_cache(maxsize=200_000)
def is_finding_word(word: str) -> bool:
    """Tell whether a word names a finding or its absence, also glued ("noncovid") or misspelt ("pnuemonia")."""
    if word in FINDINGS or (word not in KNOWN_WORDS and any(near in FINDINGS for near in respelt(word, 6))):
        return True
    for start in ("non", "no", "un"):
        if word.startswith(start) and word[len(start) :] in FINDINGS:
            return True
    return any(word.startswith(first) and word[len(first) :] in FINDINGS for first in ("covid", "tb", "lung"))


def same_words(name: str) -> list[str]:
    """Return the sorted words of a name in one spelling: without fillers and plurals, "COVID-19" as "covid"."""
    words = list(words_of(name))
    plain: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if (before, word) in (("covid", "19"), ("cov", "2"), ("ncov", "2")):
            continue
        if word.startswith("non") and word[3:] in FINDINGS:
            plain.append("non")
            word = word[3:]
        word = "covid" if word == "covid19" else word
        plain.append(word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "is")) else word)
    return sorted(word for word in plain if word not in FILLERS) or sorted(words)


def alike_key(name: str) -> str:
    """Return what names that are one class in two spellings share: "COVID-19" and "covid cases", "PCR+" and "PCR +"."""
    return " ".join(same_words(name)) + "".join(sign for sign in "+-" if name.rstrip(" )").endswith(sign))


def is_healthy(name: str) -> bool:
    """Tell whether a name says nothing but healthy: "Normal cases", "No finding", "control"."""
    words = set(same_words(name)) - IMAGE_WORDS
    return bool(words) and (words <= _HEALTHY_WORDS or words == {"no", "finding"})


def is_case_name(name: str) -> bool:
    """Tell whether a name says "cases" and nothing else: "case", "1_Cases"; beside controls it is a class."""
    words = words_of(name)
    return bool(_CASES.intersection(words)) and all(word in FILLERS for word in words[words[0].isdigit() :])


def is_control_name(name: str) -> bool:
    """Tell whether a name says those beside whom the others are cases: "controls", "normal", "non-cases"."""
    words = {word for word in words_of(name) if not word.isdigit()}
    return (
        is_healthy(" ".join(sorted(words)))
        or bool({"noncase", "noncases"} & words)
        or ("non" in words and bool(_CASES & words))
    )


def is_ordinal(name: str) -> bool:
    """Tell whether a name counts degrees or classes ("grade 2"), so that its number is no running number."""
    return any(word in ORDINALS or word in DEGREES for word in words_of(name))
