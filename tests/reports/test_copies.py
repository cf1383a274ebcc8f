"""A copy with other bytes than published is called one under every table; published figures say where they stand."""

from chestbench.core.config import Published
from chestbench.core.notice import copy_notes, data_notes
from chestbench.evaluation.published import beside_ours
from chestbench.reports.model_card import card
from tests.reports.test_leaderboard_text import RECORDS, shown
from tests.reports.test_model_card import make_facts

COPY = "a copy with other bytes than published (MD5 1, published is 2)"
NOTE = copy_notes({"copy": COPY, "differs": ["class a: the publisher states 5 images, the archive holds 3, 2 fewer"]})


def test_nothing_is_said_of_what_is_published() -> None:
    assert copy_notes({}) == copy_notes({"differs": ["class a: ..."]}) == []


def test_pictures_that_are_smaller_than_what_networks_see_are_said_to_be_enlarged() -> None:
    def stored(width: int, height: int) -> dict:
        return {"sizes": {"width": {"min": 1, "max": width}, "height": {"min": 1, "max": height}}}

    assert data_notes(stored(64, 64), 64) == data_notes(stored(20, 90), 64) == []
    (told,) = data_notes(stored(28, 28), 64)
    assert "28 x 28 pixels or fewer and were enlarged to 64 x 64" in told
    assert len(data_notes({**stored(28, 28), "copy": COPY}, 64)) == 2


def test_it_stands_under_the_table_in_the_terminal_and_on_the_page() -> None:
    for told in shown({}, RECORDS, data=NOTE):
        assert "a copy with other bytes than published" in told and "the archive holds 3, 2 fewer" in told
    assert "other bytes" not in "".join(shown({}, RECORDS))


def test_the_model_card_says_where_the_archive_is_from(make_config) -> None:
    facts = make_facts(make_config)
    origin = {"origin": f"a file of the user's own (dataset.path): {COPY}", "copy": COPY}
    told = card(make_facts(make_config, source={**facts.source, **origin}, catalog={**facts.catalog, "copy": COPY}))
    assert "origin: a file of the user's own" in told and "No figure here is one of the published set" in told
    assert "origin" not in card(facts)


def test_published_figures_say_where_they_stand_each_source_once() -> None:
    figures = [
        Published(network=name, split="test", measure="accuracy", value=0.9, source=source)
        for name, source in (("A (28 px)", "Paper 1"), ("B", "Paper 1"), ("C", "Paper 2"), ("D", None))
    ]
    rows = beside_ours(figures, RECORDS)
    assert [row["source"] for row in rows] == ["Paper 1", "Paper 1", "Paper 2", None]
    for told in shown({}, RECORDS, published=rows):
        assert told.count("Published figures: Paper 1") == 1 and "Published figures: Paper 2" in told
        assert "A (28 px)" in told.replace("\\", "")
