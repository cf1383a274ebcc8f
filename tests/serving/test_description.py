"""model.json from elsewhere: what cannot be is refused before it turns answers about."""

from typing import Any

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.serving.description import Description

GOOD: dict[str, Any] = {
    "classes": ["COVID", "정상"],
    "positive": "COVID",
    "image_size": 64,
    "fit": "pad",
    "roi": "none",
    "modality": "CT",
    "backend": "tensorflow",
    "temperature": 0.5,
    "thresholds": {"COVID": {"threshold": 0.3}, "정상": {"threshold": None}},
    "threshold_bounds": {"COVID": [0.2, 0.4], "정상": None},
}


def test_what_was_written_is_read() -> None:
    found = Description.from_json(GOOD, "here")
    assert found.temperature == 0.5 and found.picture.thresholds == {"COVID": 0.3, "정상": None}
    assert found.picture.bounds == {"COVID": (0.2, 0.4), "정상": None} and found.measured


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"classes": "ab"}, "classes must be a list"),
        ({"classes": ["COVID", 3]}, "classes must be a list"),
        ({"classes": ["COVID", "COVID"]}, "two or more different classes"),
        ({"temperature": 0}, "temperature must be"),
        ({"temperature": -1.0}, "temperature must be"),
        ({"temperature": float("nan")}, "temperature must be"),
        ({"temperature": float("inf")}, "temperature must be"),
        ({"temperature": True}, "temperature must be"),
        ({"image_size": -3}, "image_size must be"),
        ({"batch_size": 10**12}, "batch_size must be"),
        ({"shifts": 33}, "shifts must be"),
        ({"shifts": -1}, "shifts must be"),
        ({"backend": "os"}, "backend must be one of"),
        ({"roi": ["none"]}, "roi must be one of"),
        ({"thresholds": {"COVID": {"threshold": "x"}}}, "threshold must be"),
        ({"thresholds": {"other": {"threshold": 0.5}}}, "'other', which is no class"),
        ({"threshold_bounds": {"COVID": ["a", "b"]}}, "bound must be"),
        ({"thresholds": [1]}, "cannot be used"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ChestbenchError, match="expected the description of a network of this project") as caught:
        Description.from_json({**GOOD, **changes}, "here")
    assert words in str(caught.value)


@pytest.mark.parametrize("content", [[], None, "x", 3])
def test_other_json_is_refused(content: Any) -> None:
    with pytest.raises(ChestbenchError, match="cannot be used"):
        Description.from_json(content, "here")
