"""`chestbench vega`: the JavaScript that draws the pages of `dvc plots show`, in one local file.

DVC's own page loads Vega from the internet. .dvc/plots/page.html loads this file where it is there, and DVC's
address where it is not.
"""

import argparse
from pathlib import Path

from chestbench.core.errors import ChestbenchError

# DVC and .dvc/plots/*.json write Vega-Lite 5.
VEGA_LITE = "5.21"
TARGET = Path(".dvc/tmp/vega.js")


def main(arguments: list[str]) -> int:
    """Write Vega, Vega-Lite and Vega-Embed (0.9 MB) to .dvc/tmp/vega.js of the current repository; return 0."""
    description = f"Write the library that the pages of `dvc plots show` load without a network to {TARGET}."
    argparse.ArgumentParser(prog="chestbench vega", description=description).parse_args(arguments)
    if not Path(".dvc").is_dir():
        raise ChestbenchError(
            f"expected a repository with a .dvc folder, found none in {Path.cwd()}; run this in its root"
        )
    import vl_convert

    TARGET.parent.mkdir(exist_ok=True)
    # Its stub demands a snippet; without one it gives the three libraries as names of the page.
    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # type: ignore[call-arg]
    TARGET.write_text(bundle, encoding="utf-8")
    return 0
