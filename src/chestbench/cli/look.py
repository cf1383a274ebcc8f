"""`chestbench look PATH [KEY=VALUE ...]`: how a folder, an archive or a described data set is read; nothing is run."""

import argparse
import sys
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import BROKEN_LINK, FILE, kind_of
from chestbench.core.wrapping import width_of_terminal

PAGE = Path("results/look/index.html")


def main(arguments: list[str]) -> int:
    """Print how the data are read, write the page, and return 0, or 1 where a run would stop."""
    parser = argparse.ArgumentParser(
        prog="chestbench look",
        description="How a folder, an archive or a data set of conf/dataset/ is read: classes, split, patients, "
        "pictures, what is left out, and the command to run. Takes seconds, trains nothing.",
    )
    parser.add_argument("path", metavar="PATH", help="a folder, an archive, or NAME of conf/dataset/NAME.yaml")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="as after `dvc exp run -S`")
    parser.add_argument(
        "-S", dest="more", action="append", default=[], metavar="KEY=VALUE", help="the same, as written"
    )
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE", help=f"the page to write ({PAGE})")
    parser.add_argument("--conf", type=Path, default=Path("conf"), help="folder of the configuration (conf)")
    parsed = parser.parse_intermixed_args(arguments)
    if (kind := kind_of(parsed.out)) not in (FILE, "nothing", BROKEN_LINK):  # what is there is replaced
        raise ChestbenchError(f"--out: expected a file to write, received the {kind} {str(parsed.out)!r}; name a file")

    # Hydra, OpenCV and Jinja, which `--help` does not wait for.
    from chestbench.cli.asked import asked_for, described_like
    from chestbench.reports.look import in_text, write_page
    from chestbench.reports.looking import look_at

    overrides = [*parsed.overrides, *parsed.more]
    asked = asked_for(parsed.path, overrides, parsed.conf)
    look = look_at(asked)
    encoding = sys.stdout.encoding or "utf-8"
    print(in_text(look, width_of_terminal()).encode(encoding, "replace").decode(encoding))
    try:
        write_page(parsed.out, look)
    except OSError as error:
        raise ChestbenchError(
            f"--out: expected a file that can be written, received {str(parsed.out)!r}: {error.strerror}; name another"
        ) from None
    published = described_like(asked.path, parsed.conf) if asked.config.dataset.source == "folder" else None
    if published and not any(override.startswith("dataset=") for override in overrides):
        print(
            f"\nIt has the name of a set that conf/dataset/{published}.yaml describes (classes, split, licence): "
            f"chestbench look {parsed.path} dataset={published}"
        )
    print(f"\nwrote {parsed.out}, the same with pictures")
    return 1 if look.refusal else 0
