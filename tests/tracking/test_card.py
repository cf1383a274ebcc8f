"""The description of a registered version holds as much of the card as MLflow's databases take."""

from pathlib import Path

from chestbench.reports.model_card import CARD
from chestbench.tracking.card import LONGEST, MORE, description, log_card
from chestbench.tracking.results import NetworkRun, resume_as
from chestbench.tracking.store import connect
from chestbench.tracking.sync import sync


def test_a_long_card_is_cut_at_a_line_and_says_so() -> None:
    assert description("# Card\n") == "# Card\n"
    text = "".join(f"- line {number} 정상\n" for number in range(1000))
    short = description(text)
    assert len(short) <= LONGEST and short.endswith(MORE)
    assert text.startswith(short.removesuffix(MORE) + "\n")


def test_another_card_replaces_the_first_everywhere(root: Path, write_outputs) -> None:
    write_outputs()
    sync(root)
    card = root / "models/resnet50" / CARD
    card.chmod(0o444)
    card.unlink()
    card.write_text("# Another card\n", encoding="utf-8")
    run = resume_as(NetworkRun, root / "models/resnet50")
    log_card(run, card)
    assert run.changed
    client = connect().client
    (version,) = client.search_model_versions("name = 'chestbench-sample-resnet50'")
    assert version.description == "# Another card\n"
    places = [path for path in (root / "mlruns").rglob(CARD)]
    assert len(places) == 2 and all(path.read_text() == "# Another card\n" for path in places)
    assert sync(root) == []
