"""What the registered model takes for an image, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from chestbench.core.files import write_json
from chestbench.datasets.phantom import draw_slice
from chestbench.imaging.regions.find import find_region
from chestbench.imaging.resize import resize_grey
from chestbench.serving.model import GreyImageClassifier, grey_images
from chestbench.training.predict import predict

GREY = np.arange(30, dtype=np.uint8).reshape(5, 6)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (GREY, 1),
        (GREY[..., None], 1),
        (np.stack([GREY, GREY])[..., None], 2),
        (np.stack([GREY, GREY]), 2),
        ([GREY, GREY[:4, :5], GREY[..., None]], 3),
        ((GREY, GREY), 2),
        (GREY.tolist(), 1),
        ([GREY.tolist(), GREY.tolist()], 2),
        (GREY.astype(np.int64), 1),
        (GREY.astype(np.float32), 1),
        ([], 0),
        (np.zeros((0, 5, 6, 1), np.uint8), 0),
    ],
)
def test_images_in_every_accepted_form(value: object, count: int) -> None:
    images = grey_images(value)
    assert len(images) == count
    for image in images:
        assert image.dtype == np.uint8
        assert image.ndim == 2
        np.testing.assert_array_equal(image, GREY[: image.shape[0], : image.shape[1]])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros((5, 6, 3), np.uint8), "colour"),
        (np.zeros((2, 5, 6, 3), np.uint8), "colour"),
        (np.full((5, 6), 0.5), "whole numbers"),
        (np.full((5, 6), 300), "from 300 to 300"),
        (np.full((5, 6), -1), "whole numbers"),
        (np.full((5, 6), np.nan), "whole numbers"),
        (np.zeros(5, np.uint8), "shape"),
        (np.zeros((0, 5), np.uint8), "shape"),
        ("image.png", "shape"),
        ([GREY, np.zeros((5, 6, 3), np.uint8)], "colour"),
    ],
)
def test_other_input_is_refused_with_what_was_received(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        grey_images(value)


@pytest.mark.parametrize("roi", ["none", "body", "lungs_crop", "mask"])
def test_images_are_prepared_as_for_training(roi: str, tmp_path: Path) -> None:
    from chestbench.models import registry
    from chestbench.models.build import build

    model = build(registry.get("simple_cnn"), 32, 2)
    model.save(tmp_path / "model.keras")
    described = {"classes": ["a", "b"], "image_size": 32, "fit": "pad", "roi": roi, "modality": "CT"}
    write_json(tmp_path / "model.json", {**described, "backend": "tensorflow"})
    image = draw_slice(3, 0, 160, 144, positive=True).pixels
    # Masks belong to the data set: such images come black outside of theirs already.
    cut = find_region(image[..., None], "none" if roi == "mask" else roi, modality="CT").pixels
    assert (roi in ("none", "mask")) == (cut.shape == (144, 160, 1) and (cut[..., 0] == image).all())
    expected = predict(model, resize_grey(cut, 32, "pad")[None])
    table = GreyImageClassifier(tmp_path).predict(image, {"raw": True})
    np.testing.assert_allclose(table[["p:a", "p:b"]], expected, atol=1e-6)
    # Without measures nothing is calibrated, and masks that are missing are said.
    np.testing.assert_allclose(GreyImageClassifier(tmp_path).predict(image)[["p:a", "p:b"]], expected, atol=1e-6)
    assert ("cut by masks" in table["warnings"][0]) == (roi == "mask")


def test_pictures_are_shifted_as_evaluate_has_it(tmp_path: Path) -> None:
    from chestbench.models import registry
    from chestbench.models.build import build

    model = build(registry.get("simple_cnn"), 32, 2)
    model.save(tmp_path / "model.keras")
    described = {"classes": ["a", "b"], "image_size": 32, "fit": "pad", "roi": "none", "modality": "CT", "shifts": 4}
    write_json(tmp_path / "model.json", {**described, "backend": "tensorflow"})
    image = draw_slice(3, 0, 32, 32, positive=True).pixels
    expected = predict(model, image[None, ..., None], shifts=4)
    assert np.abs(expected - predict(model, image[None, ..., None])).max() > 1e-5
    table = GreyImageClassifier(tmp_path).predict(image, {"raw": True})
    np.testing.assert_allclose(table[["p:a", "p:b"]], expected, atol=1e-6)
