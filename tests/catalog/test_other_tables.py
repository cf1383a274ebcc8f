"""Workbooks and JSON are read as tables; what is none of these is named, and goes on or stops by who asks."""

import io
import json
import zipfile

import pytest

from chestbench.catalog.tables.reading.json_table import NoJsonTable, json_as_csv
from chestbench.catalog.tables.reading.spreadsheet import NoSpreadsheet, read_sheets
from chestbench.catalog.tables.reading.xml_table import NoXmlTable, xml_as_csv
from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv, as_xlsx

ROWS = [["file", "label", "age"], *([f"p{place}.png", "ab"[place % 2], place + 30] for place in range(20))]
PICTURES = {f"p{place}.png": b"" for place in range(20)}
LABELS = {"id": "file", "column": "label"}


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("sheet", ["worksheets/sheet1.xml", "worksheets/other.xml"])
def test_a_workbook_is_the_csv_that_it_was_drawn_from(inline: bool, sheet: str) -> None:
    rows = [*ROWS, ["a, b", 'say "x"', 0.5], ["환자", "<&>", -1]]
    assert read_sheets(as_xlsx(rows, inline, sheet))[0].text == as_csv(rows).decode()


def test_places_of_cells_and_rows_count_and_formulas_do_not() -> None:
    data = io.BytesIO(as_xlsx([["a", "b"]], inline=True))
    text = '<c r="A1" t="inlineStr"><is><r><t>fi</t></r><r><t>le</t></r><rPh><t>x</t></rPh></is></c>'
    first = f'<row r="1">{text}<c r="C1" t="str"><f>A1</f><v>z</v></c></row>'
    number = '<c r="B4"><v>1.0E2</v></c>'
    fourth = f'<row r="4">{number}<c r="C4" t="b"><v>1</v></c><c r="D4" t="e"><v>#N/A</v></c></row>'
    sheet = f"<worksheet><sheetData>{first}{fourth}</sheetData></worksheet>"
    with zipfile.ZipFile(data) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as book:
        for name, content in (parts | {"xl/worksheets/sheet1.xml": sheet.encode()}).items():
            book.writestr(name, content)
    assert read_sheets(again.getvalue())[0].text == "file,,z\n\n\n,100,1,\n"


def _with_entities() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as book:
        book.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>')
    return data.getvalue()


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"no zip", as_xlsx(ROWS)[:500], _with_entities(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100]
)
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(NoSpreadsheet):
        read_sheets(data)


RECORDS = [{"file": f"p{place}.png", "label": "ab"[place % 2]} for place in range(20)]
FORMS = {
    "list": RECORDS,
    "below a key": {"version": 1, "data": RECORDS, "licenses": [{"id": 1, "name": "x"}]},
    "by picture": {record["file"]: {"label": record["label"], "x": 1} for record in RECORDS},
    "labels by picture": {record["file"]: record["label"] for record in RECORDS},
    "columns": {key: [record[key] for record in RECORDS] for key in ("file", "label")},
}


@pytest.mark.parametrize("form", [*FORMS, "lines"])
def test_forms_of_json(plan, form: str) -> None:
    lines = "\n".join(map(json.dumps, RECORDS))
    text = lines if form == "lines" else json.dumps(FORMS[form], indent=1)
    ending = "jsonl" if form == "lines" else "json"
    header = json_as_csv(text).partition("\n")[0].split(",")
    labels = {"table": f"*t.{ending}", "id": header[0], "column": header[1]}
    assert header[:2] in (["file", "label"], ["name", "label"], ["name", "value"])
    assert plan(PICTURES | {f"t.{ending}": text}, labels=labels).layout.said["classes"] == {"a": 10, "b": 10}


def test_images_and_categories_of_coco() -> None:
    images = [{"id": number, "file_name": f"p{number}.png", "width": 3} for number in range(3)]
    annotations = [{"image_id": image, "category_id": category} for image, category in ((0, 7), (0, 7), (0, 8), (1, 8))]
    categories = [{"id": 7, "name": "mass"}, {"id": 8, "name": "nodule"}]
    text = json.dumps({"info": {}, "images": images, "annotations": annotations, "categories": categories})
    assert json_as_csv(text) == "file_name,category\np0.png,mass|nodule\np1.png,nodule\np2.png,\n"


def test_choices_of_label_studio() -> None:
    def task(number: int, *choices: str, **more: object) -> dict[str, object]:
        results = [{"from_name": "finding", "type": "choices", "value": {"choices": [one]}} for one in choices]
        return {"id": number, "data": {"image": f"/data/upload/1/p{number}.png"}, "annotations": [
            {"result": results, **more}]}  # fmt: skip

    tasks = [task(0, "mass"), task(1, "mass", "nodule"), task(2, "mass", was_cancelled=True), task(3)]
    wanted = [["image", "finding"], *([f"/data/upload/1/p{at}.png", told] for at, told in enumerate(
        ("mass", "mass|nodule", "", "")))]  # fmt: skip
    assert json_as_csv(json.dumps(tasks)) == as_csv(wanted).decode()


def test_names_by_class_are_read_and_names_by_part_are_none(plan) -> None:
    names = list(PICTURES)
    text = json.dumps({"tb": names[:10], "normal": names[10:]})
    layout = plan(PICTURES | {"t.json": text}, labels={"table": "*t.json", "id": "name", "column": "class"}).layout
    assert layout.said["classes"] == {"normal": 10, "tb": 10}
    columns = json.dumps({"image": names, "label": ["a", "b"] * 10})
    assert json_as_csv(columns).startswith("image,label\np0.png,a\n")
    with pytest.raises(NoJsonTable):
        json_as_csv(json.dumps({"train": names[:9], "test": names[9:]}))


def test_annotations_of_cvat(plan) -> None:
    images = "".join(
        f'<image id="{at}" name="set/{name}"><tag label="{"ab"[at % 2]}"/><box label="{"ab"[at % 2]}"/></image>'
        for at, name in enumerate(PICTURES)
    )
    members = PICTURES | {"annotations.xml": f"<annotations><version>1.1</version>{images}</annotations>"}
    with pytest.raises(ChestbenchError, match=r"annotations.xml\",id:name,column:label}"):
        plan(members)
    labels = {"table": "*annotations.xml", "id": "name", "column": "label"}
    assert plan(members, labels=labels).layout.said["classes"] == {"a": 10, "b": 10}


@pytest.mark.parametrize("text", ["", "<a", "<a/>", "<a><image name='x'/></a>", "<!DOCTYPE a><a/>"])
def test_what_is_no_table_in_xml_is_refused(text: str) -> None:
    with pytest.raises(NoXmlTable):
        xml_as_csv(text)


def test_lists_in_cells_are_several_labels() -> None:
    records = [{"file": "a", "labels": ["x", "y"]}, {"file": "b", "labels": []}, {"file": None, "labels": True}]
    assert json_as_csv(json.dumps(records)) == "file,labels\na,x|y\nb,\n,1\n"


@pytest.mark.parametrize(
    "text", ["", "{", "1", '"a"', "[]", "{}", "[1, 2]", '[{"a": 1}]', '{"a": {"b": [1]}}', "[" * 99999]
)
def test_what_is_no_table_in_json_is_refused(text: str) -> None:
    with pytest.raises(NoJsonTable):
        json_as_csv(text)


@pytest.mark.parametrize(("name", "data"), [("t.xlsx", b"PK"), ("t.json", b"{"), ("t.json", b'{"a": [1]}')])
def test_what_cannot_be_read_stops_who_asks_for_it_and_nobody_else(plan, name: str, data: bytes) -> None:
    with pytest.raises(ChestbenchError, match=rf"dataset.labels.table: expected .*{name} with no .*save it as CSV"):
        plan(PICTURES | {name: data}, labels={"table": f"*{name}", **LABELS})
    classes = {f"{'ab'[place % 2]}/p{place}.png": b"" for place in range(20)}
    assert plan(classes | {name: data}).layout.classes == ["a", "b"]


def test_a_text_comes_before_a_workbook_of_the_same_pattern(plan) -> None:
    other = [[*row[:1], "c", *row[2:]] for row in ROWS]
    members = PICTURES | {"t.csv": as_csv(ROWS), "t.xlsx": as_xlsx(other)}
    assert plan(members, labels={"table": "*t.*", **LABELS}).layout.classes == ["a", "b"]


def test_json_beside_each_picture_is_no_table_and_hides_none(plan) -> None:
    members = PICTURES | {f"p{place}.json": b'[{"a": 1, "b": 2}]' for place in range(40)} | {"z.csv": as_csv(ROWS)}
    with pytest.raises(ChestbenchError, match=r"\*z.csv.*column:label"):
        plan(members)


@pytest.mark.parametrize("form", ["p{}.json", "p{}.png.json", "p{}.xml"])
def test_a_record_beside_each_picture_is_named(plan, form: str) -> None:
    text = "<a><label>x</label></a>" if form.endswith("xml") else '{"label": "x", "patient": 1}'
    members = {f"images/{name}": b"" for name in PICTURES}
    records = {f"images/{form.format(place)}": text for place in range(20)}
    with pytest.raises(ChestbenchError, match=r"20 \.(json|xml) files lie beside the pictures .* hold .*label"):
        plan(members | records)
    few = dict(list(records.items())[:5])
    with pytest.raises(ChestbenchError) as error:
        plan(members | few)
    assert "lie beside" not in str(error.value)
