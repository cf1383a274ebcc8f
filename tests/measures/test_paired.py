"""The paired bootstrap: the measures it compares, networks that are equal or better, and its intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestbench.measures import resampled
from chestbench.measures.metrics import measure
from chestbench.measures.paired import Difference, paired_differences
from chestbench.measures.resampling import group_draws
from tests.evaluation.pairs import answer, draw_pair

NOTHING = Difference(0.0, 0.0, 0.0, 1.0)


def softmax(generator: np.random.Generator, labels: np.ndarray, classes: int, skill: float) -> np.ndarray:
    logits = generator.normal(size=(len(labels), classes))
    logits[np.arange(len(labels)), labels] += skill
    # Few digits, so that equal scores occur.
    table = np.round(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), 2)
    return table


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_differences_and_errors_are_those_of_the_measures(classes: int) -> None:
    generator = np.random.default_rng(classes)
    # Two digits each, so that their order as text is that of the numbers.
    labels, codes = generator.integers(0, classes, 300), generator.integers(10, 50, 300)
    chosen, other = (softmax(generator, labels, classes, skill) for skill in (1.0, 1.6))
    (found,) = paired_differences(labels, codes, chosen, [other], 300, seed=5)
    plain = [measure(labels, said).overall for said in (chosen, other)]
    weights = np.concatenate(list(group_draws(40, 300, 5, 300))).take(codes - 10, axis=1).T
    drawn = [measure(labels, said, weights).overall for said in (chosen, other)]
    for name, difference in (("balanced_accuracy", found.balanced_accuracy), ("macro_auc", found.macro_auc)):
        assert difference is not None and difference.low is not None and difference.high is not None
        value = plain[1][name][0] - plain[0][name][0]
        assert difference.value == pytest.approx(value, abs=1e-12)
        # Symmetric about the value, and a little wider than the normal interval of the same resamples.
        assert difference.high - value == pytest.approx(value - difference.low, abs=1e-12)
        normal = 1.959964 * np.nanstd(drawn[1][name] - drawn[0][name])
        assert 1.0 < (difference.high - value) / normal < 1.08, name


def test_identical_networks_differ_in_nothing() -> None:
    generator = np.random.default_rng(0)
    labels, codes = generator.integers(0, 3, 120), generator.integers(0, 30, 120)
    chosen = softmax(generator, labels, 3, 1.0)
    assert paired_differences(labels, codes, chosen, [chosen.copy()], 200) == [(NOTHING, NOTHING)]
    # Also where nothing else could be said.
    one_group = paired_differences(labels, np.zeros(120), chosen, [chosen.copy()], 200)
    assert one_group == [(NOTHING, NOTHING)]


def test_networks_right_about_the_same_images_are_not_the_same_network() -> None:
    labels = np.tile([0, 1], 20)
    chosen, other = answer(labels, 2, 0.9), answer(labels, 2, 0.6)
    difference = paired_differences(labels, np.arange(40), chosen, [other], 200)[0].balanced_accuracy
    assert (difference.value, difference.p) == (0.0, 1.0)
    # Twenty groups of a class without a difference: up to 1 - 0.025 ** (1 / 20) may have gone unseen.
    assert difference.high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert difference.low == pytest.approx(-(1 - 0.025 ** (1 / 20)))


def test_a_better_network_is_found_and_the_sign_is_its() -> None:
    labels, codes, (worse, better) = draw_pair(np.random.default_rng(1), 120, (0.6, 0.4), 3, (0.7, 0.95))
    found, back = (
        paired_differences(labels, codes, first, [second], 500)[0].balanced_accuracy
        for first, second in ((worse, better), (better, worse))
    )
    assert found.p is not None and found.p < 0.001
    assert found.low is not None and found.low > 0
    assert (back.value, back.low, back.high) == pytest.approx((-found.value, -found.high, -found.low))
    assert back.p == pytest.approx(found.p)


def test_many_networks_do_not_lift_the_smallest_p() -> None:
    """Counted resamples would give 2 / 201 here; over 17 networks Holm would make 0.17 of it."""
    labels = np.tile([0, 1], 60)
    wrong = np.random.default_rng(0).random(120) < 0.3
    chosen = answer(np.where(wrong, 1 - labels, labels), 2)
    p = paired_differences(labels, np.arange(120), chosen, [answer(labels, 2)], 200)[0].balanced_accuracy.p
    assert p is not None and p < 1e-6


@pytest.mark.parametrize(("differing", "significant"), [(1, False), (4, False), (5, False), (7, True), (30, True)])
def test_a_few_groups_never_decide(differing: int, significant: bool) -> None:
    labels = np.tile([0, 1], 30)
    wrong = np.arange(60) < differing
    chosen = answer(np.where(wrong, 1 - labels, labels), 2)
    found = paired_differences(labels, np.arange(60), chosen, [answer(labels, 2)], 400)[0].balanced_accuracy
    assert found.p is not None and found.low is not None
    assert found.p >= 2.0 ** (1 - differing)
    assert (found.p < 0.05) is significant
    assert (found.low > 0) is significant


def test_always_right_against_always_wrong_has_a_p_above_zero() -> None:
    labels = np.tile([0, 1], 3000)
    found = paired_differences(labels, np.arange(6000), answer(1 - labels, 2), [answer(labels, 2)], 100)[0]
    assert found.balanced_accuracy.value == 1.0
    assert found.balanced_accuracy.p is not None and 0 < found.balanced_accuracy.p < 1e-100


def test_a_test_set_that_cannot_tell_says_so() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    chosen, other = answer(np.array([0, 0, 1, 1, 1, 1]), 2), answer(labels, 2)
    # All in one group; and a class in one group only.
    for groups in ([0] * 6, [0, 1, 2, 3, 3, 3]):
        found = paired_differences(labels, groups, chosen, [other], 200)[0]
        for difference in found:
            assert difference is not None and difference.value > 0
            assert (difference.low, difference.high, difference.p) == (None, None, None)


def test_absent_classes_are_left_out_and_one_class_alone_has_no_ranking() -> None:
    generator = np.random.default_rng(2)
    labels = generator.integers(0, 2, 100)
    three = [softmax(generator, labels, 3, skill) for skill in (0.5, 2.0)]
    (found,) = paired_differences(labels, np.arange(100), three[0], [three[1]], 200)
    expected = [measure(labels, said).overall["balanced_accuracy"][0] for said in three]
    assert found.balanced_accuracy.value == pytest.approx(expected[1] - expected[0])
    ones = np.ones(100, int)
    (alone,) = paired_differences(ones, np.arange(100), three[0], [three[1]], 200)
    assert alone.macro_auc is None
    assert alone.balanced_accuracy.p is not None
    assert paired_differences(labels, np.arange(100), three[0], [], 200) == []


def test_groups_and_not_images_are_drawn() -> None:
    """The same images counted as independent look far surer than they are."""
    labels, codes, (chosen, other) = draw_pair(np.random.default_rng(9), 30, (0.5, 0.5), 20, (0.8, 0.85))
    by_group, by_image = (
        paired_differences(labels, units, chosen, [other], 400)[0].balanced_accuracy
        for units in (codes, np.arange(len(codes)))
    )
    assert by_group.low is not None and by_group.high is not None
    assert by_image.low is not None and by_image.high is not None
    assert by_group.high - by_group.low > 1.3 * (by_image.high - by_image.low)


@pytest.mark.parametrize(
    ("groups", "shares", "images"),
    [(20, (0.5, 0.5), 1), (40, (0.9, 0.1), 4), (60, (0.4, 0.4, 0.2), 3), (200, (0.5, 0.5), 2)],
)
def test_equal_networks_are_told_apart_no_more_often_than_promised(
    groups: int, shares: tuple[float, ...], images: int
) -> None:
    generator, told, tried = np.random.default_rng(11), 0, 0
    for seed in range(300):
        labels, codes, (chosen, other) = draw_pair(generator, groups, shares, images, (0.85, 0.85))
        p = paired_differences(labels, codes, chosen, [other], 150, seed=seed)[0].balanced_accuracy.p
        if p is not None:
            told, tried = told + (p < 0.05), tried + 1
    assert tried > 200
    # 5% and two standard errors of 300 trials.
    assert told / tried <= 0.075


def test_the_interval_holds_the_true_difference() -> None:
    generator, held = np.random.default_rng(12), 0
    for seed in range(400):
        labels, codes, (chosen, other) = draw_pair(generator, 150, (0.6, 0.4), 3, (0.8, 0.88))
        found = paired_differences(labels, codes, chosen, [other], 150, seed=seed)[0].balanced_accuracy
        assert found.low is not None and found.high is not None
        held += found.low <= 0.08 <= found.high
    assert 0.93 <= held / 400 <= 0.97


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 4), st.integers(1, 60), st.integers(1, 20), st.integers(0, 10**6))
def test_any_test_set_gives_ordered_bounds(classes: int, images: int, groups: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels, codes = generator.integers(0, classes, images), generator.integers(0, groups, images)
    chosen, other = (softmax(generator, labels, classes, skill) for skill in (0.3, 1.0))
    for difference in paired_differences(labels, codes, chosen, [other], 100, seed=seed)[0]:
        if difference is not None and difference.p is not None:
            assert difference.low is not None and difference.high is not None
            assert -1 <= difference.low <= difference.value <= difference.high <= 1
            assert 0 < difference.p <= 1
            assert difference.p < 0.05 or difference.low <= 0 <= difference.high


def test_the_draws_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, codes, (chosen, other) = draw_pair(np.random.default_rng(4), 900, (0.5, 0.5), 3, (0.8, 0.85))
    first = paired_differences(labels, codes, chosen, [other], 500)
    monkeypatch.setattr(resampled, "ordered_map", map)
    assert paired_differences(labels, codes, chosen, [other], 500) == first
