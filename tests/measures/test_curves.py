"""Curves equal scikit-learn's, and their CSV keeps every class name."""

from pathlib import Path

import numpy as np
from sklearn import metrics as sk

from chestbench.core.files import read_csv, write_csv
from chestbench.measures import curves


def make_split(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(4)
    labels = generator.integers(0, 2, n)
    score = np.round(generator.random(n) * 0.6 + 0.4 * labels, 2)
    return labels, np.stack([1 - score, score], axis=1)


def test_the_roc_curve_equals_scikit_learns() -> None:
    labels, probabilities = make_split()
    found = curves.roc_curve(probabilities[:, 1], labels == 1)
    expected = sk.roc_curve(labels, probabilities[:, 1], drop_intermediate=False)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)


def test_the_precision_recall_curve_equals_scikit_learns() -> None:
    labels, probabilities = make_split()
    precision, recall, thresholds = curves.precision_recall_curve(probabilities[:, 1], labels == 1)
    expected = sk.precision_recall_curve(labels, probabilities[:, 1])
    np.testing.assert_allclose(precision[::-1], expected[0][:-1], atol=1e-12)
    np.testing.assert_allclose(recall[::-1], expected[1][:-1], atol=1e-12)
    np.testing.assert_allclose(thresholds[::-1], expected[2], atol=1e-12)


def test_thinning_keeps_the_area() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 5000)
    score = generator.random(5000) * 0.7 + 0.3 * labels
    rows = [row for row in curves.roc_rows(labels, np.stack([1 - score, score], 1), ["a", "b"]) if row["class"] == "b"]
    assert len(rows) <= curves.MAX_POINTS
    area = np.trapezoid([row["tpr"] for row in rows], [row["fpr"] for row in rows])
    np.testing.assert_allclose(area, sk.roc_auc_score(labels, score), atol=2e-3)
    assert (rows[0]["fpr"], rows[0]["tpr"], rows[0]["threshold"]) == (0.0, 0.0, "")
    assert (rows[-1]["fpr"], rows[-1]["tpr"]) == (1.0, 1.0)


def test_classes_absent_from_the_split_have_no_curve() -> None:
    labels, probabilities = make_split()
    three = np.concatenate([probabilities, np.zeros((len(labels), 1))], axis=1)
    for rows in (curves.roc_rows(labels, three, "abc"), curves.pr_rows(labels, three, "abc")):
        assert {row["class"] for row in rows} == {"a", "b"}
    assert len(curves.macro_roc_rows(labels, three)) == 101
    assert curves.macro_roc_rows(np.zeros(3, int), np.ones((3, 1))) == []


def test_csv_keeps_odd_names(tmp_path: Path) -> None:
    names = ["정상", 'a "quoted", name', "line\nbreak"]
    labels, probabilities = np.array([0, 1, 2]), np.eye(3)
    write_csv(tmp_path / "c.csv", ["actual", "predicted"], curves.confusion_rows(labels, probabilities, names))
    assert read_csv(tmp_path / "c.csv") == [{"actual": name, "predicted": name} for name in names]
    assert b"\r" not in (tmp_path / "c.csv").read_bytes()
