"""`dvc exp run` checks what it composes of conf/ before it writes params.yaml, queues or removes anything.

DVC loads this through `hydra.plugins_path` in .dvc/config, before it composes. It has no hook behind the
composition, so the two functions that it composes with are wrapped; nothing else in DVC calls them. Without this file
`dvc exp run -S 'model.variants=[../../x]'` removes the folder x before the stage `check` can refuse the name, and a
password in `-S dataset.url=` stays in Git's objects.
"""

import os
import sys
from pathlib import Path
from typing import Any

import yaml
from dvc.exceptions import InvalidArgumentError
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

ROOT = Path(__file__).resolve().parents[2]
# The checkout that DVC works in, also where another one is installed.
sys.path.insert(0, str(ROOT / "src"))

from chestbench.core.errors import ChestbenchError  # noqa: E402
from chestbench.core.secrets import hide  # noqa: E402
from chestbench.repository.parameters import check_values, in_words  # noqa: E402

_load, _resolve = ConfigLoaderImpl.load_configuration, OmegaConf.resolve


def _refused(words: str) -> InvalidArgumentError:
    """Return what DVC prints without a traceback and without an invitation to report a fault of its own."""
    return InvalidArgumentError(f"{hide(words)}\nNothing was written, queued or run.")


def _load_in_words(self: Any, config_name: str | None, overrides: list[str], *rest: Any, **more: Any) -> Any:
    try:
        return _load(self, config_name, overrides, *rest, **more)
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
        raise _refused(in_words(Path(os.path.relpath(ROOT / "conf")), overrides, str(error))) from None


def _resolve_and_check(config: Any) -> None:
    try:
        _resolve(config)
        check_values(OmegaConf.to_container(config))
    except (OmegaConfBaseException, ChestbenchError) as error:
        raise _refused(str(error)) from None


ConfigLoaderImpl.load_configuration = _load_in_words  # type: ignore[method-assign]
OmegaConf.resolve = staticmethod(_resolve_and_check)  # type: ignore[method-assign]
