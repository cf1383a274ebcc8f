import pytest

from chestbench.catalog.report import summarise
from chestbench.core.errors import ChestbenchError
from tests.imaging.pictures import picture, png

ONE_HOT = {
    "table": "*labels.csv",
    "id": "study",
    "id_pattern": r"^(?P<id>\w+)_study$",
    "member_pattern": r"^train/(?P<id>\w+)/",
    "one_hot": ["Negative", "Typical", "Other"],
}
COLUMN = {
    "table": "labels.csv",
    "id": "image",
    "member_pattern": r"(?P<id>[^/]+)\.png$",
    "column": "finding",
}
HEADER = "study,Negative,Typical,Other\n"
ROWS = "s1_study,1,0,0\ns2_study,0,1,0\ns3_study,0,0,1\n"


def _studies(*names: str, images: int = 2) -> dict[str, bytes]:
    return {
        f"train/{name}/{number}.png": png(picture(10 * sum(map(ord, name)) + number))
        for name in names
        for number in range(images)
    }


def _table(text: str) -> dict[str, bytes]:
    return {"labels.csv": text.encode()}


def test_all_pictures_of_a_study_have_the_class_of_its_row(build) -> None:
    members = _studies("s1", "s2", "s3") | _table(HEADER + ROWS)
    catalog, rows = build(members, labels=ONE_HOT, given_split="ignore")
    assert catalog.classes == ["Negative", "Typical", "Other"]
    assert [row.label for row in rows.values()] == ["Negative"] * 2 + ["Typical"] * 2 + ["Other"] * 2
    assert catalog.notes == {"tables_read": 1} and catalog.other_files == 0
    assert len({row.group for row in rows.values()}) == 3, "a study is not torn apart"


def test_pictures_that_the_pattern_does_not_match_have_no_say(build) -> None:
    members = _studies("s1", "s2", "s3") | _table(HEADER + ROWS)
    members |= {"test/t1/0.png": png(picture(1)), "test/t1/1.png": b"broken", "notes.txt": b"text"}
    catalog, rows = build(members, labels=ONE_HOT)
    assert len(rows) == 6 and catalog.notes == {"unlabelled_pictures": 2, "tables_read": 1}
    assert catalog.other_files == 1


def test_classes_choose_and_order(build) -> None:
    members = _studies("s1", "s2", "s3") | _table(HEADER + ROWS)
    catalog, rows = build(members, labels=ONE_HOT, classes=["Other", "Negative"])
    assert catalog.classes == ["Other", "Negative"]
    assert {row.reason for row in rows.values() if row.status == "excluded"} == {"not in dataset.classes"}
    assert rows["train/s2/0.png"].label == "" and rows["train/s3/0.png"].label == "Other"
    assert summarise(catalog, "test", {"Other": 2})["per_class"]["Other"] == {"found": 2, "kept": 2}


def test_troubles_of_the_table_leave_out_what_they_touch_and_the_rest_goes_on(build, caplog) -> None:
    table = (
        HEADER
        + ROWS
        + (
            "s4_study,0,0,0\ns5_study,1,1,0\ns6_study,x,1,0\n"  # none, several, no numbers
            "s7_study,1,0,0\ns7_study,0,1,0\n"  # two labels
            "s8_study,1.0,,0.0\ns8_study,1,0,0\n"  # said twice, the same
            "s99_study,1,0,0\nsecret-kim,1,0,0\n"  # no picture, no id
        )
    )
    members = _studies("s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", images=1) | _table(table)
    catalog, rows = build(members, labels=ONE_HOT)
    reasons = {member[6:8]: row.reason for member, row in rows.items() if row.reason}
    assert reasons == {
        **dict.fromkeys(("s4", "s5", "s6"), "no or several classes in labels.csv"),
        "s7": "two labels for one picture in labels.csv",
        "s9": "no label in labels.csv",
    }
    assert rows["train/s8/0.png"].label == "Negative"
    assert catalog.notes == {"label_ids_without_picture": 1, "label_rows_without_id": 1, "tables_read": 1}
    assert summarise(catalog, "test", {})["excluded"] == {
        "no label": 1,
        "two labels for one picture": 1,
        "no or several classes": 3,
    }
    for text in (
        "1 ids have no picture, such as the one in line 12",
        "1 rows have no id",
        "1 pictures left out: no label",
    ):
        assert text in caplog.text
    assert "kim" not in caplog.text and "s99" not in caplog.text and "s9" not in caplog.text


def test_a_row_without_an_id_is_told_also_without_a_pattern(build, caplog) -> None:
    members = {f"{name}.png": png(picture(place)) for place, name in enumerate(("a1", "a2", "b1", "b2"))}
    members |= _table("finding;image\nx;a1\nx;a2\ny;b1\ny;b2\ny;\n")
    catalog, _ = build(members, labels=COLUMN)
    assert catalog.notes == {"label_rows_without_id": 1, "tables_read": 1}
    assert "labels.csv: 1 rows have nothing in the column 'image'" in caplog.text
    assert "id_pattern" not in caplog.text


def test_a_column_of_class_names(build) -> None:
    members = {f"{name}.png": png(picture(place)) for place, name in enumerate(("a1", "a2", "b1", "b2", "c1", "d1"))}
    members |= _table("\ufefffinding;image\nzebra;a1\nzebra;a2\napple;b1\napple;b2\n;c1\nunseen;q\n")
    catalog, rows = build(members, labels=COLUMN)
    assert catalog.classes == ["apple", "zebra"], "by name, and only those that pictures have"
    assert rows["a1.png"].label == "zebra" and rows["b2.png"].label == "apple"
    assert (
        rows["c1.png"].reason == "no or several classes in labels.csv"
        and rows["d1.png"].reason == "no label in labels.csv"
    )


def test_a_published_split_is_honoured_beside_a_label_table(build) -> None:
    members = {
        f"{split}/{split[0]}{number}.png": png(picture(10 * place + number))
        for place, split in enumerate(("train", "val", "test"))
        for number in range(2)
    }
    members |= _table("image,finding\n" + "".join(f"{letter}{n},{'ab'[n]}\n" for letter in "tv" for n in range(2)))
    members["test/x1.png"] = png(picture(77))
    _, rows = build(members, labels=COLUMN)
    assert {row.given_split for row in rows.values()} == {"train", "val", "test"}


def test_damaged_pictures_keep_their_label_and_count(build) -> None:
    members = _studies("s1", "s2", "s3") | _table(HEADER + ROWS)
    members["train/s1/broken.png"] = b"text"
    catalog, rows = build(members, labels=ONE_HOT)
    assert rows["train/s1/broken.png"].reason == "not an image" and rows["train/s1/broken.png"].label == "Negative"
    assert summarise(catalog, "test", {})["per_class"]["Negative"] == {"found": 3, "kept": 2}


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        (HEADER + ROWS, {"table": "x.csv"}, r"dataset.labels.table: expected one table.*'x.csv', found none"),
        (HEADER + ROWS, {"one_hot": ["Negative", "Typic"]}, r"found no 'Typic'; its columns are 'study', 'Negative'"),
        (HEADER + ROWS, {"member_pattern": "(?P<id>zzz)"}, r"dataset.labels.member_pattern: .*matches none of 7"),
        (HEADER + ROWS, {"member_pattern": "(?P<id>labels)"}, r"member_pattern: .*finds none in 7 members"),
        (HEADER + ROWS, {"id_pattern": "(?P<id>zzz)"}, r"id_pattern: .*finds none; its texts look like 'a9_aaaaa'"),
        (
            HEADER + ROWS,
            {"id_pattern": None},
            r"none in common: the table's look like 'a9_aaaaa', the paths' like 'a9'",
        ),
        (
            HEADER + ",1,0,0\n",
            {"id_pattern": None},
            r"dataset.labels.id: expected a column of ids in labels.csv, received 'study', which is empty",
        ),
        (HEADER, {}, r"found nothing below its header"),
        (HEADER + "s1_study,1,0,0\n", {}, r"class 'Typical': expected usable images"),
    ],
)
def test_settings_that_do_not_fit_are_refused(build, table: str, change: dict, message: str) -> None:
    with pytest.raises(ChestbenchError, match=message):
        build(_studies("s1", "s2", "s3") | _table(table), labels={**ONE_HOT, **change})


def test_an_unknown_class_is_refused_with_a_hint(build) -> None:
    members = _studies("s1", "s2", "s3") | _table(HEADER + ROWS)
    with pytest.raises(
        ChestbenchError, match=r"none for 'Typcal'; .*'Negative', 'Typical', 'Other'; did you mean 'Typical'"
    ):
        build(members, labels=ONE_HOT, classes=["Negative", "Typcal"])


def test_a_single_class_is_refused(build) -> None:
    members = {f"{name}.png": png(picture(place)) for place, name in enumerate(("a1", "a2"))}
    with pytest.raises(ChestbenchError, match="two classes or more in column 'finding', received 'x'"):
        build(members | _table("image,finding\na1,x\na2,x\n"), labels=COLUMN)


@pytest.mark.parametrize("name", ["../../etc", "a/b", "a\\b", "..", "tab\there"])
def test_a_class_that_cannot_name_a_folder_is_refused(build, name: str) -> None:
    members = {f"{image}.png": png(picture(place)) for place, image in enumerate(("a1", "a2"))}
    with pytest.raises(ChestbenchError, match="classes that can name a folder"):
        build(members | _table(f'image,finding\na1,"{name}"\na2,x\n'), labels=COLUMN)


@pytest.mark.parametrize("cell", ["NA", "nan", "Unknown", "?", "N/A", "미상"])
def test_a_cell_that_says_that_nothing_is_known_is_no_class(build, caplog, cell) -> None:
    members = {f"{name}.png": png(picture(place)) for place, name in enumerate("abcdef")}
    text = f"image,finding\na,TB\nb,TB\nc,normal\nd,normal\ne,{cell}\nf,\n"
    catalog, rows = build(members | _table(text), labels=COLUMN)
    assert catalog.classes == ["TB", "normal"]
    assert [rows[f"{name}.png"].label for name in "ef"] == ["", ""]
    assert f"{cell!r} (1 rows) say that nothing is known" in caplog.text
    # Where somebody says that it is one, it is.
    named = {cell: "not known", "TB": "TB", "normal": "normal"}
    catalog, rows = build(members | _table(text), labels=COLUMN, class_names=named)
    assert set(catalog.classes) == {"TB", "normal", "not known"} and rows["e.png"].label == "not known"


def test_minus_one_asks_for_a_rule_also_beside_cells_that_say_nothing(build) -> None:
    members = {f"{name}.png": png(picture(place)) for place, name in enumerate("abcdef")}
    text = "image,finding\na,0\nb,0\nc,1\nd,1\ne,-1\nf,nan\n"
    with pytest.raises(ChestbenchError, match=r"expected a rule for -1 \(uncertain\).*and 1 rows"):
        build(members | _table(text), labels=COLUMN)


def test_none_is_an_answer(build) -> None:
    """In a column of findings "None" is the healthy class."""
    members = {f"{name}.png": png(picture(place)) for place, name in enumerate("abcd")}
    catalog, _ = build(members | _table("image,finding\na,TB\nb,TB\nc,None\nd,None\n"), labels=COLUMN)
    assert set(catalog.classes) == {"TB", "None"}
