"""Which class is looked for: stated, or inferred where two names leave no doubt; never guessed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestbench.core.errors import ChestbenchError
from chestbench.core.negation import STATES
from chestbench.core.positive import INFERRED, NO_POSITIVE, STATED, positive_class, read_positive
from chestbench.datasets.phantom import NEGATIVE, POSITIVE

DENIED = [
    "Normal",
    "NORMAL",
    "healthy",
    "Negative for Pneumonia",
    "No_Finding",
    "no finding",
    "noFinding",
    "NoFindings",
]
DENIED += [
    "01 normal",
    "xray-normal-2020",
    "Healthy_controls",
    "lungs without disease",
    "정상",
    "class_neg",
    "CXRnormal",
]
# Begin or end as a denial does, or hold one, and are none.
TRAPS = ["abnormal", "AbNormal", "ABNORMAL", "ab-normal", "nodule", "Nodules", "novel", "Novel_Coronavirus", "Nocardia"]
TRAPS += ["notched", "noxious", "unilateral", "union", "negligible", "Gram-negative", "No. 2", "NO2", "비정상", "canon"]
FINDINGS = ["COVID", "covid-19", "Pneumonia", "Lung_Opacity", "TB", "nodule", "Viral Pneumonia", "폐렴", "class 1"]


@pytest.mark.parametrize(
    ("positive", "other"),
    [
        (POSITIVE, NEGATIVE),
        ("CT_COVID", "CT_NonCOVID"),
        ("COVID", "non_covid"),
        ("COVID-19", "noncovid19"),
        ("Covid", "noCovid"),
        ("COVIDpos", "COVIDneg"),
        ("covid", "covidnegative"),
        ("covid_positive", "covid_negative"),
        ("Infected", "Not_Infected"),
        ("Infected", "un-infected"),
        ("Infected", "Uninfected"),
        ("LungOpacity", "NoLungOpacity"),
        ("Lung Opacity", "No Lung Opacity"),
        ("CT_LungOpacity", "CT_NonLungOpacity"),
        ("Tuberculosis", "NonTuberculosis"),
        ("disease", "disease-free"),
        ("abnormal", "normal"),
        ("COVID yes", "COVID no"),
        ("with effusion", "without effusion"),
        ("neumonía", "sano"),
        ("Neumonía", "SANA"),
        ("enfermos", "Pacientes sanos"),
        ("malade", "sain"),
        ("malades", "témoins"),
        ("krank", "gesund"),
        ("auffällig", "unauffällig"),
        ("malato", "sano"),
        ("polmonite", "negativi"),
        ("doente", "saudável"),
        ("doente", unicodedata.normalize("NFD", "saudável")),
        ("폐렴", "정상인"),
        ("비정상", "정상"),
        ("肺炎", "正常"),
        ("异常", "正常"),
        ("陽性", "陰性"),
        ("пневмония", "норма"),
        ("Больные", "Здоровые"),
        ("ненормальный", "нормальный"),
        ("hasta", "sağlıklı"),
        ("HASTA", "SAĞLIKLI"),
        ("hasta", "normal"),
        ("anormal", "normal"),
        ("chory", "zdrowy"),
        ("निमोनिया", "सामान्य"),
        ("مريض", "سليم"),
        ("Befund", "kein Befund"),
        ("covid", "sin covid"),
        ("covid", "covid yok"),
    ],
)
def test_the_finding_is_inferred_where_the_other_name_denies_it(positive: str, other: str) -> None:
    for classes in ([positive, other], [other, positive]):
        assert positive_class(classes) == (positive, INFERRED)


@pytest.mark.parametrize(
    "classes",
    [
        ["bacterial", "viral"],
        ["a", "b"],
        ["0", "1"],
        ["malignant", "benign"],
        ["normal", "negative"],
        ["Normal", "Not normal"],
        ["NonCOVID", "Normal"],
        ["noncovid", "healthy"],
        ["COVID", "not normal"],
        ["Small cell carcinoma", "Non-small cell carcinoma"],
        ["Hodgkin lymphoma", "Non-Hodgkin lymphoma"],
        ["Usual interstitial pneumonia", "Nonspecific interstitial pneumonia"],
        ["Usual interstitial pneumonia", "Non-specific interstitial pneumonia"],
        ["Tuberculosis", "nontuberculous mycobacteria"],
        ["Gram positive", "Gram negative"],
        ["COVID", "Normal", "Viral"],
        ["hospital_1", "hospital_no_2"],
        ["sano", "normal"],
        ["gesund", "unauffällig"],
        ["malade", "krank"],
        ["ungesund", "gesund"],
        ["neumonía", "tuberculosis"],
        ["scan_sem", "scan_tem"],
        ["bacteriana", "viral"],
    ],
)
def test_where_there_is_a_doubt_there_is_none(classes: list[str]) -> None:
    assert positive_class(classes) == NO_POSITIVE == positive_class(classes[::-1])


@given(st.sampled_from(DENIED), st.sampled_from(DENIED))
def test_two_denials_give_no_positive(first: str, second: str) -> None:
    if first != second:
        assert positive_class([first, second]).name is None


@given(st.sampled_from(FINDINGS), st.sampled_from(TRAPS))
def test_traps_deny_nothing(finding: str, trap: str) -> None:
    if finding != trap:
        assert positive_class([finding, trap]) == NO_POSITIVE
    assert positive_class([trap, "normal"]) == (trap, INFERRED)


@given(
    st.sampled_from(FINDINGS),
    st.sampled_from(sorted(word for word in STATES if word.isascii())),
    st.lists(st.sampled_from(["ct", "2020", "lung", "img", "A"]), max_size=2),
    st.lists(st.sampled_from(["ct", "2020", "lung", "img", "A"]), max_size=2),
    st.sampled_from("_- ."),
    st.sampled_from([str.upper, str.lower, str.title]),
    st.booleans(),
)
def test_a_word_counts_wherever_it_stands(finding, state, before, after, separator, spelled, turned) -> None:
    name = separator.join([*before, spelled(state), *after])
    classes = [name, finding] if turned else [finding, name]
    assert positive_class(classes) == (finding, INFERRED)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=4, unique=True))
def test_no_name_is_too_strange(classes: list[str]) -> None:
    found = positive_class(classes)
    assert found.name is None or (len(classes) == 2 and found.name in classes)
    # The order of two classes tells nothing.
    assert positive_class(classes[::-1]) == found
    for name in classes:
        assert positive_class(classes, name) == (name, STATED)


def test_what_is_stated_wins_and_must_be_a_class() -> None:
    assert positive_class(["COVID", "Normal"], "Normal") == ("Normal", STATED)
    assert positive_class(["a", "b", "c"], "c") == ("c", STATED)
    with pytest.raises(
        ChestbenchError, match=r"dataset.positive: expected one of .*'COVID', 'Normal'.*did you mean.*COVID"
    ):
        positive_class(["COVID", "Normal"], "covid")
    with pytest.raises(ChestbenchError, match="correct it, or leave it null"):
        positive_class(["COVID", "Normal"], "qqq")


def test_it_is_printed_and_travels() -> None:
    inferred = positive_class(["covid", "normal"])
    assert inferred.in_words() == "positive: covid (inferred from the names; dataset.positive sets it)"
    assert "dataset.positive=" in NO_POSITIVE.in_words() and "none" in NO_POSITIVE.in_words()
    for found in (inferred, NO_POSITIVE, positive_class(["a", "b"], "b")):
        assert read_positive({"positive": found.as_record()}) == found
    assert read_positive({}) == NO_POSITIVE
