"""Folders beside the classes that are none of them, by their names or by the names of the pictures in them."""

import pytest

from chestbench.catalog.layout import read_layout
from chestbench.core.errors import ChestbenchError

NAMES = [
    *("unsicher", "unbekannt", "nicht auswertbar", "Evaluierung ausstehend", "por clasificar", "papelera"),
    *("à classer", "не размечено", "待定", "未分类", "待复查", "미분류", "alt"),
    *("zu befunden", "to be read", "pas lisible", "niet bruikbaar", "ei tulkittavissa", "da rivedere", "корзина"),
    *("schlechte Qualität", "mala calidad", "onbekend", "osäkra", "belirsiz", "重复图片", "휴지통", "doublons"),
    *("неопределенные", "Wiederholungen", "zurückgestellt", "không rõ", "tidak diketahui", "확인필요", "ไม่ทราบ"),
    *("???", "maybe?", "duplicados", "pending review", "poor quality", "phantom", "doute"),
]  # fmt: skip


def tree(*folders: str, count: int = 6) -> list[str]:
    return [f"{folder}/{at}_{number}.png" for at, folder in enumerate(folders) for number in range(count)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("healthy", ["normal", "gesund"])
def test_what_was_put_aside_is_no_class_without_a_word(name: str, healthy: str) -> None:
    with pytest.raises(ChestbenchError) as stopped:
        read_layout(tree("tb", healthy, name), None, True)
    lines = [line for line in str(stopped.value).splitlines() if "dataset.classes" in line]
    assert len(lines) == 2
    assert name not in lines[0] and name in lines[1]


@pytest.mark.parametrize(
    "classes",
    [
        ("tb", "normal", "non-small cell cancer"), ("covid", "normal", "no pathology"), ("tb", "sano", "sin hallazgos"),
        ("adenocarcinoma", "normal", "non small cell"), ("no rejection", "rejection"),
        ("typical", "atypical", "negative"),
        ("正常", "不正常"), ("肺炎", "正常", "非肺炎"), ("결핵", "정상", "비결핵"), ("tb", "normal", "other"),
        ("covid", "normal", "old_tb"), ("old_tb", "active_tb", "normal"), ("tested", "untested"),
    ],
)  # fmt: skip
def test_classes_that_deny_or_are_old_stay_classes(classes: tuple[str, ...]) -> None:
    assert read_layout(tree(*classes), None, True).classes == sorted(classes)


def test_a_class_of_no_known_word_beside_findings_is_said(caplog: pytest.LogCaptureFixture) -> None:
    assert read_layout(tree("tb", "normal", "zzyzx"), None, True).classes == ["normal", "tb", "zzyzx"]
    assert "'zzyzx' (6): taken for a class" in caplog.text and "dataset.classes=[normal,tb]" in caplog.text


@pytest.mark.parametrize("name", ["second opinion", "need label", "Reste", "अज्ञात"])
def test_what_no_list_knows_is_said(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert len(read_layout(tree("tb", "normal", name), None, True).classes) == 3
    assert f"'{name}' (6): taken for a class" in caplog.text


@pytest.mark.parametrize("name", ["pericarditis", "Scoliosis", "empyema", "Aortic enlargement", "grade 2", "Type B"])
def test_what_sounds_like_a_disease_or_counts_is_a_class(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert len(read_layout(tree("tb", "normal", name), None, True).classes) == 3
    assert "taken for a class" not in caplog.text


def test_names_as_of_places_are_said(caplog: pytest.LogCaptureFixture) -> None:
    assert read_layout(tree("Lyon", "Seoul", "La Paz"), None, True).classes == ["La Paz", "Lyon", "Seoul"]
    assert "if they are places" in caplog.text


@pytest.mark.parametrize("name", ["Originales", "Alle Bilder", "xyz"])
@pytest.mark.parametrize("above", ["", "set/"])
def test_a_folder_that_holds_the_pictures_of_all_classes_again_is_no_class(name: str, above: str) -> None:
    classes = [f"{above}{label}/{label[0]}{number}.png" for label in ("tb", "sano") for number in range(8)]
    pool = [f"{above}{name}/{member.rpartition('/')[2].replace('png', 'jpg')}" for member in classes]
    with pytest.raises(ChestbenchError, match="received 2:") as stopped:
        read_layout(classes + pool, None, True)
    assert "dataset.classes=[sano,tb]" in str(stopped.value) and name in str(stopped.value)


def test_classes_that_count_their_pictures_anew_hold_nobody_elses() -> None:
    members = [
        f"{label}/{number}.png" for label, count in (("tb", 4), ("sano", 5), ("covid", 9)) for number in range(count)
    ]
    assert len(read_layout(members, None, True).classes) == 3
