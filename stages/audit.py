"""audit: draw and tell what the catalog and the split found, and ask whether anything but the lungs tells the class.

Reads data/catalog.csv, metrics/catalog.json, metrics/split.json, results/catalog and data/processed; writes
metrics/audit.json and results/audit with the page audit.html.
"""

import argparse
from pathlib import Path
from typing import Any

from chestbench.core.beside import Beside
from chestbench.core.config import Config
from chestbench.core.files import atomic_folder, read_json, write_json
from chestbench.core.notice import data_notes, tiny_note
from chestbench.core.positive import read_positive
from chestbench.core.stage import run_stage
from chestbench.training.compile_cache import keep_compiled
from chestbench.training.device import select_backend


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Draw, inspect and write."""
    # Draws while this process learns.
    with Beside("audit") as beside:
        return _audit(config, beside)


def _audit(config: Config, beside: Beside) -> str:
    keep_compiled(select_backend(config.train.backend, deterministic=True))
    # Imports keras, which takes its backend from the line above.
    from chestbench.reports.audit_page import write_page
    from chestbench.reports.leak_warnings import leak_notes, leak_warnings
    from chestbench.shortcuts.auc_words import in_words
    from chestbench.shortcuts.images import load_audited_images
    from chestbench.shortcuts.inspection import inspect

    table, catalog_results, folder = Path("data/catalog.csv"), Path("results/catalog"), Path("results/audit")
    catalog, split = read_json(Path("metrics/catalog.json")), read_json(Path("metrics/split.json"))
    about = data_notes(catalog, read_json(Path("data/processed/info.json"))["size"])
    # Else it stands in what is said of the copy.
    differs = [] if catalog.get("copy") else [f"{told[0].upper()}{told[1:]}." for told in catalog.get("differs", ())]
    with atomic_folder(folder) as temporary:
        beside.call(_draw_catalog, table, catalog, catalog_results, temporary)
        audited = load_audited_images(Path("data/processed"), table)
        inspection = inspect(audited, config.dataset.modality, audited.roi, config.seed)
        beside.call(_draw_shortcuts, inspection, audited.classes, catalog["dataset"], catalog["synthetic"], temporary)
        record = {
            **inspection.record,
            "warnings": leak_warnings(split) + inspection.record["warnings"],
            "notes": leak_notes(catalog["leaks"]) + inspection.record["notes"] + differs,
            **({"data": about} if about else {}),
        }
        beside.wait()
        write_page(temporary / "audit.html", record, catalog, split, catalog_results)
    write_json(Path("metrics/audit.json"), record)
    shortcuts = record["shortcuts"]
    aucs = ", ".join(f"{name.replace('_', ' ')} {in_words(entry['auc'])}" for name, entry in shortcuts.items())
    lines = [f"AUC of what should not tell the class: {aucs}"]
    lines += about
    lines += [f"WARNING: {text}" for text in record["warnings"]]
    lines += record["untested"]
    lines += record["notes"]
    lines.append(read_positive(catalog).in_words())
    if split.get("tiny"):
        lines.append(tiny_note(split))
    return "\n".join([*lines, f"wrote metrics/audit.json and {folder} (audit.html)"])


def _draw_catalog(*given: Any) -> None:
    # Import matplotlib, which this process has no use for.
    from chestbench.figures.catalog_charts import draw_catalog

    draw_catalog(*given)


def _draw_shortcuts(*given: Any) -> None:
    from chestbench.figures.shortcut_charts import draw_shortcuts

    draw_shortcuts(*given)


if __name__ == "__main__":
    run_stage(work, __doc__)
