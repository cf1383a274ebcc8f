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
