"""Charts of the data: what they say, in black and white, with names of any script."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.report import summarise, write_report
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.figures import catalog_charts as pictures
from tests.imaging.pictures import make_zip, picture, png


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.fixture
def written(tmp_path: Path, make_config) -> Path:
    """A report on three pictures of one class and two of the other, of which the publisher states four."""
    members = {f"정상 'q'/{n}.png": png(picture(n, 40 + n, 50)) for n in range(3)}
    members |= {f"COVID/{n}.png": png(picture(100 + n, 60, 50 + n)) for n in range(2)}
    make_zip(tmp_path / "archive.zip", members)
    settings = {"group_pattern": None, "expected_counts": {"COVID": 4}}
    dataset = make_config({f"dataset.{key}": value for key, value in settings.items()}).dataset
    catalog = build_catalog(tmp_path / "archive.zip", dataset, tmp_path / "catalog.csv")
    metrics = summarise(catalog, "test", dataset.expected_counts)
    write_report(catalog, metrics, "test", tmp_path / "catalog.json", tmp_path / "found")
    (tmp_path / "drawn").mkdir()
    pictures.draw_catalog(
        tmp_path / "catalog.csv", read_json(tmp_path / "catalog.json"), tmp_path / "found", tmp_path / "drawn"
    )
    return tmp_path


def test_the_charts_come_from_what_the_report_left(written: Path) -> None:
    found = {path.relative_to(written / "found").as_posix() for path in (written / "found").rglob("*.*")}
    assert {"contact_sheet.png", "class_counts.csv", "modes.csv", "grey_levels.csv"} <= found
    assert {"examples/0.png", "examples/1.png"} <= found
    charts = {f"{name}.png" for name in ("class_counts", "image_sizes", "grey_levels", "examples")}
    assert {path.name for path in (written / "drawn").iterdir()} == charts
    assert read_json(written / "catalog.json")["notes"] == {}


def test_a_damaged_example_is_named(written: Path) -> None:
    (written / "found/examples/1.png").write_text("no picture")
    with pytest.raises(ChestbenchError, match=r"1\.png: expected a PNG of the catalog stage.*dvc repro"):
        pictures.draw_catalog(
            written / "catalog.csv", read_json(written / "catalog.json"), written / "found", written / "drawn"
        )


def test_bars_carry_their_counts_and_those_of_the_publisher_where_stated() -> None:
    figure = pictures.counts_figure(["a", "b"], [[1300, 7], [1200, 7]], [1400, None], "t")
    shown = texts(figure)
    assert {"1,300", "1,200", "1,400", "7", "stated by the publisher"} <= set(shown)
    assert shown.count("7") == 2
    (axes,) = figure.axes
    assert len({(bar.get_hatch(), bar.get_facecolor()) for bar in axes.patches}) == 3
    assert "stated by the publisher" not in texts(pictures.counts_figure(["a"], [[1], [1]], [None], "t"))


def test_sizes_share_one_scale_and_show_the_median() -> None:
    width, height = np.array([100, 200, 300]), np.array([50, 50, 60])
    figure = pictures.sizes_figure(width, height, "t")
    left, right = figure.axes
    assert {"median 200", "median 50"} <= set(texts(figure))
    assert sum(bar.get_height() for bar in left.patches) == sum(bar.get_height() for bar in right.patches) == 3
    assert left.patches[0].get_x() == right.patches[0].get_x()


def test_all_pictures_of_one_size_are_drawn(tmp_path: Path) -> None:
    figure = pictures.sizes_figure(np.full(5, 64), np.full(5, 64), "t")
    figure.savefig(tmp_path / "a.png")
    assert "median 64" in texts(figure)


def test_grey_levels_are_shares_of_each_class_whatever_its_size() -> None:
    intensity = np.zeros((2, 256), np.int64)
    intensity[0, 40:80], intensity[1, 120:160] = 10, 1_000_000
    (axes,) = pictures.grey_figure(["few", "many"], intensity, "t").axes
    few, many = axes.get_lines()
    np.testing.assert_allclose(few.get_ydata()[10:20], 100 / 40)
    np.testing.assert_allclose(many.get_ydata()[30:40], 100 / 40)
    assert few.get_linestyle() != many.get_linestyle()


def test_more_classes_than_lines_are_said() -> None:
    names = [f"class {place}" for place in range(11)]
    figure = pictures.grey_figure(names, np.ones((11, 256), np.int64), "t")
    assert len(figure.axes[0].get_lines()) == pictures.MOST_LINES
    assert "the first 8 of 11" in " ".join(texts(figure))


def test_a_class_without_an_example_has_no_empty_frame() -> None:
    examples = {0: np.zeros((4, 5), np.uint8), 2: np.ones((4, 5), np.uint8)}
    figure = pictures.examples_figure(["a", "b", "c"], examples, "t")
    assert [axes.get_title() for axes in figure.axes] == ["a", "c"]
