import csv
from html.parser import HTMLParser
from pathlib import Path

from chestbench.catalog.leaks import COLUMNS
from chestbench.core.notice import NOTICE
from chestbench.reports.audit_page import write_page
from chestbench.shortcuts.file_properties import PROPERTIES

NASTY = "<script>alert('x')</script> & \"정상\""
NOTHING = {"value": None, "low": None, "high": None}


class Checked(HTMLParser):
    """Collects tags, and fails on what is closed in the wrong order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict]] = []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.seen.append((tag, dict(attributes)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _write(folder: Path, warning: str = "", **changes: dict) -> str:
    found = folder / "catalog"
    found.mkdir()
    with open(found / "leaks.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in range(300):
            writer.writerow(["near-duplicate", f"{number:016x}", "f" * 16, NASTY, "b", "", "", "yes", "", ""])
    (folder / "blacked_out.png").write_bytes(b"\x89PNG picture")
    auc = {"value": 0.71, "low": 0.62, "high": 0.8}
    files = {"auc": auc, "properties": {name: auc for name in PROPERTIES}, "images": 9, "warning": bool(warning),
             "not_judged": ""}  # fmt: skip
    files["properties"] = {**files["properties"], "format": NOTHING}
    record = {
        "shortcuts": {
            "file_properties": files,
            "blacked_out": {"auc": NOTHING, "images": 0, "warning": False, "box_of": "middle", "not_judged": "few"},
        },
        "warnings": [warning] if warning else [],
        "notes": ["too few"],
    }
    catalog = {
        "dataset": NASTY, "synthetic": False, "images_found": 10, "images_kept": 9, "groups": 4,
        "split_unit": "patient", "images_without_group": 0, "excluded": {"unreadable": 1},
        "per_class": {NASTY: {"found": 5, "kept": 4}, "b": {"found": 5, "kept": 5}}, "leaks": {"exact_duplicates": 3},
        "left_out": {"volume": 8, "Git LFS pointer": 2}, "folders_without_picture": [f"empty {NASTY}"],
        "tells_label": {"source": {"values": {NASTY: {"a": 61, "b": 0}, "": {"a": 0, "b": 62}}, "accuracy": 1.0,
                                   "largest_class": 0.504}},
    }  # fmt: skip
    split = {"given_split": True, "leaks": {"groups": 2}}
    record, catalog, split = (
        record | changes.get("record", {}),
        catalog | changes.get("catalog", {}),
        split | changes.get("split", {}),
    )
    write_page(folder / "audit.html", record, catalog, split, found)
    return (folder / "audit.html").read_text(encoding="utf-8")


def test_the_page_is_whole_escaped_and_needs_nothing_else(tmp_path: Path) -> None:
    text = _write(tmp_path, warning=f"Told by {NASTY}")
    checked = Checked()
    checked.feed(text)
    assert checked.open == []
    tags = {tag for tag, _ in checked.seen}
    assert "script" not in tags and "link" not in tags and "iframe" not in tags
    sources = [attributes["src"] for tag, attributes in checked.seen if tag == "img"]
    assert len(sources) == 1 and sources[0].startswith("data:image/png;base64,")
    assert all("http" not in str(value) for _, attributes in checked.seen for value in attributes.values())
    assert "&lt;script&gt;" in text and text.count(NOTICE) == 2
    assert (
        "200 of 300 findings" in text
        and "2</td><td>patients (or groups) in several parts" in text
        and "0.71 [0.62, 0.80]" in text
        and "The same in all images: the file format." in text
        and "the folder above or below the class alone tells" in text
        and '<td class="name">none</td><td class="n">0</td><td class="n">62</td>' in text
    )


def test_what_is_no_picture_is_counted_by_kind_with_what_can_be_done(tmp_path: Path) -> None:
    text = _write(tmp_path)
    assert '<td>volume</td><td class="n">8</td><td>pictures are read one by one' in text
    assert "`git lfs pull` fetches" in text and "The folder empty " in text


def test_without_a_warning_the_page_says_so(tmp_path: Path) -> None:
    text = _write(tmp_path)
    assert "give no warning" in text and "too few" in text and "not defined" in text


def test_what_was_not_tested_what_is_looked_for_and_too_little_are_told(tmp_path: Path) -> None:
    text = _write(
        tmp_path,
        record={"untested": ["Blacked-out lungs: not tested: few."]},
        catalog={"positive": {"class": NASTY, "how": "inferred"}},
        split={"tiny": ["val has 1 group of b (3 are needed)"]},
    )
    assert "give no warning in what they could test" in text and "Blacked-out lungs: not tested: few." in text
    assert text.count("<td>not tested</td>") == 1 and text.count("<td>none</td>") == 1
    assert "looked for: &lt;script&gt;" in text and "dataset.positive overrules" in text
    assert "<strong>TOO LITTLE DATA: val has 1 group of b" in text
