"""Folders as people have them, and what a person would read of them; or the run stops and shows both readings."""

import re

import numpy as np
import pytest
from hypothesis import given, settings

from chestbench.catalog.folders.checks.other_class_names import warn_of_other_classes
from chestbench.catalog.folders.copies.mask_names import find_masks
from chestbench.catalog.folders.readings.reading_said import words_of_layout
from chestbench.catalog.layout import Layout, read_layout
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError
from tests.catalog.trees import CLASSES, PEOPLE, PLACES, SPLITS, TEST, TRAIN, TREES, VAL


def read(*folders: str, pictures: int = 4, **settings_: object) -> Layout:
    members = [f"{folder}/{number}.png".lstrip("/") for folder in folders for number in range(pictures)]
    masks = find_masks(members).members
    classes = settings_.pop("classes", None)
    return read_layout([member for member in members if member not in masks], classes, True, **settings_)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", list(zip(TRAIN, VAL, TEST, strict=True)))
@pytest.mark.parametrize("template", ["chest/{part}/{label}", "{label}/{part}", "{part}/images/{label}/p1"])
@pytest.mark.parametrize("labels", [("covid", "normal"), ("x", "y"), ("0", "1")])
def test_split_words_in_any_spelling_and_place(names: tuple[str, ...], template: str, labels: tuple[str, ...]) -> None:
    layout = read(*(template.format(part=part, label=label) for part in names for label in labels))
    assert layout.classes == list(labels) and layout.is_split
    assert sorted(set(layout.given.tolist())) == [0, 1, 2]
    assert layout.said["split_words"] == dict(zip(names, ("train", "val", "test"), strict=True))


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        (("train_covid", "train_normal", "test_covid", "test_normal"), ["covid", "normal"]),
        (("COVID-Train", "Normal-Train", "COVID-Test", "Normal-Test"), ["COVID", "Normal"]),
        (("train/train_a", "train/train_b", "test/test_a", "test/test_b"), ["a", "b"]),
    ],
)
def test_a_part_and_a_class_in_one_name(folders: tuple[str, ...], classes: list[str]) -> None:
    layout = read(*folders)
    assert layout.classes == classes and layout.is_split


@pytest.mark.parametrize(
    ("cases", "controls"),
    [
        ("case", "control"),
        ("Cases", "Controls"),
        ("1_case", "2_control"),
        ("case group", "control group"),
        ("cases", "non-cases"),
        ("case", "Normal"),
        ("病例", "对照"),
        ("patients", "controls"),
        ("pos", "neg"),
        ("+", "-"),
    ],
)
@pytest.mark.parametrize("template", ["{label}", "{part}/{label}", "set/{label}/{part}", "{label}_{part}"])
def test_cases_beside_controls_are_a_class(cases: str, controls: str, template: str) -> None:
    if template == "{label}_{part}" and cases == "+":
        pytest.skip("a sign alone joins no other name")
    layout = read(
        *(template.format(part=part, label=label) for part in ("train", "test") for label in (cases, controls))
    )
    assert set(layout.classes) == {cases, controls} and layout.is_split == ("{part}" in template)


def test_cases_elsewhere_say_nothing() -> None:
    assert read("cases/normal", "cases/covid").classes == ["covid", "normal"]
    assert read("train_cases/normal", "train_cases/covid", "test_cases/normal", "test_cases/covid").is_split
    with pytest.raises(ChestbenchError, match=r"outside the folders[\s\S]*cases/"):
        read("normal", "covid", "cases")


def test_what_lies_beside_a_single_finding_is_offered() -> None:
    with pytest.raises(ChestbenchError, match="single class 'control'") as stopped:
        read("sample", "control")
    assert "-S 'dataset.classes=[control,sample]'" in str(stopped.value)


@pytest.mark.parametrize(
    ("top", "again"),
    [("chest_xray", "chest_xray/chest_xray"), ("set", "set/other one"), ("a", "a/deep/er"), ("", "copied")],
)
@pytest.mark.parametrize("labels", [("NORMAL", "PNEUMONIA"), ("x", "y")])
def test_a_set_repeated_deeper_is_one_set(top: str, again: str, labels: tuple[str, ...]) -> None:
    folders = [
        f"{at}/{part}/{label}".lstrip("/") for at in (top, again) for part in ("train", "test") for label in labels
    ]
    layout = read(*folders)
    assert layout.classes == list(labels) and layout.is_split


@pytest.mark.parametrize(
    "sources", [("hospital_A", "hospital_B"), ("Italy", "Iran"), ("center1", "center2"), ("2019", "2020")]
)
@pytest.mark.parametrize("labels", [("COVID", "Normal"), ("ILD", "healthy"), ("well", "healthy lungs")])
def test_sources_above_classes_are_recorded(sources: tuple[str, ...], labels: tuple[str, ...]) -> None:
    layout = read(*(f"{source}/{label}" for source in sources for label in labels))
    assert layout.classes == sorted(labels) and set(layout.source) == set(sources)
    assert layout.said["sources"] == dict.fromkeys(sources, 8)


@pytest.mark.parametrize("below", [("PA", "AP"), ("hospital_A", "hospital_B"), ("male", "female"), ("north", "south")])
def test_places_and_views_below_the_classes_are_sources(below: tuple[str, ...]) -> None:
    layout = read(*(f"{label}/{name}" for label in ("COVID", "Normal") for name in below))
    assert layout.classes == ["COVID", "Normal"] and set(layout.source) == set(below)


@pytest.mark.parametrize(
    "masks",
    ["masks", "lung masks", "LungMask", "Mask", "segmentation", "SEG", "Segmentations", "label_map", "labelmaps",
     "labels", "annotations", "GT", "ground truth", "infection-masks", "bbox", "contours"],
)  # fmt: skip
@pytest.mark.parametrize("template", ["{label}/{kind}", "{kind}/{label}", "set/{kind}/train/{label}"])
def test_masks_are_no_pictures_and_no_class(masks: str, template: str) -> None:
    folders = [template.format(label=label, kind=kind) for label in ("COVID", "x") for kind in ("images", masks)]
    layout = read(*folders, *(folder.replace("train", "test") for folder in folders if "train" in folder))
    assert layout.classes == ["COVID", "x"]
    members = [f"{folder}/1.png" for folder in folders]
    assert find_masks(members).members == {member for member in members if masks in member}


@pytest.mark.parametrize("name", ["{}_mask", "{}-mask-1", "mask_{}", "{}_segmentation", "{}_seg", "{}.label", "{}_gt"])
def test_masks_by_the_name_of_the_file(name: str) -> None:
    members = [f"covid/{name.format('case7')}.png", "covid/case7.png", "covid/segment_label_seg_2.png"]
    assert find_masks(members).members == {members[0]} or "-1" in name


@pytest.mark.parametrize(
    ("folders", "first", "second"),
    [
        (("PNEUMONIA/bacterial", "PNEUMONIA/viral", "NORMAL"), "NORMAL,PNEUMONIA", "NORMAL,bacterial,viral"),
        (("Oslo/xx", "Oslo/yy", "Bergen/xx", "Bergen/yy"), "Bergen,Oslo", "xx,yy"),
        (("COVID/mild", "COVID/severe", "Normal"), "COVID,Normal", "Normal,mild,severe"),
    ],
)
def test_two_readings_stop_the_run_and_both_are_shown(folders: tuple[str, ...], first: str, second: str) -> None:
    with pytest.raises(ChestbenchError) as error:
        read(*folders)
    text = str(error.value)
    assert f"-S 'dataset.classes=[{first}]'" in text and f"-S 'dataset.classes=[{second}]'" in text
    assert "reading A: " in text and "reading B: " in text and "<- class" in text
    for names in (first, second):
        members = [f"{folder}/{number}.png" for folder in folders for number in range(4)]
        assert read_layout(members, names.split(","), True).classes == names.split(","), "the line that is shown works"


@pytest.mark.parametrize(
    "folders",
    [
        ("train", "test"), ("images", "masks"), ("hospital_A", "hospital_B"), ("site 1", "site 2", "site 3"),
        ("PA", "AP"), ("patient_1", "patient_2"), ("1", "2", "3"), ("covid_1", "covid_2"), ("male", "female"),
        ("CT", "X-ray"),
        ("fold1", "fold2"), ("test_positive", "test_negative"), ("part A", "part B"), ("scanner1", "scanner2"),
        tuple(f"n{letter}m" for letter in "abcdefghijkl"), ("A01", "A02", "A03", "A04"), ("png", "jpg"),
        ("left", "right"), ("raw", "processed"), ("original", "augmented"), ("2019", "2020"),
        ("1.2.840.1.5", "1.2.840.1.6"),
    ],
)  # fmt: skip
def test_what_is_no_class_is_never_read_as_one(folders: tuple[str, ...]) -> None:
    with pytest.raises(ChestbenchError):
        read(*folders)


def test_names_that_differ_in_a_number_only_are_shown_with_the_mapping() -> None:
    with pytest.raises(ChestbenchError, match=re.escape("-S 'dataset.class_names={covid1:covid,covid2:covid,")):
        read("covid1", "covid2", "normal1")


def test_one_class_in_two_spellings_is_one_class() -> None:
    layout = read("train/COVID-19", "train/Normal", "test/covid_19", "test/NORMAL")
    assert layout.is_split and sorted(map(str.lower, layout.classes)) == ["covid-19", "normal"]


def test_a_class_that_is_in_test_only_is_refused_with_the_table() -> None:
    with pytest.raises(
        ChestbenchError,
        match=r"none of 'carcinoma' there \(adenocarcinoma: train 4, val 0, test 0; carcinoma: train 0, val 0, test 4",
    ):
        read("train/adenocarcinoma", "train/normal", "test/carcinoma", "test/normal")


def test_an_unlabelled_test_part_makes_no_split_and_no_class() -> None:
    layout = read("train/covid", "train/normal", "test")
    assert layout.classes == ["covid", "normal"] and not layout.is_split


def test_a_tenth_of_the_pictures_without_a_class_stops_the_run() -> None:
    with pytest.raises(ChestbenchError, match=r"4 of 12 pictures outside the folders"):
        read("COVID", "Normal", "figures")


@pytest.mark.parametrize(
    "name",
    ["New folder", "New folder (2)", "untitled folder", "Neuer Ordner", "Nueva carpeta", "Nouveau dossier (3)",
     "figures", "새 폴더", "新建文件夹", "新しいフォルダー", "Новая папка", "Copy of New folder", "results",
     "unlabelled"],
)  # fmt: skip
@pytest.mark.parametrize("top", ["", "set/", "my/own/set/"])
def test_every_folder_without_a_class_is_said_with_its_name_and_count(
    name: str, top: str, caplog: pytest.LogCaptureFixture
) -> None:
    members = [f"{top}{label}/{number}.png" for label in ("covid", "normal") for number in range(14)]
    layout = read_layout([*members, *(f"{top}{name}/{number}.png" for number in range(3))], None, True)
    assert layout.classes == ["covid", "normal"] and layout.said["without_class"] == {f"{top}{name}": 3}
    assert f"3 pictures have no class and are not used: '{top}{name}' (3)" in caplog.text
    assert any(f"{top}{name} (3)" in line for line in words_of_layout(layout.said))


def test_loose_pictures_and_numbers_without_a_class_are_said(caplog: pytest.LogCaptureFixture) -> None:
    members = [f"set/{label}/{number}.png" for label in ("covid", "normal") for number in range(40)]
    layout = read_layout([*members, "set/1.png", "2.png", "set/P17/3.png"], None, True)
    assert layout.said["without_class"] == {"(no folder)": 1, "set/ (loose)": 1, "set/(numbered folders)": 1}
    assert "P17" not in caplog.text


def test_a_small_folder_of_no_known_name_is_said_with_the_line_that_leaves_it_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    members = [f"{label}/{number}.png" for label, count in (("covid", 20), ("normal", 20), ("stuff", 2))
               for number in range(count)]  # fmt: skip
    assert read_layout(members, None, True).classes == ["covid", "normal", "stuff"]
    assert "'stuff' (2): taken for a class" in caplog.text and "dataset.classes=[covid,normal]" in caplog.text


@pytest.mark.parametrize(
    ("above", "below", "where"), [("A/", "", "above"), ("", "/PA", "below"), ("A/", "/PA", "above")]
)
def test_it_is_said_whether_sources_lie_above_or_below(above: str, below: str, where: str) -> None:
    folders = [f"{top}{label}{end}" for label in ("covid", "normal")
               for top in (above, above and "B/") for end in (below, below and "/AP")]  # fmt: skip
    layout = read(*dict.fromkeys(folders))
    assert layout.said["sources_at"].startswith(where) and ("below" in layout.said["sources_at"]) == bool(below)
    assert any(
        f"sources (folders {layout.said['sources_at']} the classes)" in line for line in words_of_layout(layout.said)
    )


def test_who_names_the_classes_is_not_told_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    layout = read("covid", "normal", "tb", classes=["covid", "normal"])
    assert layout.said["without_class"] == {"tb": 4} and not caplog.records


@pytest.mark.parametrize("aside", ["rejected", "thumbnails", "bad quality", "excluded"])
def test_pictures_put_aside_within_a_class_are_warned_of(aside: str, caplog: pytest.LogCaptureFixture) -> None:
    layout = read("covid/good", "normal/good", f"covid/{aside}", f"normal/{aside}")
    assert layout.said["derived"] == {aside: 8} and f"*/{aside}/*" in caplog.text


@pytest.mark.parametrize("made", ["gradcam", "pred", "resized", "augmented", "Augmented Images"])
def test_pictures_made_of_others_are_warned_of(made: str, caplog: pytest.LogCaptureFixture) -> None:
    layout = read("covid", "normal", f"{made}/covid", f"{made}/normal")
    assert layout.classes == ["covid", "normal"] and layout.said["derived"] == {made: 8}
    assert f"*/{made}/*" in caplog.text and "dataset.exclude" in caplog.text


def test_where_all_pictures_are_processed_nothing_is_said() -> None:
    assert "derived" not in read("processed/covid", "processed/normal").said


def test_numbered_folds_stop_the_run_and_numbered_batches_are_said(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ChestbenchError, match="3 folds that each have one"):
        read(*(f"{n}/{part}/{label}" for n in "123" for part in ("train", "test") for label in ("covid", "normal")))
    layout = read(*(f"{n}/{label}" for n in "123" for label in ("covid", "normal")))
    assert layout.patient_is_inferred and "may" not in layout.said and "if they are batches" in caplog.text


@pytest.mark.parametrize(("folder", "same_in_both"), [("patient_{}", False), ("{}", True), ("P-{:03}", False)])
def test_numbered_folders_below_the_classes_are_patients(folder: str, same_in_both: bool) -> None:
    numbers = {"COVID": range(5), "Normal": range(5) if same_in_both else range(5, 9)}
    layout = read(*(f"{label}/{folder.format(number)}" for label, found in numbers.items() for number in found))
    assert layout.patient_is_inferred and len(set(layout.patient)) == (10 if same_in_both else 9)


@settings(max_examples=400, deadline=None)
@given(TREES)
def test_whatever_the_tree_classes_are_classes_or_the_run_stops(folders: list[str]) -> None:
    try:
        layout = read(*folders)
    except ChestbenchError:
        return
    never = (SPLITS | PLACES | PEOPLE) - CLASSES
    assert not set(layout.classes) & never, layout.classes
    assert len(layout.classes) > 1 and all((layout.label == code).any() for code in range(len(layout.classes)))


@pytest.mark.parametrize(
    ("folders", "below"),
    [
        (("Viral/COVID", "Viral/Influenza", "Bacterial/Strep", "Bacterial/TB"), "COVID, Influenza, Strep, TB"),
        (("viral/sars", "viral/x12y", "bacterial/TB", "bacterial/staph"), "TB, sars, staph, x12y"),
        (("task1/covid", "task1/normal", "task2/severe", "task2/mild"), "covid, mild, normal, severe"),
    ],
)
def test_what_lies_beside_a_finding_is_as_deep_as_it(folders: tuple[str, ...], below: str) -> None:
    with pytest.raises(ChestbenchError, match="received 2") as stopped:
        read(*folders)
    classes = below.split(", ")
    assert f"dataset.classes=[{','.join(classes)}]" in str(stopped.value)
    assert read(*folders, classes=classes).classes == classes


def test_details_of_one_class_are_no_sources() -> None:
    assert not read("pneumonia/lobar", "pneumonia/interstitial", "normal/supine", "normal/erect").source
    assert set(read("pneumonia/supine", "normal/supine", "normal/erect").source) == {"supine", "erect"}
    assert set(read("covid/AP", "normal/PA").source) == {"AP", "PA"}


@pytest.mark.parametrize("name", ["label_{}", "Label {}", "label{}"])
def test_a_label_with_its_code_is_a_class(name: str) -> None:
    assert len(read(name.format(0), name.format(1)).classes) == 2


@pytest.mark.parametrize("names", [("pneumonia", "pnuemonia", "normal"), ("embolism", "emoblism", "healthy")])
def test_a_misspelt_class_beside_the_right_one_stops_with_both_readings(names: tuple[str, ...]) -> None:
    with pytest.raises(ChestbenchError, match="two spellings") as stopped:
        read(*names)
    assert "dataset.class_names=" in str(stopped.value)


@pytest.mark.parametrize(
    "names", [("typical", "atypical"), ("normal", "abnormal"), ("bengin", "benign", "malignant"), ("covdi", "covid")]
)
def test_words_near_to_each_other_are_classes_of_their_own(names: tuple[str, ...]) -> None:
    assert read(*names).classes == sorted(names)


@pytest.mark.parametrize(
    ("label", "names", "found"),
    [
        ("covid", ["covid_{}", "normal_77"], 1),
        ("covid", ["patient {} covid-19", "Normal (3)"], 1),
        ("covid", ["{}", "x"], 0),
        ("covid", ["covid_{}", "covid normal 7"], 0),
        ("covid", ["normal_{}", "normal_9"], 0),
        ("non covid", ["non covid {}", "covid 7"], 0),
        ("noncovid", ["noncovid_{}", "noncovid 7"], 0),
    ],
)
def test_a_name_of_another_class_is_warned_of(label: str, names: list[str], found: int, caplog) -> None:
    other = "covid" if "non" in label else "normal"
    members = [f"{label}/{names[0].format(n)}.png" for n in range(9)] + [f"{label}/{names[1]}.png"]
    members += [f"{other}/{other}_{n}.png" for n in range(9)]
    codes = np.array([0] * 10 + [1] * 9)
    assert warn_of_other_classes(members, codes, [label, other]) == found
    assert (members[9] in caplog.text) == bool(found)


@pytest.mark.parametrize("names", [("[0,1]", "[1,0]"), ("007", "1e5"), ("(0 0 1)", "(0 1 0)", "(1 0 0)")])
def test_numbers_in_any_writing_are_offered_as_classes(names: tuple[str, ...]) -> None:
    with pytest.raises(ChestbenchError) as stopped:
        read(*names)
    assert value_line("dataset.classes", list(names)) in str(stopped.value)
    assert read(*names, classes=list(names)).classes == list(names)


def test_dates_are_not_offered_as_classes() -> None:
    with pytest.raises(ChestbenchError) as stopped:
        read("2020-03-01", "2020-03-02")
    assert "dataset.classes" not in str(stopped.value)
