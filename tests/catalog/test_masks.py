import pytest

from chestbench.catalog.masks import MaskFinder
from chestbench.core.config import Masks
from chestbench.core.errors import ChestbenchError
from tests.imaging.pictures import picture, png

SETTINGS = Masks(images="/images/", masks="/masks/")


@pytest.mark.parametrize(
    ("member", "mask"),
    [
        ("set/COVID/images/1.png", "set/COVID/masks/1.png"),
        ("set/images/COVID/images/1.png", "set/images/COVID/masks/1.png"),
        ("images/1.png", "masks/1.png"),
        ("set/images/1.jpg", "set/masks/1.png"),
    ],
)
def test_the_last_part_is_exchanged(member: str, mask: str) -> None:
    assert MaskFinder(sorted([member, mask]), SETTINGS).find(member) == mask


def test_the_exact_name_goes_before_another_ending() -> None:
    members = ["masks/1.jpg", "masks/1.png"]
    assert MaskFinder(members, SETTINGS).find("images/1.jpg") == "masks/1.jpg"
    assert MaskFinder(members, SETTINGS).find("images/1.dcm") == "masks/1.png"
    assert MaskFinder(members, SETTINGS).find("images/1") == "masks/1.png"


def test_no_mask_is_no_mask() -> None:
    members = ["a/images/1.png", "a/MASKS/1.png", "a/masks/11.png", "b/masks/1.png"]
    assert MaskFinder(members, SETTINGS).find("a/images/1.png") == ""
    assert MaskFinder(members, SETTINGS).find("a/Images/1.png") == ""
    assert MaskFinder(["masks/1.png"], None).find("images/1.png") == ""


def test_one_name_for_both_is_refused() -> None:
    with pytest.raises(ChestbenchError, match=r"dataset.masks: expected another name"):
        MaskFinder([], Masks(images="x", masks="x"))


def _archive() -> dict[str, bytes]:
    members = {
        f"set/{label}/images/{number}.png": png(picture(50 * code + number))
        for code, label in enumerate("ab")
        for number in range(3)
    }
    masks = {f"set/a/masks/{number}.png": png(picture(500 + number)) for number in range(2)}
    return {**members, **masks, "set/b/masks/0.jpg": b"not even a picture"}


@pytest.mark.parametrize("exclude", [["*/masks/*"], []])
def test_masks_are_found_and_are_no_pictures(build, exclude: list[str], caplog) -> None:
    catalog, rows = build(_archive(), masks=SETTINGS.model_dump(), exclude=exclude)
    assert len(rows) == 6 and catalog.classes == ["a", "b"]
    assert [row.mask for row in rows.values()] == [
        "set/a/masks/0.png",
        "set/a/masks/1.png",
        "",
        "set/b/masks/0.jpg",
        "",
        "",
    ]
    assert catalog.notes == {"masks_found": 3, "masks_missing": 3} | ({} if exclude else {"masks_beside_pictures": 3})
    assert "3 of 6 pictures have no mask in the archive" in caplog.text


def test_excluded_pictures_have_no_mask_and_are_not_missed(build) -> None:
    members = _archive()
    members["set/a/images/1.png"] = members["set/a/images/0.png"]
    catalog, rows = build(members, masks=SETTINGS.model_dump(), exclude=["*/masks/*"])
    assert rows["set/a/images/1.png"].mask == "" and catalog.notes == {"masks_found": 2, "masks_missing": 3}
