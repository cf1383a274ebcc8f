import pytest

from chestbench.catalog.limits import _shares, rank_of
from chestbench.catalog.report import summarise
from chestbench.catalog.verdicts import Verdict
from chestbench.core.errors import ChestbenchError
from tests.catalog.archives import two_classes
from tests.imaging.pictures import picture, png


def test_thirteen_to_one(build) -> None:
    members = two_classes(40)
    catalog, rows = build(members, limit_per_class={"a": 39, "b": 3})
    kept = [row for row in rows.values() if row.status == "kept"]
    assert [row.label for row in kept].count("a") == 39 and [row.label for row in kept].count("b") == 3
    left_out = [row for row in rows.values() if row.status != "kept"]
    assert {row.reason for row in left_out} == {"over dataset.limit_per_class"} and not any(
        row.cluster for row in left_out
    )
    of_b = [row for row in rows.values() if row.label == "b"]
    first = sorted(of_b, key=lambda row: rank_of(row.image_id))[:3]
    assert {row.image_id for row in first} == {row.image_id for row in kept if row.label == "b"}
    assert catalog.notes == {"over_limit": 38}
    metrics = summarise(catalog, "test", {"b": 40})
    assert metrics["per_class"] == {"a": {"found": 40, "kept": 39}, "b": {"found": 40, "kept": 3}}
    assert metrics["excluded"] == {"over dataset.limit_per_class": 38}


def test_names_and_order_have_no_say_and_duplicates_do_not_count(build) -> None:
    members = two_classes(12)
    _, rows = build(members, limit_per_class={"a": 5})
    chosen = {row.image_id for row in rows.values() if row.status == "kept"}
    renamed = {f"{member[0]}/{place * 7 % 100:02d}.png": data for place, (member, data) in enumerate(members.items())}
    _, rows = build({**renamed, "a/zz.png": members["a/0.png"]}, limit_per_class={"a": 5})
    assert {row.image_id for row in rows.values() if row.status == "kept"} == chosen
    assert len(chosen) == 17


def test_the_contact_sheet_shows_what_is_kept(build) -> None:
    catalog, _ = build(two_classes(60), limit_per_class={"a": 8})
    assert len(catalog.tiles.chosen(0, catalog.verdict == Verdict.KEPT)) == 8


def test_fewer_than_wished_are_all_kept_and_told(build, caplog) -> None:
    members = {**two_classes(4), "a/again.png": png(picture(0))}
    catalog, rows = build(members, limit_per_class={"a": 5})
    assert sum(row.status == "kept" for row in rows.values()) == 8 and "over_limit" not in catalog.notes
    assert "limit_per_class: 5 images of 'a' are wished, only 4 can be used" in caplog.text


def test_an_unknown_class_is_refused_with_the_known_ones(build) -> None:
    with pytest.raises(ChestbenchError, match="limit_per_class: expected names among 'a', 'b', received 'c'"):
        build(two_classes(), limit_per_class={"a": 2, "c": 2})


def test_each_part_of_a_given_split_gives_its_share(build) -> None:
    parts = {"train": 14, "val": 4, "test": 6}
    members = {
        f"{part}/{label}/{number}.png": png(picture(100 * place + 1000 * (label == "b") + number))
        for place, (part, count) in enumerate(parts.items())
        for label in ("a", "b")
        for number in range(count)
    }
    _, rows = build(members, limit_per_class={"a": 5, "b": 12}, given_split="honour")
    kept = [(row.label, row.given_split) for row in rows.values() if row.status == "kept"]
    assert [kept.count(("a", part)) for part in parts] == [3, 1, 1]
    assert [kept.count(("b", part)) for part in parts] == [7, 2, 3]


@pytest.mark.parametrize("counts", [(1, 1, 1000), (5, 5, 5), (1, 2), (7,)])
def test_shares_sum_to_the_limit_and_leave_no_part_empty(counts: tuple[int, ...]) -> None:
    for limit in range(1, sum(counts) + 1):
        shares = _shares(dict(enumerate(counts)), limit)
        assert sum(shares.values()) == limit and all(shares[part] <= count for part, count in enumerate(counts))
        assert limit < len(counts) or min(shares.values()) >= 1
