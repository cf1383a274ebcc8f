"""Classes in the pictures' own names: which lines are offered, and what is none of them."""

import re

import pytest

from chestbench.catalog.tables.looks.name_words import lines_of_names


def offered(form: str, *words: str, each: int = 12, start: int = 0) -> list[str]:
    """Return the lines for names of a form with {n} for a running number and {word} for each of some words in turn."""
    return lines_of_names([form.format(n=n, word=words[n % len(words)]) for n in range(start, start + each)])


def labels_by(line: str, name: str) -> str:
    pattern = line.partition('dataset.labels="')[2].partition("\"'")[0]
    found = re.search(pattern, name)
    assert found, (pattern, name)
    return found["label"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("P{n:03}_{word}_AP.png", ("TB", "NORMAL")),
        ("set/P{n:03}-{word}-PA.png", ("covid", "non-covid")),
        ("{n} {word} lateral.jpg", ("healthy", "pneumonia")),
        ("{n:02}_{word}_x.png", ("case", "control")),
        ("S{n}_{word}_AP.png", ("A", "B")),
        ("S{n}_{word}_AP.png", ("0", "1")),
        ("patient{n}_{word}_pa.png", ("class0", "class1")),
        ("{word}_{n:03}.png", ("covid", "non_covid")),
        ("{word}_{n:03}.png", ("cat0", "cat1")),
        ("CHNCXR_{n:04}_{word}.png", ("0", "1")),
    ],
)
def test_a_word_in_any_place_is_offered_once(form: str, words: tuple[str, ...]) -> None:
    lines = offered(form, *words)
    assert len(lines) == 1
    for number, word in enumerate(words):
        assert labels_by(lines[0], form.format(n=number, word=word)) == word
        assert f"{word} {12 // len(words)}" in lines[0]


@pytest.mark.parametrize("words", [("train", "valid"), ("train", "test"), ("Training", "Testing"), ("tr", "te")])
@pytest.mark.parametrize("form", ["{word}/{word}{n:03}.png", "{word}_{n:03}.png", "{n:03}_{word}.png"])
def test_words_of_a_split_are_no_classes(form: str, words: tuple[str, ...]) -> None:
    assert offered(form, *words) == []


@pytest.mark.parametrize("words", [("AP", "PA"), ("L", "R"), ("left", "right"), ("m", "f")])
def test_views_and_sides_are_no_classes(words: tuple[str, ...]) -> None:
    assert offered("{n:03}_{word}.png", *words) == []


@pytest.mark.parametrize("between", ["_TB_", "_NORMAL_", "_"])
def test_a_number_of_slices_is_no_class(between: str) -> None:
    names = [f"P{patient:03}{between}{place}.png" for patient in range(9) for place in range(3)]
    assert lines_of_names(names) == []


def test_the_class_before_a_number_of_slices_is_offered() -> None:
    names = [f"P{patient:03}_{('TB', 'NORMAL')[patient % 2]}_{place}.png" for patient in range(8) for place in range(3)]
    lines = lines_of_names(names)
    assert len(lines) == 1 and "(NORMAL 12, TB 12, by the pictures' names)" in lines[0]


def test_two_ways_to_name_a_picture_are_no_classes() -> None:
    assert offered("{word}_{n:03}.png", "img", "b") == []
    assert offered("{word}_{n:03}.png", "scan", "covid") != []  # a finding is one, whatever the others are called
