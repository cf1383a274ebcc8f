"""The sample archive: pinned bytes, every trouble planted, and a label that only the lungs tell."""

import csv
import hashlib
import io
import zipfile
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from chestbench.datasets.phantom import Slice
from chestbench.datasets.sample import COMMENT, draw_sample, fetch, make_file, plan_members, truth
from chestbench.datasets.sample_boxes import COLUMNS, TABLE, patch_boxes
from chestbench.imaging.decode import UnreadableImage, decode_grey

SMALL, DEFAULT = 12, 600
UNREADABLE = ("truncated", "text")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "archive.zip"
    draw_sample(SMALL, path)
    return path


@pytest.fixture(scope="module")
def files(archive):
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture(scope="module")
def pictures():
    return list(truth(DEFAULT))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def members(kind, patients=SMALL):
    return [member for member in plan_members(patients) if member.kind == kind]


def test_archive_is_pinned(archive):
    assert digest(archive.read_bytes()) == "434c4d3d20d7517a1e3628746115f58a623f1512333eb76ec09e2cf9bf6d7526"


def test_pictures_are_pinned_apart_from_the_table(files):
    """Networks that were trained on the sample before it had boxes saw the same pictures."""
    whole = hashlib.sha256()
    for name in sorted(name for name in files if name != TABLE):
        whole.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    assert whole.hexdigest() == "b6347d8cf05b20c2686c100deb75d3205a4f6c3cabe74f9ed670b12f28bcb9bd"


def test_the_table_draws_boxes_around_what_was_painted(files):
    rows = list(csv.DictReader(io.StringIO(files[TABLE].decode())))
    assert files[TABLE].decode().splitlines()[0] == ",".join(COLUMNS)
    boxes = {}
    for row in rows:
        boxes.setdefault(row["path"], []).append(tuple(int(row[side]) for side in COLUMNS[1:]))
    readable = {member.name for member in plan_members(SMALL) if member.positive and member.kind not in UNREADABLE}
    assert set(boxes) == readable, "each picture with ground glass, its copies and what lies under the wrong label"
    for name, drawn in truth(SMALL):
        inside = np.zeros_like(drawn.patches)
        for x, y, width, height in boxes.get(name, []):
            inside[y : y + height, x : x + width] = True
            edges = drawn.patches[y : y + height, x : x + width]
            assert edges[0].any() and edges[-1].any() and edges[:, 0].any() and edges[:, -1].any(), "the box is tight"
        lungs = drawn.lungs.sum()
        assert (drawn.patches & ~inside).sum() <= 0.04 * lungs, "only bits lie outside"
        assert len(boxes.get(name, [])) <= 6 and (bool(boxes.get(name)) == bool(drawn.patches.any()))


def test_bits_are_no_patch_unless_there_is_nothing_else():
    lungs, patches = np.zeros((2, 120, 120), bool)
    lungs[10:110, 10:110] = True
    patches[20:40, 20:50] = patches[43:60, 20:50] = True  # three pixels apart: one patch
    patches[80:90, 70:100] = True
    patches[100:104, 20:24] = True
    drawn = Slice(np.zeros((120, 120), np.uint8), lungs, patches, "COVID")
    assert patch_boxes(drawn) == [(20, 20, 30, 40), (70, 80, 30, 10)]
    only = np.zeros_like(patches)
    only[100:104, 20:24] = True
    assert patch_boxes(replace(drawn, patches=only)) == [(20, 100, 4, 4)]
    assert patch_boxes(replace(drawn, patches=np.zeros_like(patches))) == []


def test_two_runs_give_equal_bytes(archive, tmp_path):
    fetch(SimpleNamespace(sample_patients=SMALL), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["archive.zip"]
    assert (tmp_path / "archive.zip").read_bytes() == archive.read_bytes()


def test_archive_says_synthetic_and_is_sorted(archive, files):
    with zipfile.ZipFile(archive) as opened:
        assert opened.comment.decode() == COMMENT
        assert "synthetic" in COMMENT
        names = opened.namelist()
        assert names == sorted(names)
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in opened.infolist()} == {zipfile.ZIP_STORED}
    assert all(b"SYNTHETIC" in files[member.name] for member in members("slice"))


@pytest.mark.parametrize("more", [13, 15, 20, 150, 600])
def test_more_patients_keep_the_members_of_fewer(more):
    fewer, grown = ({member.name: member for member in plan_members(count)} for count in (SMALL, more))
    assert fewer.items() <= grown.items()
    assert len({member.patient for member in grown.values()}) == more


def test_too_few_patients_are_refused():
    with pytest.raises(ValueError, match="12 or more patients, received 11"):
        plan_members(11)


def test_counts_and_ratio():
    plan = members("slice", DEFAULT)
    positive = sum(member.positive for member in plan)
    assert 840 <= len(plan) <= 940
    assert positive * 3 == len(plan)
    per_patient = Counter(member.patient for member in plan)
    assert len(per_patient) == DEFAULT
    assert set(per_patient.values()) == {1, 2}
    labels = {member.patient: set() for member in plan}
    for member in plan:
        labels[member.patient].add(member.name.split("/")[0])
    assert all(len(found) == 1 for found in labels.values())


def test_truth_names_what_the_files_show(files):
    for name, drawn in truth(SMALL):
        assert name.startswith(drawn.label + "/")
        np.testing.assert_array_equal(decode_grey(files[name]).pixels[:, :, 0], drawn.pixels)


def test_every_pixel_format_and_many_sizes(files):
    plan = members("slice")
    decoded = {member.name: decode_grey(files[member.name]) for member in plan}
    assert {(image.channels, image.bit_depth) for image in decoded.values()} == {(1, 8), (3, 8), (4, 8), (1, 16)}
    sizes = {(image.width, image.height) for image in decoded.values()}
    assert len(sizes) > 6
    assert any(width != height for width, height in sizes)


def test_exact_duplicates(files):
    names = {(member.patient, member.index): member.name for member in members("slice")}
    same_bytes, same_pixels = members("same bytes"), members("same pixels")
    assert len(same_bytes) == len(same_pixels) == 3
    for member in same_bytes:
        assert files[member.name] == files[names[member.patient, member.index]]
    for member in same_pixels:
        original = files[names[member.patient, member.index]]
        assert files[member.name] != original
        np.testing.assert_array_equal(decode_grey(files[member.name]).pixels, decode_grey(original).pixels)


def test_one_picture_under_a_second_patient_and_one_under_both_labels(files):
    originals = {}
    for member in members("slice"):
        originals.setdefault(digest(files[member.name]), []).append(member)
    (other,) = members("second patient")
    (original,) = originals[digest(files[other.name])]
    assert original.name.split("/")[0] == other.name.split("/")[0]
    assert original.name.split("/")[1] != other.name.split("/")[1]
    (both,) = members("second label")
    (original,) = originals[digest(files[both.name])]
    assert {original.name.split("/")[0], both.name.split("/")[0]} == {"COVID", "non-COVID"}


def test_one_truncated_file_and_one_text_file(files):
    unreadable = {}
    for name, data in files.items():
        if name == TABLE:
            continue
        try:
            decode_grey(data)
        except UnreadableImage:
            unreadable[name] = data
    (truncated,), (text,) = members("truncated"), members("text")
    assert set(unreadable) == {truncated.name, text.name}
    assert unreadable[truncated.name].startswith(b"\x89PNG")
    assert unreadable[text.name].decode("ascii").startswith("This is a text file")
    assert text.name.endswith(".png")


def auc_by_patient(features, plan) -> float:
    """Return the AUC of a logistic regression on `features` (N, F), tried on patients that it was not fitted to."""
    labels, patients = [member.positive for member in plan], [member.patient for member in plan]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    scores = cross_val_predict(model, features, labels, groups=patients, cv=GroupKFold(5), method="predict_proba")
    return roc_auc_score(labels, scores[:, 1])


def shrink(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA).ravel().astype(float)


def test_file_properties_say_nothing_of_the_label():
    plan = members("slice", DEFAULT)
    channels = {"grey": 1, "rgb": 3, "rgba": 4, "grey16": 1}
    rows = []
    for member in plan:
        depth = 16 if member.mode == "grey16" else 8
        size = member.width * member.height * channels[member.mode] * depth // 8
        rows.append([member.width, member.height, channels[member.mode], depth, size])
    assert 0.4 < auc_by_patient(np.array(rows, float), plan) < 0.6
    for column in np.array(rows, float).T:
        assert 0.4 < roc_auc_score([member.positive for member in plan], column) < 0.6


def test_the_stated_size_is_that_of_the_file():
    """The property test reasons about plans; stored blocks make a file's size follow from them."""
    for member in members("slice")[:6]:
        channels = {"grey": 1, "rgb": 3, "rgba": 4, "grey16": 2}[member.mode]
        assert 0 < len(make_file(member)) - member.width * member.height * channels < 1000


def test_the_picture_without_its_lungs_says_nothing_of_the_label(pictures):
    features = np.array([shrink(np.where(drawn.lungs, 0, drawn.pixels).astype(np.uint8)) for _, drawn in pictures])
    assert 0.4 < auc_by_patient(features, members("slice", DEFAULT)) < 0.6


def test_the_lungs_tell_the_label(pictures):
    """The share of the lungs with ground-glass values, smoothed so that vessels and noise do not count."""
    shares = []
    for _, drawn in pictures:
        smooth = cv2.blur(drawn.pixels, (9, 9))
        inner = cv2.erode(drawn.lungs.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        shares.append(((smooth > 110) & (smooth < 185) & inner).sum() / inner.sum())
    assert roc_auc_score([drawn.label == "COVID" for _, drawn in pictures], shares) > 0.95
