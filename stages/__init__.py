"""One short file per DVC stage: read parameters and inputs, call chestbench, write outputs.

Run one by hand with `python -m stages.NAME --help`. The line below makes a stage use the src/ of the checkout it
stands in, also when DVC runs it in the temporary folder of a queued experiment.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from chestbench.core.bytecode import mend_imports

mend_imports()
