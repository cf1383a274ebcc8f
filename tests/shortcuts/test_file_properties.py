import re
from dataclasses import replace

import numpy as np
import pytest

from chestbench.catalog.records import CatalogRow
from chestbench.shortcuts.file_properties import (
    MOST_KINDS,
    OTHERS,
    PROPERTIES,
    Properties,
    audit_properties,
    design,
    join_rare,
    read_properties,
)
from chestbench.shortcuts.folds import Folds, make_folds
from chestbench.shortcuts.source_words import sources_in_words

PLAIN = CatalogRow(
    *("0" * 16, "a/1.png", "a", "p1", ""), 512, 512, 1, 8, "png", 100_000, "", "", "", "kept", "", "c", "", ""
)


def _rows(seed: int, patients: int = 50, per: int = 3) -> tuple[list[CatalogRow], np.ndarray, np.ndarray]:
    """Images of a set in which each patient has his own scanner, whatever his class; labels and groups."""
    generator = np.random.default_rng(seed)
    ill = np.zeros(patients, int)
    ill[generator.permutation(patients)[: patients // 3]] = 1
    rows, label, group = [], [], []
    for patient in range(patients):
        kind, side = str(generator.choice(["png", "jpeg"])), int(generator.choice([256, 512, 1024]))
        bright = generator.uniform(20, 60)
        for _ in range(per):
            rows.append(
                replace(
                    PLAIN,
                    width=side,
                    height=side - int(generator.integers(0, 3)) * 32,
                    format=kind,
                    bytes=int(side**2 * generator.uniform(0.3, 0.5)),
                    border_grey=bright + generator.normal(0, 3),
                    border_spread=generator.uniform(5, 30),
                    corner_marks=float(generator.choice([0.0, 0.002, 0.01])),
                )
            )
            label.append(int(ill[patient]))
            group.append(f"p{patient:03d}")
    return rows, np.array(label), np.array(group)


def _folds(label: np.ndarray, group: np.ndarray, seed: int = 0) -> Folds:
    is_train = np.isin(group, np.unique(group)[np.random.default_rng(seed).permutation(len(np.unique(group)))[15:]])
    return make_folds(label, group, is_train, ["a", "b"], seed, 20_000)


def _audit(rows: list[CatalogRow], label: np.ndarray, group: np.ndarray) -> dict:
    return audit_properties(read_properties(rows, None), _folds(label, group), 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_clean_set_gives_no_warning(seed: int) -> None:
    found = _audit(*_rows(seed))
    assert not found["warning"], found
    assert found["auc"]["low"] < 0.5
    assert set(found["properties"]) == set(PROPERTIES)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("format", {"format": "bmp"}),
        ("channels", {"channels": 4}),
        ("bit_depth", {"bit_depth": 16}),
        ("width", {"width": 700}),
        ("border", {"border_grey": 200.0}),
        ("corner_marks", {"corner_marks": 0.08}),
        ("bytes", {"bytes": 10_000_000}),
        ("source", {"source": "hospital_A"}),
        ("scale", {"scale": "13 of 16 bit"}),
        ("inverted", {"inverted": "yes"}),
        ("frames", {"frames": 12}),
    ],
)
def test_a_property_that_tells_the_label_is_warned_of_and_named(name: str, change: dict) -> None:
    rows, label, group = _rows(1)
    rows = [replace(row, **change) if ill else row for row, ill in zip(rows, label, strict=True)]
    found = _audit(rows, label, group)
    assert found["warning"] and found["tells_most"] == name
    assert found["properties"][name]["value"] > 0.95


def test_a_middle_size_tells_too() -> None:
    rows, label, group = _rows(2)
    generator = np.random.default_rng(0)
    rows = [
        replace(row, width=600 if ill else int(generator.choice([300, 900])), height=512)
        for row, ill in zip(rows, label, strict=True)
    ]
    found = _audit(rows, label, group)
    assert found["warning"] and found["properties"]["width"]["value"] > 0.9


def test_the_mean_that_counts_is_the_one_beside_the_lungs() -> None:
    rows, label, group = _rows(3)
    rows = [replace(row, mean_grey=200.0 if ill else 50.0) for row, ill in zip(rows, label, strict=True)]
    folds = _folds(label, group)
    assert audit_properties(read_properties(rows, None), folds, 0)["properties"]["mean_grey"]["value"] is None
    lit = audit_properties(read_properties(rows, 10.0 + 20.0 * label), folds, 0)
    assert lit["warning"] and lit["tells_most"] == "mean_grey"


def test_constant_properties_have_no_figure_and_do_no_harm() -> None:
    _, label, group = _rows(4)
    found = audit_properties(read_properties([PLAIN] * len(label), np.full(len(label), 9.0)), _folds(label, group), 0)
    assert not found["warning"] and found["tells_most"] is None
    assert {auc["value"] for auc in (found["auc"], *found["properties"].values())} == {None}


def test_columns_are_standardised_and_one_hot() -> None:
    properties = Properties({"width": np.array([[1.0], [3.0], [5.0], [100.0]])}, {"format": np.array(list("aabb"))})
    matrix = design(properties, ["width", "format"], np.arange(3))
    assert matrix.shape == (3, 4)
    np.testing.assert_allclose(matrix[:, 0], [-(1.5**0.5), 0, 1.5**0.5])
    np.testing.assert_allclose(matrix[:, 1], matrix[:, 0] ** 2 - 1)
    assert matrix[:, 2:].tolist() == [[1, 0], [1, 0], [0, 1]]


def _sources(label: np.ndarray, group: np.ndarray, share: float, seed: int = 0) -> list[str]:
    """Give each patient a hospital: of the ill `share` are of A, of the healthy 1 - share."""
    generator, names = np.random.default_rng(seed), {}
    for name, ill in zip(group.tolist(), label.tolist(), strict=True):
        names.setdefault(name, "A" if generator.random() < (share if ill else 1 - share) else "B")
    return [f"hospital_{names[name]}" for name in group.tolist()]


def test_a_hospital_with_most_of_a_class_is_warned_of_with_what_can_be_done() -> None:
    rows, label, group = _rows(5, patients=100)
    sources = _sources(label, group, 0.92)
    rows = [replace(row, source=source) for row, source in zip(rows, sources, strict=True)]
    found = _audit(rows, label, group)
    assert found["warning"] and found["tells_most"] == "source" and set(found["sources"]) == set(sources)
    told = sources_in_words(found["sources"])
    assert "hospital_A (a " in told and "hospital_B (a " in told
    assert "dataset.exclude=['*hospital_A*']" in told and "evaluate.external=[{name: hospital_a, path: " in told


@pytest.mark.parametrize("seed", range(3))
def test_hospitals_that_hold_both_classes_alike_are_not_warned_of(seed: int) -> None:
    rows, label, group = _rows(seed)
    rows = [replace(row, source=source) for row, source in zip(rows, _sources(label, group, 0.5, seed), strict=True)]
    found = _audit(rows, label, group)
    assert not found["warning"] and len(found["sources"]) == 2


def test_a_source_for_each_patient_is_no_source() -> None:
    rows, label, group = _rows(6)
    rows = [replace(row, source=name) for row, name in zip(rows, group.tolist(), strict=True)]
    found = _audit(rows, label, group)
    assert found["properties"]["source"]["value"] is None and found["sources"] == {} and not found["warning"]


def test_rare_sources_and_those_beyond_the_most_frequent_are_one() -> None:
    _, label, group = _rows(7, patients=300, per=1)
    folds, places = _folds(label, group), np.arange(300)
    many = np.where(places < 296, np.char.add("site_", (places % 29).astype(str)), "rare")
    assert set(join_rare(many, folds)) == {
        OTHERS,
        *sorted(set(many) - {"rare"}, key=lambda name: (-(many == name).sum(), name))[:MOST_KINDS],
    }
    assert set(join_rare(np.where(places < 296, "most", "rare"), folds)) == {"most", OTHERS}
    assert set(join_rare(np.where(places < 290, "most", "other"), folds)) == {"most", "other"}


def test_three_sources_can_be_kept_apart_by_a_pattern() -> None:
    told = sources_in_words({name: {"a": 3, "b": 2} for name in ("Site 1", "Site.2", "Ж-3")})
    pattern = re.search(r"dataset.group_pattern='([^']*)'", told)
    assert pattern and re.search(pattern[1], "x/Site.2/a/1.png")["group"] == "Site.2"
    assert "{name: " in told and sources_in_words({}) == "" == sources_in_words({"": {"a": 1}})
