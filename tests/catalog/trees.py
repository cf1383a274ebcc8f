"""Trees of words drawn by hypothesis: parts, places, kinds, masks, people and classes in any depth and order."""

from hypothesis import strategies as st

TRAIN = ("train", "Training", "training_set", "TRAIN_DATA", "Train 1", "trainset", "train-images", "01_train", "trn")
VAL = ("val", "Validation", "validation_set", "VALID_DATA", "Val 1", "valset", "val-images", "02_valid", "dev")
TEST = ("test", "Testing", "test_set", "TEST_DATA", "Test 1", "testset", "test-images", "03_test", "holdout")
SPLITS = {*TRAIN, *VAL, *TEST, "entrenamiento", "训练集", "eğitim", "обучение", "validación", "测试集"}
PLACES = {
    *("hospital_A", "site 3", "PA", "lateral", "male", "scanner2", "2019", "part 1", "fold2", "New folder (2)"),
    *("images", "masks", "CXR_png", "CT", "X-ray", "Original", "augmented images", "cropped", "lung mask", "data"),
}
CLASSES = {
    *("COVID", "COVID-19", "Normal", "normal", "x", "TB", "grade 2", "well", "Viral Pneumonia", "0", "정상", "class_1"),
    *("mild", "severe", "no pneumonia", "Pneumonia", "Lung Opacity", "Nomral", "COVID+", "Oslo", "Others", "healthy"),
    *("covid dataset", "Covid test positive"),
}
PEOPLE = {"patient_3", "17", "P12", "1.2.840.7.1", "IM-0001", "ct_scan_4", "Patient (7)", "study_0001"}
WORDS = sorted(SPLITS | PLACES | CLASSES | PEOPLE)
_PATHS = st.lists(st.sampled_from(WORDS), max_size=6).map("/".join)


def _crossed(levels: list[list[str]]) -> list[str]:
    paths = [""]
    for names in levels:
        paths = [f"{path}/{name}".lstrip("/") for path in paths for name in names]
    return paths


# Levels of which each name holds the same below, as people sort; and odd paths besides.
_LEVELS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True), min_size=1, max_size=4)
TREES = st.one_of(
    st.lists(_PATHS, min_size=1, max_size=12),
    _LEVELS.map(_crossed),
    st.tuples(_LEVELS.map(_crossed), st.lists(_PATHS, max_size=3)).map(lambda both: [*both[0], *both[1]]),
    st.tuples(_LEVELS.map(_crossed), _LEVELS.map(_crossed)).map(lambda both: [*both[0], *both[1]]),
)

_SETS_OF_CLASSES = [
    *(("COVID", "Normal"), ("covid", "non-covid", "cap"), ("x", "y"), ("0", "1"), ("정상", "폐렴"), ("yes", "no")),
    *(("TB", "healthy"), ("class_1", "class_2"), ("grade 0", "grade 1", "grade 2"), ("mild", "severe", "normal")),
    *(("COVID+", "COVID-"), ("Lung Opacity", "No Finding", "Mass"), ("lung_aca", "lung_n"), ("Nomral", "Pnuemonia")),
    *(("Viral Pneumonia", "Bacterial Pneumonia"), ("A", "B", "E"), ("NCP", "CP", "Normal"), ("sain", "malade")),
]
_PARTS = [("train", "test"), ("Training Set", "Validation Set", "Test Set"), ("1_train", "2_val", "3_test"),
          ("trn", "val", "tst"), ("Trian", "Test"), ("TRAIN_IMAGES", "VAL_IMAGES"), ("训练集", "测试集")]  # fmt: skip
_SOURCES = [("hospital_A", "hospital_B"), ("PA", "AP"), ("male", "female"), ("2019", "2020"), ("Site-1", "Site-2"),
            ("CT", "X-ray"), ("original", "augmented"), ("Siemens", "GE"), ("cropped", "full"), ("adult", "child"),
            ("center_1", "center_2", "center_3"), ("left lung", "right lung")]  # fmt: skip
_WRAPS = [("data",), ("archive (3)",), ("images",), ("part1", "part2"), ("Chest X-Ray",), ("fold1", "fold2"),
          ("New folder", "New folder (2)"), ("my study",), ("png",), ("dataset_v2",)]  # fmt: skip
_NUMBERED = [tuple(f"patient_{n}" for n in range(1, 5)), tuple(f"{n:03}" for n in range(1, 7)), ("P01", "P02", "P03"),
             ("1.2.840.1.1", "1.2.840.1.2", "1.2.840.1.3"), ("ct_scan_0", "ct_scan_1", "ct_scan_2")]  # fmt: skip


@st.composite
def sorted_trees(draw: st.DrawFn) -> tuple[list[str], tuple[str, ...], bool]:
    """Draw a set that one person sorted: (folders, its classes, whether it has parts)."""
    classes = draw(st.sampled_from(_SETS_OF_CLASSES))
    levels = [("class", classes)]
    for kind, choices in (("part", _PARTS), ("source", _SOURCES), ("wrap", _WRAPS), ("wrap", _WRAPS)):
        if draw(st.booleans()):
            levels.insert(draw(st.integers(0, len(levels))), (kind, draw(st.sampled_from(choices))))
    if draw(st.booleans()):
        # People lie below the classes, or above them with one class each; the latter is for test_known_layouts.
        levels.append(("people", draw(st.sampled_from(_NUMBERED))))
    return _crossed([list(names) for _, names in levels]), classes, any(kind == "part" for kind, _ in levels)
