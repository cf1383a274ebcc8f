"""`chestbench params [KEY=VALUE ...]`: write params.yaml from conf/."""

import argparse
import tempfile
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_bytes
from chestbench.core.gate import BROKEN_LINK, FILE, kind_of
from chestbench.core.unique_yaml import load_yaml
from chestbench.repository.parameters import check_values, compose


def main(arguments: list[str]) -> int:
    """Compose the configuration of the current folder (or of --conf), check it and write it; return 0.

    Raises:
        ChestbenchError: no configuration there, overrides that it does not know, or wrong values; nothing is written.
    """
    parser = argparse.ArgumentParser(prog="chestbench params", description="Write params.yaml from conf/.")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="as after `dvc exp run -S`")
    parser.add_argument("--conf", type=Path, default=Path("conf"), help="folder of the configuration (conf)")
    parser.add_argument("--output", type=Path, default=Path("params.yaml"), help="file to write (params.yaml)")
    parsed = parser.parse_args(arguments)
    if not (parsed.conf / "config.yaml").is_file():
        raise ChestbenchError(
            f"expected the folder of the configuration, found no {parsed.conf / 'config.yaml'}; "
            "run this in the repository, or name the folder with --conf"
        )
    if (kind := kind_of(parsed.output)) not in (FILE, "nothing", BROKEN_LINK):  # what is there is replaced
        raise ChestbenchError(f"--output: expected a file, received the {kind} {str(parsed.output)!r}; name a file")
    with tempfile.TemporaryDirectory() as folder:
        # DVC goes by the ending of the name.
        composed = Path(folder) / f"composed{parsed.output.suffix}"
        compose(parsed.conf, composed, parsed.overrides)
        check_values(load_yaml(composed.read_text(encoding="utf-8")))
        write_bytes(parsed.output, composed.read_bytes())
    print(f"wrote {parsed.output}")
    return 0
